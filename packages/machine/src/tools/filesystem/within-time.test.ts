/** A file action ends with its time, also when the file system never answers, and does not hold up everything (N6). */
import { expect, test } from 'vitest';
import { createFileActions } from './within-time.ts';

const never = new AbortController().signal;

test('N6: an action is told to stop at its time and when it is cancelled, and says which', async () => {
  const actions = createFileActions();
  const untilStopped = (signal: AbortSignal): Promise<never> =>
    new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
  await expect(actions.withinTime({ seconds: 0.05, signal: never }, untilStopped)).rejects.toMatchObject({
    code: 'timeout',
  });
  const cancel = new AbortController();
  const cancelled = actions.withinTime({ seconds: 20, signal: cancel.signal }, untilStopped);
  cancel.abort();
  await expect(cancelled).rejects.toMatchObject({ code: 'CANCELLED' });
  expect(await actions.withinTime({ seconds: 1, signal: never }, () => Promise.resolve('done'))).toBe('done');
});

test('N6: of a dead mount at most two actions wait; others are refused at once until it answers', async () => {
  const actions = createFileActions();
  const { promise: answer, resolve } = Promise.withResolvers<void>();
  const hanging = [1, 2].map(() => actions.withinTime({ seconds: 0.02, signal: never }, () => answer));
  for (const action of hanging)
    await expect(action).rejects.toMatchObject({
      code: 'FILE_REFUSED',
      message: expect.stringContaining('answer') as string,
    });
  const startedAt = performance.now();
  const refused = actions.withinTime({ seconds: 20, signal: never }, () => Promise.resolve());
  await expect(refused).rejects.toMatchObject({ code: 'FILE_REFUSED' });
  expect(performance.now() - startedAt).toBeLessThan(10_000);
  resolve();
  await answer;
  await new Promise((next) => setImmediate(next));
  expect(await actions.withinTime({ seconds: 1, signal: never }, () => Promise.resolve('again'))).toBe('again');
});

import { expect, test } from 'vitest';
import { oneAtATime } from './one-at-a-time.ts';

test('what is shown last was asked for last: asked for while an answer is under way, it is asked once more', async () => {
  const answers: PromiseWithResolvers<string>[] = [];
  const shown: string[] = [];
  const load = oneAtATime(async () => {
    const answer = Promise.withResolvers<string>();
    answers.push(answer);
    shown.push(await answer.promise);
  });
  const first = load();
  const saved = [load(), load()];
  expect(answers).toHaveLength(1);
  answers[0]?.resolve('before');
  await expect.poll(() => answers.length).toBe(2);
  answers[1]?.resolve('after');
  await Promise.all([first, ...saved]);
  expect(shown).toEqual(['before', 'after']);
});

test('asked for in the very moment that it ends, it is asked again', async () => {
  let asked = 0;
  const load = oneAtATime(async () => {
    asked += 1;
    if (asked === 1) void Promise.resolve().then(Promise.resolve.bind(Promise)).then(load);
  });
  await load();
  await expect.poll(() => asked).toBe(2);
});

test('one that fails does not keep the next from being asked', async () => {
  let asked = 0;
  const load = oneAtATime(async () => {
    asked += 1;
    if (asked === 1) throw new Error('away');
  });
  await expect(load()).rejects.toThrow('away');
  await load();
  expect(asked).toBe(2);
});

import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { Patience, SilenceError } from './patience.ts';

const never = new Promise<never>(() => undefined);
const soonMs = 20;
const longMs = 60_000;

test('A4: what comes in time is had, what fails fails', async () => {
  using patience = new Patience(new AbortController().signal);
  expect(await patience.within(longMs, Promise.resolve('one'))).toBe('one');
  await expect(patience.within(longMs, Promise.reject(new Error('two')))).rejects.toThrow('two');
  expect(await patience.within(longMs, Promise.resolve('three'))).toBe('three');
  expect(patience.signal.aborted).toBe(false);
});

test('A4: silence ends the wait and whatever goes on with the signal; between two waits nobody is silent', async () => {
  using patience = new Patience(new AbortController().signal);
  await patience.within(soonMs, Promise.resolve());
  // Begun later, so over later.
  await new Promise((resolve) => setTimeout(resolve, soonMs + 1));
  expect(patience.silence).toBeUndefined();
  await expect(patience.within(soonMs, never)).rejects.toBeInstanceOf(SilenceError);
  expect(patience.silence?.afterMs).toBe(soonMs);
  expect(patience.signal.aborted).toBe(true);
  await expect(patience.within(longMs, never)).rejects.toBeInstanceOf(SilenceError);
});

test('A4: a stop ends the wait with its reason, now and later, and leaves no listener', async () => {
  const stop = new AbortController();
  {
    using patience = new Patience(stop.signal);
    const waiting = patience.within(longMs, never);
    stop.abort('stopped');
    await expect(waiting).rejects.toBe('stopped');
    await expect(patience.within(longMs, never)).rejects.toBe('stopped');
    expect(patience.silence).toBeUndefined();
  }
  const other = new AbortController();
  const ended = new Patience(other.signal);
  expect(getEventListeners(other.signal, 'abort')).toHaveLength(1);
  ended[Symbol.dispose]();
  expect(getEventListeners(other.signal, 'abort')).toHaveLength(0);
});

/** What an agent tells waits for the run that keeps it, within a bound (I19). */
import type { AgentEvent } from '@navisai/agent';
import { expect, test } from 'vitest';
import { EventQueue, maxWaitingCharacters } from './event-queue.ts';

const piece = (text: string): AgentEvent => ({ type: 'delta', part: 0, kind: 'text', text });
const isPending = async (promise: Promise<unknown> | undefined): Promise<boolean> =>
  (await Promise.race([promise, new Promise((resolve) => setImmediate(() => resolve('pending')))])) === 'pending';

test('I19: everything comes in order, what came with the answer before it', async () => {
  using queue = new EventQueue();
  const answer = Promise.withResolvers<string>();
  const events = queue.until(answer.promise);
  queue.push([piece('a'), piece('b')]);
  expect((await events.next()).value).toEqual(piece('a'));
  expect((await events.next()).value).toEqual(piece('b'));
  queue.push([piece('c')]);
  answer.resolve('end');
  expect(await events.next()).toEqual({ done: false, value: piece('c') });
  expect(await events.next()).toEqual({ done: true, value: 'end' });
});

test('I19: an answer that fails is told after what was said before it', async () => {
  using queue = new EventQueue();
  queue.push([piece('a')]);
  const events = queue.until(Promise.reject(new Error('gone')));
  expect((await events.next()).value).toEqual(piece('a'));
  await expect(events.next()).rejects.toThrow('gone');
});

test('I19: a full queue has room when what waits was taken, or when nobody takes it any more', async () => {
  const queue = new EventQueue();
  const events = queue.until(new Promise<string>(() => undefined));
  expect(queue.room()).toBeUndefined();
  queue.push([piece('x'.repeat(maxWaitingCharacters)), piece('y')]);
  const room = queue.room();
  await events.next();
  expect(await isPending(room)).toBe(true);
  await events.next();
  await room;
  expect(queue.room()).toBeUndefined();
  queue.push([piece('x'.repeat(maxWaitingCharacters))]);
  const again = queue.room();
  queue[Symbol.dispose]();
  await again;
  queue.push([piece('x'.repeat(maxWaitingCharacters))]);
  expect(queue.room()).toBeUndefined();
});

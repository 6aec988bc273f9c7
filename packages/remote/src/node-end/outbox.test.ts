/** What leaves a node first: control before output, streams in turns, and never more output than the hub has read. */
import { expect, test } from 'vitest';
import { decodeBinaryFrame, nodeLinkWindowBytes } from '@navisai/protocol';
import type { Frame } from '@navisai/link';
import { Outbox } from './outbox.ts';
import { ServedStream } from './served-stream.ts';

const setUp = () => {
  const sent: Frame[] = [];
  const channel = { send: (frame: Frame) => void sent.push(frame), bufferedBytes: 0, close: () => undefined };
  const outbox = new Outbox(channel);
  const output = (): { channel: number; offset: number; length: number }[] =>
    sent.flatMap((frame) => {
      if (typeof frame === 'string') return [];
      const { channel: stream, offset, bytes } = decodeBinaryFrame(frame);
      return [{ channel: stream, offset, length: bytes.length }];
    });
  return { sent, channel, outbox, output };
};
const turns = async (count = 12): Promise<void> => {
  for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};
const bytesOf = (length: number): Uint8Array => new Uint8Array(length);

test('E1: the first output leaves at once; what follows is gathered into one frame', async () => {
  const { outbox, output } = setUp();
  const stream = new ServedStream(1, outbox);
  stream.output({ kind: 'output', offset: 0, bytes: bytesOf(10) });
  expect(output()).toEqual([{ channel: 1, offset: 0, length: 10 }]);
  stream.output({ kind: 'output', offset: 10, bytes: bytesOf(10) });
  stream.output({ kind: 'output', offset: 20, bytes: bytesOf(10) });
  expect(output()).toHaveLength(1);
  await turns();
  expect(output()).toEqual([
    { channel: 1, offset: 0, length: 10 },
    { channel: 1, offset: 10, length: 20 },
  ]);
  outbox.close();
});

test('B2: a flood waits for the hub to read, and results and other streams pass it', async () => {
  const { sent, outbox, output } = setUp();
  const flood = new ServedStream(1, outbox);
  for (let at = 0; at < 64; at += 1) flood.output({ kind: 'output', offset: at * 65_536, bytes: bytesOf(65_536) });
  await turns(200);
  const underWay = output().reduce((sum, { length }) => sum + length, 0);
  expect(underWay).toBeGreaterThanOrEqual(nodeLinkWindowBytes);
  expect(underWay).toBeLessThanOrEqual(nodeLinkWindowBytes + 128 * 1024);
  outbox.send('result');
  expect(sent.at(-1)).toBe('result');
  const echo = new ServedStream(2, outbox);
  echo.output({ kind: 'output', offset: 0, bytes: bytesOf(1) });
  outbox.received(outbox.sent - nodeLinkWindowBytes + 200_000);
  await turns();
  // Behind one frame of the flood at most.
  const after = output().slice(output().findIndex((_, index) => index >= underWay / 131_072));
  expect(after.findIndex(({ channel }) => channel === 2)).toBeLessThanOrEqual(1);
  expect(after.some(({ channel }) => channel === 2)).toBe(true);
  outbox.close();
});

test('E1: what nobody waits for lets output pass, is gathered, counts when it leaves, and is not kept when all is over', async () => {
  const { sent, outbox } = setUp();
  outbox.sendLate('answer');
  const stream = new ServedStream(1, outbox);
  stream.output({ kind: 'output', offset: 0, bytes: bytesOf(10) });
  expect(sent).toHaveLength(1);
  const before = outbox.sent;
  await expect.poll(() => sent.at(-1)).toBe('answer');
  expect(outbox.sent).toBe(before + 'answer'.length);
  for (let at = 0; at < 64; at += 1) outbox.sendLate(`answer ${at}`);
  expect(sent).toHaveLength(2 + 64);
  outbox.sendLate('too late');
  outbox.close();
  await new Promise((resolve) => setTimeout(resolve, 30));
  expect(sent.at(-1)).toBe('answer 63');
});

test('B2: output waits while the network takes nothing', async () => {
  const { channel, outbox, output } = setUp();
  channel.bufferedBytes = 1024 * 1024;
  const stream = new ServedStream(1, outbox);
  stream.output({ kind: 'output', offset: 0, bytes: bytesOf(10) });
  await turns();
  expect(output()).toEqual([]);
  channel.bufferedBytes = 0;
  outbox.received(0);
  expect(output()).toHaveLength(1);
  outbox.close();
});

test('T17: gaps, other streams and marks end a frame; a frame holds 128 KiB at most', async () => {
  const { sent, outbox, output } = setUp();
  const stream = new ServedStream(1, outbox);
  const add = (offset: number, length: number): void =>
    stream.output({ kind: 'output', offset, bytes: bytesOf(length) });
  add(0, 1);
  add(1, 200_000);
  add(300_000, 5);
  stream.tell({ type: 'skipped', channel: 1, from: 300_005, to: 400_000 });
  add(400_000, 7);
  for (let turn = 0; turn < 10; turn += 1) {
    await turns();
    outbox.received(outbox.sent);
  }
  expect(output()).toEqual([
    { channel: 1, offset: 0, length: 1 },
    { channel: 1, offset: 1, length: 131_072 },
    { channel: 1, offset: 131_073, length: 68_928 },
    { channel: 1, offset: 300_000, length: 5 },
    { channel: 1, offset: 400_000, length: 7 },
  ]);
  expect(sent.findIndex((frame) => typeof frame === 'string')).toBe(4);
  outbox.close();
});

/** The output of a call for its reader: each byte once, asked for again until its true end. */
import type { BinaryFrame, HubEvent } from '@navisai/protocol';
import { expect, test, vi } from 'vitest';
import { CallFollower } from './call-stream.ts';
import type { Wire } from './follower.types.ts';

const call = { sessionId: 's_0000', callId: 'c_00000000', nodeId: 'n_0000' };

const endOf = (exitCode: number | null): HubEvent => ({
  type: 'call.end',
  data: { callId: call.callId, exitCode, signal: null },
  timestamp: '2026-01-01T00:00:00.000Z',
});

const frame = (offset: number, text: string): BinaryFrame => ({
  kind: 'output',
  channel: 1,
  offset,
  bytes: new TextEncoder().encode(text),
});

const follow = () => {
  const asked: string[] = [];
  const wire = { resubscribe: () => asked.push('again'), leave: () => asked.push('leave') } as unknown as Wire;
  let text = '';
  const ends: (number | null)[] = [];
  const onOutput = ({ bytes }: { bytes: Uint8Array }): void => void (text += new TextDecoder().decode(bytes));
  const handlers = { onOutput, onEnd: ({ exitCode }: { exitCode: number | null }) => void ends.push(exitCode) };
  const follower = new CallFollower({ call, handlers, wire });
  return { follower, asked, ends, text: () => text };
};

test('N7: an end without code and signal is told, and the rest is asked for again from its offset', async () => {
  const { follower, asked, ends, text } = follow();
  follower.onBytes(frame(0, 'abc'));
  follower.onEvent(endOf(null));
  await vi.waitFor(() => expect(ends).toEqual([null]));
  expect(asked).toEqual([]);
  follower.refresh();
  expect(asked).toEqual(['again']);
  expect(follower.request()).toEqual({ kind: 'call', ...call, stdout: 3, stderr: 0 });
  follower.onBytes(frame(1, 'bcde'));
  follower.onEvent(endOf(0));
  await vi.waitFor(() => expect(ends).toEqual([null, 0]));
  expect([text(), asked]).toEqual(['abcde', ['again', 'leave']]);
});

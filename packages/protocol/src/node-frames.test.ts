/** The frames between hub and node: bytes travel whole, nothing malformed passes, and what version 1 says stays valid. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeBinaryFrame } from './binary-frame.ts';
import { maxInputBytes } from './limits.ts';
import {
  encodeFrameWithBytes,
  encodeOutputFrame,
  isWithBytes,
  maxNodeFrameBytes,
  parseHubFrame,
  parseNodeFrame,
} from './node-frames.ts';
import type { HubFrame } from './node-frames.ts';

const sessionId = 's_0123456789abcdef';
const callId = 'c_0123456789abcdef';
const runId = 'r_0123456789abcdef';

test('T17: bytes of any kind travel beside their frame unchanged', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 500 }), fc.nat(), (bytes, id) => {
      const encoded = encodeFrameWithBytes({ type: 'response', id, value: { text: 'é\u0000' } }, bytes);
      expect(isWithBytes(encoded)).toBe(true);
      const parsed = parseNodeFrame(encoded);
      expect(parsed).toMatchObject({ frame: { type: 'response', id, value: { text: 'é\u0000' } } });
      expect('frame' in parsed && parsed.bytes).toEqual(new Uint8Array(bytes));
    }),
  );
});

test('T17: output made of pieces is one frame with the bytes of all', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 50 })), fc.nat(), (pieces, offset) => {
      const encoded = encodeOutputFrame({ kind: 'stderr', channel: 7, offset }, pieces);
      expect(isWithBytes(encoded)).toBe(false);
      const { bytes, ...head } = decodeBinaryFrame(encoded);
      expect(head).toEqual({ kind: 'stderr', channel: 7, offset });
      expect(Buffer.from(bytes)).toEqual(Buffer.concat(pieces));
    }),
  );
});

test('N6: whatever comes is a frame, of an unknown type or malformed; nothing is thrown', () => {
  const message = fc.oneof(
    fc.string(),
    fc.json(),
    fc.uint8Array({ maxLength: 40 }).map((bytes) => new Uint8Array([16, 0, 0, 0, ...bytes])),
  );
  fc.assert(
    fc.property(message, (input) => {
      for (const parsed of [parseHubFrame(input), parseNodeFrame(input)])
        expect('frame' in parsed || parsed.kind === 'unknown' || parsed.kind === 'malformed').toBe(true);
    }),
  );
  expect(parseHubFrame('{"type":"from_the_future"}')).toEqual({ kind: 'unknown', type: 'from_the_future' });
  expect(parseHubFrame('{"type":"cancel"}')).toMatchObject({ kind: 'malformed' });
  expect(parseHubFrame(new Uint8Array([16, 0, 0]))).toMatchObject({ kind: 'malformed' });
});

test('T22: the largest input, all control characters, fits a call', () => {
  const input = '\u0001'.repeat(maxInputBytes);
  const call: HubFrame = {
    type: 'call',
    sessionId,
    callId,
    userId: 'u_1',
    origin: 'agent',
    tool: 'terminal',
    arguments: { action: 'send_input', terminal_name: 't', input },
    deadlineMs: 330_000,
  };
  const encoded = JSON.stringify(call);
  expect(encoded.length).toBeLessThan(maxNodeFrameBytes);
  expect(parseHubFrame(encoded)).toMatchObject({ frame: { arguments: { input } } });
});

/** As the first version sent them: never to be changed here. */
const terminal = {
  id: 't_0123456789abcdef',
  sessionId,
  name: 'web',
  description: 'Dev server',
  command: 'npm run dev',
  nodeId: 'n_1',
  status: 'busy',
  background: true,
  keepAlive: false,
  pid: 7,
  startedAt: '2026-01-01T00:00:00.000Z',
  uptime: 1.5,
  lastActivityAt: '2026-01-01T00:00:00.000Z',
  exitCode: null,
  signal: null,
  exitedAt: null,
  reason: null,
  columns: 120,
  rows: 40,
  title: '',
  firstOffset: 0,
  endOffset: 9,
  controller: null,
  viewers: 0,
};
const load = { at: terminal.startedAt, cpus: 2, load1: 0, memoryBytes: 1, freeMemoryBytes: 1, uptime: 1 };
const usage = { inputTokens: 1, outputTokens: 1, cachedInputTokens: 0 };
const wholeUsage = { ...usage, modelMs: 1, durationMs: 2.5, turns: 1 };
const result = { success: false, output: 'x', error: { code: 'timeout', message: 'x' }, metadata: { exit_code: 1 } };
const toolCall = { callId, tool: 'terminal', arguments: { action: 'run' } };
const messages = [
  { role: 'user', text: 'x', attachments: [{ name: 'a.png', mediaType: 'image/png', data: 'AAAA' }], isSummary: true },
  {
    role: 'assistant',
    parts: [
      { type: 'thinking', text: 'x', provider: { signature: 'y' } },
      { type: 'text', text: 'x' },
      { type: 'tool_call', ...toolCall },
    ],
  },
  { role: 'tool', results: [{ callId, tool: 'terminal', output: 'x', success: true }] },
];
const tools = [{ name: 'terminal', description: 'x', schema: { type: 'object' } }];
const spec = {
  nodeId: 'n_1',
  system: 'x',
  messages,
  tools,
  model: 'a/b',
  contextTokens: 1000,
  temperature: 0.5,
  limits: { maxTurns: 1, maxTokens: 1 },
};
const modelEvents = [
  { type: 'text', text: 'x' },
  { type: 'thinking', text: 'x', provider: 1 },
  { type: 'tool_call_piece', key: 'k', tool: 'terminal', text: '{' },
  { type: 'tool_call', key: 'k', tool: 'terminal', arguments: {} },
  { type: 'model', reference: 'a/b', contextTokens: 1 },
  { type: 'notice', kind: 'retry', text: 'x' },
  { type: 'end', reason: 'stop', usage },
  { type: 'error', error: { code: 'OVERLOADED', message: 'x', isRetryable: true, retryAfterMs: 1 } },
];
const agentEvents = [
  { type: 'begun' },
  { type: 'model', reference: 'a/b' },
  { type: 'delta', part: 0, kind: 'text', text: 'x' },
  { type: 'call_delta', part: 1, callId, tool: 'terminal', text: '{' },
  { type: 'result', part: 2, callId, tool: 'terminal', result },
  ...messages.map((message) => ({ type: 'message', message })),
  { type: 'compacted', messages, beforeTokens: 2, afterTokens: 1 },
  { type: 'notice', kind: 'compaction', text: 'x' },
  { type: 'usage', usage: wholeUsage },
  { type: 'end', reason: 'interrupted', usage: wholeUsage, error: { code: 'X', message: 'x' } },
];
const hubFrames = [
  { type: 'begin', service: null, event: 0 },
  { type: 'call', sessionId, callId, userId: 'u_1', origin: 'person', tool: 'terminal', arguments: {}, deadlineMs: 1 },
  { type: 'cancel', sessionId, callId },
  { type: 'taken', sessionId, callId },
  { type: 'ack', sessionId, callId },
  { type: 'request', id: 1, ask: { name: 'input', terminalId: terminal.id } },
  { type: 'responder', terminalId: terminal.id, responder: 'viewer' },
  { type: 'attach', channel: 1, terminalId: terminal.id, snapshot: true, scrollback: 1000, windowBytes: 262_144 },
  { type: 'watch', channel: 2, sessionId, callId, stdout: 0, stderr: 0 },
  { type: 'acknowledge', channel: 1, offset: 9 },
  { type: 'close', channel: 1 },
  { type: 'received', bytes: 9 },
  { type: 'pulse', sent: 9 },
  { type: 'begin', service: 'x', event: 1, runs: [{ runId, event: 3 }] },
  { type: 'agent_start', runId, sessionId, token: 'x'.repeat(43), spec },
  { type: 'agent_stop', runId, reason: 'x' },
  { type: 'agent_kept', runId, number: 3 },
  ...modelEvents.map((event, index) => ({
    type: 'agent_answer',
    runId,
    id: 1,
    number: index + 1,
    answer: { type: 'model', event },
    isLast: false,
  })),
  { type: 'agent_answer', runId, id: 2, number: 1, answer: { type: 'result', result }, isLast: true },
];
const exit = { exitCode: 0, signal: null, at: terminal.startedAt, kind: 'exited' };
const nodeFrames = [
  { type: 'state', service: 'x', terminals: [terminal] },
  { type: 'synced', service: 'x', event: 1 },
  { type: 'event', number: 1, event: { type: 'terminal.exited', terminal, exit } },
  { type: 'result', sessionId, callId, result: { success: true, output: '', metadata: {} } },
  { type: 'cancelled', sessionId, callId },
  { type: 'response', id: 1, error: { code: 'NOT_FOUND', message: 'x' } },
  { type: 'heartbeat', load },
  { type: 'screen_part', channel: 1, part: 0 },
  { type: 'skipped', channel: 1, from: 0, to: 9 },
  { type: 'exit', channel: 1, exit },
  { type: 'overflow', channel: 1 },
  { type: 'end', channel: 2, exitCode: 0, signal: null },
  { type: 'closed', channel: 1 },
  ...agentEvents.map((event, index) => ({ type: 'agent_event', runId, number: index + 1, event })),
  { type: 'agent_ask', runId, id: 1, token: 'x', after: 0, ask: { name: 'call', ...toolCall } },
  {
    type: 'agent_ask',
    runId,
    id: 2,
    token: 'x',
    after: 1,
    ask: { name: 'model', request: { system: 'x', messages, tools, temperature: 1, maxOutputTokens: 1 } },
  },
  { type: 'agent_taken', runId, id: 1, number: 1, isDone: true },
  { type: 'agent_cancel', runId, id: 1 },
  { type: 'agent_lost', runId, reason: 'x' },
];

test.each(hubFrames)(
  'N2: version 1 of $type from a hub is understood, also with fields that are not known',
  (frame) => {
    expect(parseHubFrame(JSON.stringify({ ...frame, fromTheFuture: 1 }))).toMatchObject({ frame });
  },
);

test.each(nodeFrames)(
  'N2: version 1 of $type from a node is understood, also with fields that are not known',
  (frame) => {
    expect(parseNodeFrame(JSON.stringify({ ...frame, fromTheFuture: 1 }))).toMatchObject({ frame });
  },
);

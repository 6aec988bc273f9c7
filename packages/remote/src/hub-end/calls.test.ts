/** Calls, requests and errands of the hub's end over connections that come and go. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { ToolCallRequest } from '@navisai/machine';
import type { ToolResult } from '@navisai/protocol';
import { callId, createScriptedHub, sessionId, terminalId, terminalOf } from '../scripted-node.fixture.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const request: ToolCallRequest = {
  tool: 'terminal',
  arguments: { action: 'run', command: 'true', timeout: 5 },
  sessionId,
  callId,
  userId: 'u_1',
  origin: 'person',
};
const result: ToolResult = { success: true, output: 'done', metadata: { exit_code: 0 } };

test('N5: a call to a node that is away is answered at once', async () => {
  const { remote } = createScriptedHub();
  expect(await remote.execute(request)).toMatchObject({
    success: false,
    error: { code: 'NODE_OFFLINE' },
    metadata: { call_id: callId, node_id: remote.nodeId },
  });
});

test('N7: a call without a result is asked again on the next connection, and a result that comes twice is one', async () => {
  const { remote, connect } = createScriptedHub();
  const first = connect();
  first.sync();
  const answer = remote.execute(request);
  const joined = remote.execute(request);
  first.cut();
  const second = connect();
  expect(second.framesOf('call')).toEqual(first.framesOf('call'));
  second.sync();
  second.say({ type: 'result', sessionId, callId, result });
  second.say({ type: 'result', sessionId, callId, result });
  expect(await answer).toMatchObject({ success: true, output: 'done', metadata: { node_id: remote.nodeId } });
  expect(await joined).toEqual(await answer);
  await vi.advanceTimersByTimeAsync(0);
  expect(second.framesOf('taken')).toContainEqual({ type: 'taken', sessionId, callId });
  second.cut();
  expect(connect().framesOf('call')).toEqual([]);
});

test('N6: at its deadline a call is answered, and the node is told to stop until it says that nothing is left', async () => {
  const { remote, connect } = createScriptedHub();
  const first = connect();
  first.sync();
  const answer = remote.execute(request);
  first.cut();
  await vi.advanceTimersByTimeAsync(5_000 + 30_000);
  expect(await answer).toMatchObject({ success: false, error: { code: 'DEADLINE' } });
  const second = connect();
  expect(second.framesOf('call')).toEqual([]);
  expect(second.framesOf('cancel')).toEqual([{ type: 'cancel', sessionId, callId }]);
  second.cut();
  const third = connect();
  third.say({ type: 'cancelled', sessionId, callId });
  third.cut();
  expect(connect().framesOf('cancel')).toEqual([]);
});

test('N6: the deadline never passes the largest limit of a tool and its margin', async () => {
  const { remote, connect } = createScriptedHub();
  connect().sync();
  const waits = { action: 'open', command: 'x', timeout: 300, wait_for: { exit: true, timeout: 300 } };
  const answer = remote.execute({ ...request, arguments: waits });
  await vi.advanceTimersByTimeAsync(330_000);
  expect(await answer).toMatchObject({ error: { code: 'DEADLINE' } });
});

test('N6: cancelling reaches a node that is away at its next connection, and resolves with the answer', async () => {
  const { remote, connect } = createScriptedHub();
  const first = connect();
  first.sync();
  const answer = remote.execute(request);
  first.cut();
  const cancelled = remote.cancelCall({ sessionId, callId });
  const second = connect();
  // Behind the call: a node that has never heard of it must not begin it afterwards.
  const asked = second.sent.flatMap(({ type }) => (type === 'call' || type === 'cancel' ? [type] : []));
  expect(asked).toEqual(['call', 'cancel']);
  const error = { code: 'CANCELLED', message: 'x' };
  second.say({ type: 'result', sessionId, callId, result: { success: false, output: '', error, metadata: {} } });
  await cancelled;
  expect(await answer).toMatchObject({ error: { code: 'CANCELLED' } });
});

test('N6: new work is refused while the node does not read, and the rest goes on', async () => {
  const { remote, connect } = createScriptedHub();
  const connection = connect();
  connection.sync([terminalOf()]);
  connection.buffered = 20 * 1024 * 1024;
  expect(await remote.execute(request)).toMatchObject({ error: { code: 'RATE_LIMITED' } });
  await expect(remote.input(terminalId, Buffer.from('x'))).rejects.toMatchObject({ code: 'RATE_LIMITED' });
  expect(connection.closes).toEqual([]);
});

test('N7: a call that is larger than a frame is refused, and 1 MiB of control characters passes', async () => {
  const { remote, connect } = createScriptedHub();
  const connection = connect();
  connection.sync();
  const huge = { action: 'send_input', input: '\u0001'.repeat(2 * 1024 * 1024) };
  expect(await remote.execute({ ...request, arguments: huge })).toMatchObject({ error: { code: 'PAYLOAD_TOO_LARGE' } });
  void remote.execute({ ...request, arguments: { action: 'send_input', input: '\u0001'.repeat(1024 * 1024) } });
  expect(connection.framesOf('call')).toHaveLength(1);
  await remote[Symbol.asyncDispose]();
});

test('T18: input while the link is down is refused and not sent later', async () => {
  const { remote, connect } = createScriptedHub();
  connect().sync([terminalOf()]);
  remote.drop(1001, 'x');
  await expect(remote.input(terminalId, Buffer.from('rm -rf x\r'))).rejects.toMatchObject({ code: 'LINK_DOWN' });
  await expect(remote.resize(terminalId, { columns: 80, rows: 24 })).rejects.toMatchObject({ code: 'LINK_DOWN' });
  const second = connect();
  second.sync([terminalOf()]);
  expect(second.framesOf('request')).toEqual([]);
});

test('T18: input whose answer was lost with the link says so, and is never sent twice', async () => {
  const { remote, connect } = createScriptedHub();
  const first = connect();
  first.sync([terminalOf()]);
  const written = remote.input(terminalId, Buffer.from('y\r'));
  expect(first.framesOf('request')).toHaveLength(1);
  first.cut();
  await expect(written).rejects.toMatchObject({ code: 'LINK_DOWN', message: expect.stringContaining('not known') });
  expect(connect().framesOf('request')).toEqual([]);
});

test('N6: a request that is not answered ends at its deadline', async () => {
  const { remote, connect } = createScriptedHub();
  connect().sync([terminalOf()]);
  const asked = remote.policy().catch((error: unknown) => error);
  await vi.advanceTimersByTimeAsync(30_000);
  expect(await asked).toMatchObject({ code: 'DEADLINE' });
});

test('N6: a session that is closed while its node is away is closed there at the next connection, once', async () => {
  const { remote, connect } = createScriptedHub();
  const first = connect();
  first.sync([terminalOf()]);
  const answer = remote.execute(request);
  first.cut();
  await remote.closeSession(sessionId, 'gone');
  expect(await answer).toMatchObject({ error: { code: 'CANCELLED' } });
  const second = connect();
  const [asked] = second.framesOf('request');
  expect(asked?.ask).toEqual({ name: 'closeSession', sessionId, reason: 'gone' });
  second.say({ type: 'response', id: asked?.id ?? 0, value: null });
  await vi.advanceTimersByTimeAsync(0);
  second.cut();
  expect(connect().framesOf('request')).toEqual([]);
});

test('A8: who answers queries of a terminal is told again on the next connection', () => {
  const { remote, connect } = createScriptedHub();
  connect().sync([terminalOf()]);
  remote.setQueryResponder(terminalId, 'viewer');
  remote.drop(1001, 'x');
  expect(connect().framesOf('responder')).toEqual([{ type: 'responder', terminalId, responder: 'viewer' }]);
});

test('N6: a hub that leaves says that its calls go on', async () => {
  const { remote, connect } = createScriptedHub();
  const connection = connect();
  connection.sync();
  const answer = remote.execute(request);
  await remote[Symbol.asyncDispose]();
  expect(await answer).toMatchObject({ error: { code: 'HUB_UNREACHABLE' } });
  expect(connection.closes).toMatchObject([{ code: 1001 }]);
});

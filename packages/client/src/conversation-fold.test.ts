/** Behaviour of the fold of a conversation. */
import { newId } from '@navisai/protocol';
import type { ApprovalOf, HubEvent } from '@navisai/protocol';
import { expect, test } from 'vitest';
import { emptyConversation, foldConversation } from './conversation-fold.ts';
import { createLog } from './conversation-log.fixture.ts';
import { conversationKeys } from './conversation-places.ts';
import { callStateOf, livingRun } from './conversation-state.ts';
import type { ConversationItem, ConversationState } from './conversation.types.ts';

const fold = (events: readonly HubEvent[], from = emptyConversation): ConversationState =>
  events.reduce(foldConversation, from);
const itemsOf = (state: ConversationState): (ConversationItem | undefined)[] =>
  conversationKeys(state).map((key) => state.items.get(key));
const textOf = (item: ConversationItem | undefined): string => {
  if (item?.kind === 'message') return `> ${item.message.text}`;
  if (item?.kind === 'text' || item?.kind === 'thinking') return `${item.kind}: ${item.body.text}`;
  if (item?.kind === 'call') return `call ${item.tool}`;
  return item?.kind ?? 'nothing';
};
const shown = (state: ConversationState): string[] => itemsOf(state).map(textOf);
const callOf = (state: ConversationState, callId: string) => {
  const item = state.items.get(`call/${callId}`);
  if (item?.kind !== 'call') throw new Error('no such call');
  return item;
};
const started = (callId: string) =>
  ({
    callId,
    tool: 'terminal',
    action: 'run',
    summary: 'ls',
    nodeId: 'main',
    userId: 'u_owner',
    origin: 'agent',
  }) as const;
const ended = (callId: string, success = true) => ({
  callId,
  tool: 'terminal',
  nodeId: 'main',
  success,
  error: null,
  exitCode: success ? 0 : 3,
  durationMs: 12,
});

test('N9: a run shows what was said, thought, called and answered, in the order of its parts', () => {
  const log = createLog();
  const callId = newId('call');
  log.say('list the files');
  const streamId = log.start();
  log.add('stream_delta', { streamId, part: 0, kind: 'thinking', offset: 0, text: 'Let me look.' });
  log.add('tool_started', started(callId));
  log.call(streamId, 1, { callId });
  log.add('tool_call', ended(callId));
  log.add('stream_delta', {
    streamId,
    part: 2,
    kind: 'tool_result',
    offset: 0,
    text: 'a.txt',
    callId,
    tool: 'terminal',
    success: true,
  });
  log.add('stream_delta', { streamId, part: 3, kind: 'text', offset: 0, text: 'There is a.txt.' });
  log.end(streamId);
  const state = fold(log.rows);
  expect(shown(state)).toEqual([
    '> list the files',
    'thinking: Let me look.',
    'call terminal',
    'text: There is a.txt.',
    'end',
  ]);
  const call = callOf(state, callId);
  expect(call.result?.text).toBe('a.txt');
  expect(call.ended?.durationMs).toBe(12);
  expect(callStateOf(call, state.runs.get(streamId))).toBe('succeeded');
  expect(state.activeRuns).toEqual([]);
});

test('N9: a call goes from being written over waiting for a decision and running to its end', () => {
  const log = createLog();
  const callId = newId('call');
  const streamId = log.start();
  const steps: string[] = [];
  let state = fold(log.rows);
  const look = (event: HubEvent): void => {
    state = foldConversation(state, event);
    steps.push(callStateOf(callOf(state, callId), state.runs.get(streamId)));
  };
  look(log.call(streamId, 0, { callId, text: '{"action":' }));
  look(
    log.add('stream_delta', {
      streamId,
      part: 0,
      kind: 'tool_call',
      offset: 10,
      text: '"run"}',
      callId,
      tool: 'terminal',
    }),
  );
  const approval = (decision: 'pending' | 'approved') =>
    ({
      type: 'approval.updated',
      data: {
        seq: 1,
        approval: {
          kind: 'call',
          id: 'a_1',
          state: decision,
          createdAt: '',
          detail: { call: { callId, tool: 'terminal' }, requester: { kind: 'agent', name: 'Developer' } },
        } as unknown as ApprovalOf<'call'>,
      },
      timestamp: '',
    }) as const;
  look(approval('pending'));
  look(approval('approved'));
  look(approval('pending'));
  look(log.add('tool_started', started(callId)));
  look(log.add('tool_call', ended(callId, false)));
  expect(steps).toEqual(['writing', 'pending', 'waiting', 'pending', 'pending', 'running', 'failed']);
  expect(conversationKeys(state)).toEqual([`call/${callId}`]);
});

test('A3: a message sent meanwhile waits until the next turn, and stands where it was said', () => {
  const log = createLog();
  const callId = newId('call');
  log.say('build it');
  const streamId = log.start();
  log.call(streamId, 0, { callId });
  const messageId = log.say('with tests');
  const queued = fold(log.rows);
  expect(queued.items.get(`message/${messageId}`)).toMatchObject({ isQueued: true });
  log.add('stream_delta', { streamId, part: 1, kind: 'tool_result', offset: 0, text: 'ok', callId, success: true });
  expect(fold(log.rows).items.get(`message/${messageId}`)).toMatchObject({ isQueued: true });
  log.add('stream_delta', { streamId, part: 2, kind: 'text', offset: 0, text: 'With tests.' });
  const taken = fold(log.rows);
  expect(taken.items.get(`message/${messageId}`)).toMatchObject({ isQueued: false });
  expect(shown(taken)).toEqual(['> build it', 'call terminal', '> with tests', 'text: With tests.']);
});

test('A3: an edited message sets everything from the first version on aside', () => {
  const log = createLog();
  log.say('keep');
  const first = log.say('wrong');
  const streamId = log.start();
  log.add('stream_delta', { streamId, part: 0, kind: 'text', offset: 0, text: 'Wrong, then.' });
  log.end(streamId);
  log.say('right', { replaces: first });
  const state = fold(log.rows);
  expect(shown(state)).toEqual(['> keep', 'aside', '> right']);
  const aside = itemsOf(state)[1];
  expect(aside?.kind === 'aside' && aside.keys.map((key) => textOf(state.items.get(key)))).toEqual([
    '> wrong',
    'text: Wrong, then.',
    'end',
  ]);
});

test('T23: a sub-agent stands at the call that started it, with its own calls', () => {
  const log = createLog();
  const parentCall = newId('call');
  const inner = newId('call');
  const streamId = log.start();
  log.call(streamId, 0, { callId: parentCall, tool: 'spawn_agent' });
  const child = log.start({ parent: { streamId, callId: parentCall }, depth: 1 });
  log.add('tool_started', started(inner));
  log.call(child, 0, { callId: inner });
  log.end(child);
  const state = fold(log.rows);
  expect(shown(state)).toEqual(['call spawn_agent']);
  expect(callOf(state, parentCall).children).toEqual([child]);
  expect(state.runs.get(child)?.items.map(({ key }) => key)).toEqual([`call/${inner}`, `${child}/end`]);
  expect(state.activeRuns).toEqual([streamId]);
});

test('N9: calls of people, and what a machine told of a call whose agent fell silent, are shown', () => {
  const log = createLog();
  const own = newId('call');
  const silent = newId('call');
  log.add('tool_started', { ...started(own), origin: 'person' });
  const streamId = log.start();
  log.add('tool_started', started(silent));
  log.end(streamId, { reason: 'interrupted', canContinue: true });
  const state = fold(log.rows);
  expect(conversationKeys(state)).toEqual([`call/${own}`, `call/${silent}`, `${streamId}/end`]);
  expect(callStateOf(callOf(state, silent), state.runs.get(streamId))).toBe('left');
});

test('A3, N7: a call of an interrupted run runs on while a run that continues it waits for its end', () => {
  const log = createLog();
  const callId = newId('call');
  const first = log.start();
  log.call(first, 0, { callId });
  log.add('tool_started', started(callId));
  log.end(first, { reason: 'interrupted', canContinue: true });
  const state = () => fold(log.rows);
  const standing = () => callStateOf(callOf(state(), callId), livingRun(state(), first));
  expect(standing()).toBe('left');
  const second = log.start({ continues: first });
  expect(standing()).toBe('running');
  log.end(second, { reason: 'interrupted', canContinue: true });
  expect(standing()).toBe('left');
  log.start({ continues: second });
  expect(standing()).toBe('running');
  log.add('tool_call', ended(callId));
  expect(standing()).toBe('succeeded');
});

test('A3: an error is told with the end of its run, and the plan is the newest one', () => {
  const log = createLog();
  const streamId = log.start();
  log.add('plan', { streamId, entries: [{ content: 'look', status: 'pending' }] });
  log.add('plan', { streamId, entries: [{ content: 'look', status: 'completed' }] });
  log.add('stream_notice', { streamId, kind: 'retry', text: 'Trying again.' });
  log.add('error', { streamId, code: 'INTERNAL', message: 'The model is away.', reason: 'UNREACHABLE' });
  log.end(streamId, { reason: 'failed', canContinue: true });
  const state = fold(log.rows);
  expect(shown(state)).toEqual(['plan', 'notice', 'end']);
  expect(state.items.get(state.planKey ?? '')).toMatchObject({ entries: [{ status: 'completed' }] });
  expect(itemsOf(state)[2]).toMatchObject({
    reason: 'failed',
    canContinue: true,
    error: { code: 'UNREACHABLE', message: 'The model is away.' },
  });
});

test('A4: a command shows as a call while it runs, then as what it answered', () => {
  const log = createLog();
  const callId = newId('call');
  log.say('!ls');
  const streamId = log.start();
  log.add('tool_started', { ...started(callId), origin: 'person' });
  expect(shown(fold(log.rows))).toEqual(['> !ls', 'call terminal']);
  log.add('tool_call', ended(callId));
  log.add('stream_notice', { streamId, kind: 'command', text: 'a.txt' });
  log.end(streamId);
  expect(shown(fold(log.rows))).toEqual(['> !ls', 'notice', 'end']);
});

test('A4: the output of a command stands without a run that began', () => {
  const log = createLog();
  log.say('!ls');
  const streamId = newId('run');
  log.add('stream_notice', { streamId, kind: 'command', text: 'a.txt' });
  expect(shown(fold(log.rows))).toEqual(['> !ls', 'notice']);
});

test('A3: a run that was left and that another went on from is not left any more', () => {
  const log = createLog();
  log.say('build it');
  const first = log.start();
  log.end(first, { reason: 'interrupted', canContinue: true });
  const left = fold(log.rows);
  expect(left.items.get(`${first}/end`)).toMatchObject({ isContinued: false });
  const second = log.start({ continues: first });
  log.end(second, { reason: 'interrupted', canContinue: true });
  const state = fold(log.rows);
  expect(state.items.get(`${first}/end`)).toMatchObject({ isContinued: true });
  expect(state.items.get(`${second}/end`)).toMatchObject({ isContinued: false });
});

test('I19, A2: what an agent of others wants and did not tell before stands where it is asked', () => {
  const log = createLog();
  const callId = newId('call');
  log.say('run the tests');
  const streamId = log.start();
  log.add('stream_delta', { streamId, part: 0, kind: 'text', offset: 0, text: 'I will run them.' });
  const detail = { call: { callId, tool: 'terminal' }, requester: { kind: 'acp', name: 'claude' } };
  const approval = { id: newId('approval'), kind: 'call', state: 'pending', createdAt: '', detail };
  const asked = {
    type: 'approval.request',
    data: { seq: 0, approval: approval as unknown as ApprovalOf<'call'> },
    timestamp: '',
  } as HubEvent;
  const state = fold([asked, asked], fold(log.rows));
  expect(shown(state)).toEqual(['> run the tests', 'text: I will run them.', 'call terminal']);
  // Told later after all, it stays where it is.
  log.call(streamId, 1, { callId });
  log.add('stream_delta', { streamId, part: 2, kind: 'text', offset: 0, text: 'Done.' });
  const told = fold(log.rows.slice(-2), state);
  expect(shown(told)).toEqual(['> run the tests', 'text: I will run them.', 'call terminal', 'text: Done.']);
});

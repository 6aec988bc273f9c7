/** The fold of a conversation: events in, what to show out; pure, and the same for live, kept and repeated events. */
import type { EventData, HubEvent } from '@navisai/protocol';
import { addChild, changeCall, foldApproval, placeLeftOvers } from './conversation-calls.ts';
import { addToTimeline, changeRun, ensureRun, placeInRun, putItem, setAside } from './conversation-places.ts';
import { ConversationTable } from './conversation-table.ts';
import { emptyText, layPiece } from './conversation-text.ts';
import type { CallItem, ConversationState, EndItem, MessageItem, RunState, TextItem } from './conversation.types.ts';

export const emptyConversation: ConversationState = {
  items: new ConversationTable(),
  runs: new ConversationTable(),
  timeline: [],
  activeRuns: [],
  unplaced: [],
  structure: 0,
  seq: 0,
  planKey: null,
};

/** The next state; the same object when the event tells nothing new. */
export const foldConversation = (state: ConversationState, event: HubEvent): ConversationState => {
  const next = foldEvent(state, event);
  const seq = 'seq' in event.data && typeof event.data.seq === 'number' ? event.data.seq : 0;
  return seq > next.seq && isOfSession(event) ? { ...next, seq } : next;
};

/** Copies of approvals carry the `seq` of the stream `hub`. */
const isOfSession = (event: HubEvent): boolean =>
  event.type !== 'approval.request' && event.type !== 'approval.updated';

const foldEvent = (state: ConversationState, event: HubEvent): ConversationState => {
  const at = event.timestamp;
  switch (event.type) {
    case 'message':
      return foldMessage(state, event.data, at);
    case 'stream_start':
      return foldStart(state, event.data, at);
    case 'stream_delta':
      return foldDelta(state, event.data, at);
    case 'stream_notice':
      return foldNotice(state, event.data, at);
    case 'plan':
      return foldPlan(state, event.data, at);
    case 'stream_end':
      return foldEnd(state, event.data, at);
    case 'error':
      return foldError(state, event.data, at);
    case 'tool_started':
      return changeCall(state, event.data, at, (call) =>
        call.started === null ? { ...call, tool: event.data.tool, started: event.data, startedAt: at } : call,
      );
    case 'tool_call':
      return changeCall(state, event.data, at, (call) =>
        call.ended === null ? { ...call, tool: event.data.tool, ended: event.data } : call,
      );
    case 'approval.request':
    case 'approval.updated':
      return event.data.approval.kind === 'call' ? foldApproval(state, event.data.approval) : state;
    default:
      return state;
  }
};

const foldMessage = (state: ConversationState, data: EventData<'message'>, at: string): ConversationState => {
  const key = `message/${data.messageId}`;
  if (state.items.get(key) !== undefined) return state;
  const { seq: _seq, ...message } = data;
  const cleared = data.replaces === null ? state : setAside(state, `message/${data.replaces}`, { by: key, at });
  const active = cleared.activeRuns.at(-1);
  const run = active === undefined ? undefined : cleared.runs.get(active);
  const item: MessageItem = { kind: 'message', key, at, message, isQueued: run !== undefined };
  const shown = putItem(cleared, item);
  if (run === undefined) return addToTimeline(shown, { kind: 'item', key });
  const placed = placeInRun(shown, run.streamId, { key, order: run.lastPart + 0.5 });
  return changeRun(placed, run.streamId, (one) => ({ ...one, queued: [...one.queued, key] }));
};

/** The next turn began: what was said meanwhile is taken. */
const takeQueued = (state: ConversationState, run: RunState): ConversationState => {
  if (run.queued.length === 0) return state;
  let next = state;
  for (const key of run.queued) {
    const item = next.items.get(key);
    if (item?.kind === 'message') next = putItem(next, { ...item, isQueued: false });
  }
  return changeRun(next, run.streamId, (one) => ({ ...one, queued: [] }));
};

const foldStart = (state: ConversationState, data: EventData<'stream_start'>, at: string): ConversationState => {
  const known = state.runs.get(data.streamId);
  if (known !== undefined && known.start !== null) return state;
  const ensured = ensureRun(state, { streamId: data.streamId, parent: data.parent, at });
  const end = ensured.items.get(`${data.streamId}/end`);
  const isOver = end?.kind === 'end' && end.reason !== null;
  const started = changeRun(markContinued(ensured, data.continues), data.streamId, (run) => ({
    ...run,
    start: data,
    startedAt: at,
    parent: data.parent,
    isRunning: !isOver,
  }));
  if (data.parent !== null) return addChild(started, data.parent.callId, { streamId: data.streamId, at });
  return isOver ? started : { ...started, activeRuns: [...started.activeRuns, data.streamId] };
};

/** What was left is not left any more. */
const markContinued = (state: ConversationState, streamId: string | null): ConversationState => {
  const end = streamId === null ? undefined : state.items.get(`${streamId}/end`);
  return end?.kind === 'end' ? putItem(state, { ...end, isContinued: true }) : state;
};

const foldDelta = (state: ConversationState, data: EventData<'stream_delta'>, at: string): ConversationState => {
  const { streamId, part } = data;
  const ensured = ensureRun(state, { streamId, parent: null, at });
  const next = reachPart(ensured, data);
  if (data.kind === 'text' || data.kind === 'thinking') return foldText(next, data, at);
  const { callId } = data;
  if (callId === undefined) return next;
  const change = (call: CallItem): CallItem => {
    const tool = data.tool ?? call.tool;
    if (data.kind === 'tool_call') {
      const pieced = layPiece(call.arguments, data);
      return pieced === call.arguments && tool === call.tool ? call : { ...call, tool, arguments: pieced };
    }
    const result = layPiece(call.result ?? emptyText, data);
    const success = data.success ?? call.success;
    const isSame = result === call.result && success === call.success && tool === call.tool;
    return isSame ? call : { ...call, tool, result, success };
  };
  return changeCall(next, { callId, place: { streamId, part } }, at, change);
};

const reachPart = (state: ConversationState, data: EventData<'stream_delta'>): ConversationState => {
  const run = state.runs.get(data.streamId);
  if (run === undefined || data.part <= run.lastPart) return state;
  const isTurn = data.kind !== 'tool_result';
  const taken = isTurn && run.isRunning ? takeQueued(state, run) : state;
  return changeRun(taken, data.streamId, (one) => ({ ...one, lastPart: data.part }));
};

const foldText = (state: ConversationState, data: EventData<'stream_delta'>, at: string): ConversationState => {
  const { streamId, part } = data;
  const kind = data.kind === 'thinking' ? 'thinking' : 'text';
  const key = `${streamId}/${part}`;
  const known = state.items.get(key);
  const before: TextItem =
    known?.kind === kind ? (known as TextItem) : { kind, key, at, streamId, part, body: emptyText };
  const body = layPiece(before.body, data);
  if (known !== undefined && body === before.body) return state;
  const next = putItem(state, { ...before, body });
  return known === undefined ? placeInRun(next, streamId, { key, order: part }) : next;
};

const foldNotice = (state: ConversationState, data: EventData<'stream_notice'>, at: string): ConversationState => {
  const { streamId } = data;
  const key = `${streamId}/notice/${data.seq}`;
  if (state.items.get(key) !== undefined) return state;
  const ensured = ensureRun(state, { streamId, parent: null, at });
  const order = (ensured.runs.get(streamId)?.lastPart ?? -1) + 0.5;
  const item = {
    kind: 'notice',
    key,
    at,
    streamId,
    notice: data.kind,
    text: data.text,
    content: data.content ?? null,
  } as const;
  const next = placeInRun(putItem(ensured, item), streamId, { key, order });
  return data.kind === 'command' ? withoutOwnCalls(next, streamId) : next;
};

/** What a person's command answered stands in its notice: the call that carried it out has no more to tell. */
const withoutOwnCalls = (state: ConversationState, streamId: string): ConversationState => {
  const isOwn = (key: string): boolean => {
    const item = state.items.get(key);
    return item?.kind === 'call' && item.started?.origin === 'person';
  };
  const next = changeRun(state, streamId, (run) => ({ ...run, items: run.items.filter(({ key }) => !isOwn(key)) }));
  return { ...next, structure: next.structure + 1 };
};

const foldPlan = (state: ConversationState, data: EventData<'plan'>, at: string): ConversationState => {
  const { streamId, seq, entries } = data;
  const key = `${streamId}/plan`;
  const known = state.items.get(key);
  if (known?.kind === 'plan' && known.seq >= seq) return state;
  const ensured = ensureRun(state, { streamId, parent: null, at });
  const run = ensured.runs.get(streamId);
  const next = putItem(ensured, { kind: 'plan', key, at: known?.at ?? at, streamId, seq, entries });
  const placed = known === undefined ? placeInRun(next, streamId, { key, order: (run?.lastPart ?? -1) + 0.5 }) : next;
  return run?.parent === null ? { ...placed, planKey: key } : placed;
};

const foldEnd = (state: ConversationState, data: EventData<'stream_end'>, at: string): ConversationState => {
  const { streamId, reason, usage, canContinue } = data;
  const key = `${streamId}/end`;
  const known = state.items.get(key);
  if (known?.kind === 'end' && known.reason !== null) return state;
  const ensured = ensureRun(state, { streamId, parent: null, at });
  const error = data.error ?? (known?.kind === 'end' ? known.error : null);
  const end: EndItem = { kind: 'end', key, at, streamId, reason, usage, error, canContinue, isContinued: false };
  const ended = putEnd(ensured, end);
  const run = ended.runs.get(streamId);
  const taken = run === undefined ? ended : takeQueued(ended, run);
  const stopped = changeRun(taken, streamId, (one) => ({ ...one, isRunning: false }));
  const rest = { ...stopped, activeRuns: stopped.activeRuns.filter((id) => id !== streamId) };
  return run?.parent === null ? placeLeftOvers(rest, streamId) : rest;
};

const foldError = (state: ConversationState, data: EventData<'error'>, at: string): ConversationState => {
  const { streamId } = data;
  if (streamId === undefined) return state;
  const key = `${streamId}/end`;
  if (state.items.get(key) !== undefined) return state;
  const ensured = ensureRun(state, { streamId, parent: null, at });
  const error = { code: data.reason ?? data.code, message: data.message };
  const facts = { reason: null, usage: null, canContinue: false, isContinued: false };
  return putEnd(ensured, { kind: 'end', key, at, streamId, error, ...facts });
};

const putEnd = (state: ConversationState, end: EndItem): ConversationState => {
  const isNew = state.items.get(end.key) === undefined;
  const next = putItem(state, end);
  return isNew ? placeInRun(next, end.streamId, { key: end.key, order: Number.MAX_SAFE_INTEGER }) : next;
};

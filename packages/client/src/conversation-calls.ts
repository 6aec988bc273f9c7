/** Calls in the fold of a conversation: what agent, machine and person tell of one is brought together, where it belongs. */
import type { ApprovalOf } from '@navisai/protocol';
import { addToTimeline, placeInRun, putItem } from './conversation-places.ts';
import { emptyText } from './conversation-text.ts';
import type { CallItem, ConversationState } from './conversation.types.ts';

interface CallPlace {
  callId: string;
  /** Where its agent made it. */
  place?: { streamId: string; part: number };
}

const newCall = (callId: string, at: string): CallItem => ({
  kind: 'call',
  key: `call/${callId}`,
  at,
  callId,
  streamId: null,
  tool: '',
  arguments: emptyText,
  started: null,
  startedAt: null,
  ended: null,
  result: null,
  success: null,
  approval: null,
  children: [],
});

/** Changes one call; one that is not known yet is put where it belongs. */
export const changeCall = (
  state: ConversationState,
  { callId, place }: CallPlace,
  at: string,
  change: (call: CallItem) => CallItem,
): ConversationState => {
  const key = `call/${callId}`;
  const known = state.items.get(key);
  const before = known?.kind === 'call' ? known : newCall(callId, at);
  const changed = change(before);
  if (place !== undefined && before.streamId === null) {
    const placed = putItem(leaveTopLevel(state, callId), { ...changed, streamId: place.streamId });
    return placeInRun(placed, place.streamId, { key, order: place.part });
  }
  if (changed === before && known !== undefined) return state;
  const next = putItem(state, changed);
  if (known !== undefined) return next;
  const active = state.runs.get(state.activeRuns.at(-1) ?? '');
  // Nobody else tells where a person's own call belongs.
  if (active !== undefined && changed.started?.origin === 'person')
    return placeInRun(next, active.streamId, { key, order: active.lastPart + 0.5 });
  // A call without a run under way is a person's, or an agent's that has no stream.
  return active === undefined
    ? addToTimeline(next, { kind: 'item', key })
    : { ...next, unplaced: [...next.unplaced, callId] };
};

const leaveTopLevel = (state: ConversationState, callId: string): ConversationState => {
  const key = `call/${callId}`;
  if (state.items.get(key) === undefined) return state;
  return {
    ...state,
    unplaced: state.unplaced.filter((one) => one !== callId),
    timeline: state.timeline.filter((entry) => entry.kind !== 'item' || entry.key !== key),
  };
};

/** A run that a call started. */
export const addChild = (
  state: ConversationState,
  callId: string,
  child: { streamId: string; at: string },
): ConversationState =>
  changeCall(state, { callId }, child.at, (call) =>
    call.children.includes(child.streamId) ? call : { ...call, children: [...call.children, child.streamId] },
  );

/** Calls that the machine told and the agent never did, at the end of their run. */
export const placeLeftOvers = (state: ConversationState, streamId: string): ConversationState => {
  let next: ConversationState = { ...state, unplaced: [] };
  for (const callId of state.unplaced) {
    const order = (next.runs.get(streamId)?.lastPart ?? 0) + 0.5;
    next = placeInRun(next, streamId, { key: `call/${callId}`, order });
  }
  return next;
};

export const foldApproval = (state: ConversationState, approval: ApprovalOf<'call'>): ConversationState => {
  const { call: asked, requester } = approval.detail;
  const next = changeCall(state, { callId: asked.callId }, approval.createdAt, (call) => {
    const isOlder = call.approval !== null && call.approval.state !== 'pending' && approval.state === 'pending';
    const isSame = call.approval?.id === approval.id && call.approval.state === approval.state;
    return isOlder || isSame ? call : { ...call, tool: call.tool || asked.tool, approval };
  });
  return requester.kind === 'acp' && next !== state ? placeUntold(next, asked.callId) : next;
};

/** What an agent of others wants of Navis, such as a terminal, it does not tell as a call of its own: it stands where it is asked. */
const placeUntold = (state: ConversationState, callId: string): ConversationState => {
  const key = `call/${callId}`;
  const call = state.items.get(key);
  const run = state.runs.get(state.activeRuns.at(-1) ?? '');
  if (run === undefined || call?.kind !== 'call' || call.streamId !== null) return state;
  const placed = putItem(leaveTopLevel(state, callId), { ...call, streamId: run.streamId });
  return placeInRun(placed, run.streamId, { key, order: run.lastPart + 0.5 });
};

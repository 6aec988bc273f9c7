/** Where the items of a conversation stand: in its timeline, or in order within a run. */
import type { ConversationItem, ConversationState, RunState, TimelineEntry } from './conversation.types.ts';

/** Puts an item in; where it stands is told apart. */
export const putItem = (state: ConversationState, item: ConversationItem): ConversationState => ({
  ...state,
  items: state.items.with(item.key, item),
});

export const addToTimeline = (state: ConversationState, entry: TimelineEntry): ConversationState => ({
  ...state,
  timeline: [...state.timeline, entry],
  structure: state.structure + 1,
});

export const changeRun = (
  state: ConversationState,
  streamId: string,
  change: (run: RunState) => RunState,
): ConversationState => {
  const run = state.runs.get(streamId);
  return run === undefined ? state : { ...state, runs: state.runs.with(streamId, change(run)) };
};

/** The run, known or new; one of a sub-agent stands at the call that started it. */
export const ensureRun = (
  state: ConversationState,
  { streamId, parent, at }: { streamId: string; parent: RunState['parent']; at: string },
): ConversationState => {
  const known = state.runs.get(streamId);
  if (known !== undefined) return parent === null ? state : leaveTimeline(state, streamId);
  const run: RunState = {
    streamId,
    parent,
    start: null,
    startedAt: at,
    isRunning: false,
    items: [],
    lastPart: -1,
    queued: [],
  };
  const next = { ...state, runs: state.runs.with(streamId, run) };
  return parent === null ? addToTimeline(next, { kind: 'run', streamId }) : next;
};

/** A sub-agent whose pieces came before its beginning. */
const leaveTimeline = (state: ConversationState, streamId: string): ConversationState => {
  const timeline = state.timeline.filter((entry) => entry.kind !== 'run' || entry.streamId !== streamId);
  return timeline.length === state.timeline.length ? state : { ...state, timeline, structure: state.structure + 1 };
};

/** Behind everything of the same or a lower order; what is there already stays. */
export const placeInRun = (
  state: ConversationState,
  streamId: string,
  place: { key: string; order: number },
): ConversationState => {
  const run = state.runs.get(streamId);
  if (run === undefined) return state;
  const index = run.items.findLastIndex(({ order }) => order <= place.order) + 1;
  if (run.items.some(({ key }) => key === place.key)) return state;
  const items = run.items.toSpliced(index, 0, place);
  return { ...state, runs: state.runs.with(streamId, { ...run, items }), structure: state.structure + 1 };
};

/** Sets a message and everything after it aside; it can be looked at where it was. */
export const setAside = (
  state: ConversationState,
  messageKey: string,
  { by, at }: { by: string; at: string },
): ConversationState => {
  const index = state.timeline.findIndex((entry) => keysOf(state, entry).includes(messageKey));
  const entry = state.timeline[index];
  if (entry === undefined) return state;
  const cut = entry.kind === 'run' ? cutRun(state, entry.streamId, messageKey) : { state, keys: [], isKept: false };
  const from = cut.isKept ? index + 1 : index;
  const later = state.timeline.slice(from);
  const keys = [...cut.keys, ...later.flatMap((one) => keysOf(state, one))];
  const key = `aside/${by}`;
  const asideIds = new Set(later.flatMap((one) => (one.kind === 'run' ? [one.streamId] : [])));
  const next = putItem(cut.state, { kind: 'aside', key, at, keys });
  return {
    ...next,
    timeline: [...next.timeline.slice(0, from), { kind: 'item', key }],
    activeRuns: next.activeRuns.filter((id) => !asideIds.has(id)),
    planKey: keys.includes(next.planKey ?? '') ? null : next.planKey,
    structure: next.structure + 1,
  };
};

/** A message that was said while a run went on: the run is kept up to it. */
const cutRun = (state: ConversationState, streamId: string, messageKey: string) => {
  const items = state.runs.get(streamId)?.items ?? [];
  const index = items.findIndex(({ key }) => key === messageKey);
  const keys = items.slice(index).map(({ key }) => key);
  return { state: changeRun(state, streamId, (run) => ({ ...run, items: items.slice(0, index) })), keys, isKept: true };
};

const keysOf = (state: ConversationState, entry: TimelineEntry): string[] =>
  entry.kind === 'item' ? [entry.key] : (state.runs.get(entry.streamId)?.items ?? []).map(({ key }) => key);

/** Keys of everything that is shown, in order; sub-agents are shown at their calls. */
export const conversationKeys = (state: ConversationState): string[] =>
  state.timeline.flatMap((entry) => keysOf(state, entry));

/** How one call stands, from everything that was told about it. */
import type { CallItem, ConversationState, RunState } from './conversation.types.ts';

export type CallState =
  /** The model still writes its arguments. */
  | 'writing'
  /** Asked, and nothing has begun yet. */
  | 'pending'
  | 'waiting'
  | 'running'
  | 'succeeded'
  | 'failed'
  | 'rejected'
  /** Its run ended before it did. */
  | 'left';

export const callStateOf = (call: CallItem, run: Pick<RunState, 'isRunning' | 'lastPart'> | undefined): CallState => {
  const { approval } = call;
  if (approval?.state === 'rejected' || approval?.state === 'expired') return 'rejected';
  const success = call.ended?.success ?? call.success;
  if (success !== null) return success ? 'succeeded' : 'failed';
  if (approval?.state === 'pending') return 'waiting';
  if (run !== undefined && !run.isRunning) return 'left';
  if (call.started !== null) return 'running';
  return run === undefined || isWhole(call.arguments.text) ? 'pending' : 'writing';
};

const isWhole = (json: string): boolean => {
  if (!json.endsWith('}')) return false;
  try {
    JSON.parse(json);
    return true;
  } catch {
    return false;
  }
};

/** Longer chains of interrupted runs are not followed. */
const maxChain = 100;

/** The run that its calls belong to by now: one that was interrupted lives on in the one that continues it. */
export const livingRun = (
  { runs, activeRuns }: Pick<ConversationState, 'runs' | 'activeRuns'>,
  streamId: string,
): RunState | undefined => {
  const own = runs.get(streamId);
  if (own === undefined || own.isRunning) return own;
  const living = activeRuns.find((active) => {
    let before = runs.get(active)?.start?.continues ?? null;
    for (let step = 0; before !== null && before !== streamId && step < maxChain; step += 1)
      before = runs.get(before)?.start?.continues ?? null;
    return before === streamId;
  });
  return living === undefined ? own : runs.get(living);
};

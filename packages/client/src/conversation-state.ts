/** How one call stands, from everything that was told about it. */
import type { CallItem, RunState } from './conversation.types.ts';

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

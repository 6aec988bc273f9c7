/** Ends a call with whoever asked for it, unless only the hub leaves: then it goes on, and its result is found later (N7). */
import { NavisError, type ToolResult } from '@navisai/protocol';
import { failure } from '../../services/tool-path.ts';
import { isLeaving } from '../leaving.ts';

export interface CallEnding {
  signal: AbortSignal;
  /** Ends what carries the call out. */
  cancel?(): Promise<void>;
}

/** TERM, KILL after 5 s (T7), and the way back. */
const cancelDeadlineMs = 8000;

export const cancelled = (): ToolResult => failure(new NavisError('CANCELLED'));

export const endsWithSignal = async (
  call: Promise<ToolResult>,
  { signal, cancel }: CallEnding,
): Promise<ToolResult> => {
  const aborted = Promise.withResolvers<'aborted'>();
  const onAbort = (): void => aborted.resolve('aborted');
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  try {
    const first = await Promise.race([call, aborted.promise]);
    if (first !== 'aborted') return first;
    // Nobody reads its answer any more.
    call.catch(() => undefined);
    if (isLeaving(signal)) return failure(new NavisError('INTERRUPTED', 'The hub was stopped before the call ended.'));
    // A node that is away hears of it when it is back; nobody waits for that.
    cancel?.().catch(() => undefined);
    return await endsSoon(call);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
};

const endsSoon = async (call: Promise<ToolResult>): Promise<ToolResult> => {
  const late = Promise.withResolvers<ToolResult>();
  const timer = setTimeout(() => late.resolve(cancelled()), cancelDeadlineMs);
  try {
    return await Promise.race([call, late.promise]);
  } finally {
    clearTimeout(timer);
  }
};

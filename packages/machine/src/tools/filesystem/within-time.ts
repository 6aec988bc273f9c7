/** Bounds the time of a file action, also on a mount that never answers. */
import { NavisError } from '@navisai/protocol';

export interface TimeBound {
  seconds: number;
  /** Of the call: it was cancelled. */
  signal: AbortSignal;
}

/** For an action to come to its next step after it was told to stop; a dead mount never does. */
const graceMs = 2000;
/** Each action that hangs holds a thread of this process, which has four for files. */
const maxHanging = 2;

export interface FileActions {
  /** Rejects with `timeout` or CANCELLED, or FILE_REFUSED when the file system does not answer. */
  withinTime<Result>(bound: TimeBound, act: (signal: AbortSignal) => Promise<Result>): Promise<Result>;
}

export const createFileActions = (): FileActions => {
  let hanging = 0;
  return {
    async withinTime({ seconds, signal }, act) {
      if (hanging >= maxHanging)
        throw new NavisError(
          'FILE_REFUSED',
          'A file system of this machine does not answer; earlier calls still wait for it.',
        );
      using stop = stopping({ seconds, signal });
      const action = act(stop.signal);
      const silence = afterGrace(stop.signal);
      try {
        return await Promise.race([action, silence.promise]);
      } catch (error) {
        if (error === silence.error) {
          hanging += 1;
          void action.catch(() => undefined).finally(() => (hanging -= 1));
        }
        throw error;
      } finally {
        silence.end();
      }
    },
  };
};

/** Tells to stop when the time is over or the call is cancelled. */
const stopping = ({ seconds, signal }: TimeBound): Disposable & { signal: AbortSignal } => {
  const stop = new AbortController();
  const onCancel = (): void => stop.abort(new NavisError('CANCELLED'));
  const timer = setTimeout(() => {
    const message = `It took longer than ${seconds} s and was stopped. What was done until then stays.`;
    stop.abort(new NavisError('timeout', message));
  }, seconds * 1000);
  signal.addEventListener('abort', onCancel, { once: true });
  if (signal.aborted) onCancel();
  return {
    signal: stop.signal,
    [Symbol.dispose]() {
      clearTimeout(timer);
      signal.removeEventListener('abort', onCancel);
    },
  };
};

const afterGrace = (signal: AbortSignal): { promise: Promise<never>; error: NavisError; end(): void } => {
  const error = new NavisError(
    'FILE_REFUSED',
    'The file system does not answer. What was asked may still be done later.',
  );
  const { promise, reject } = Promise.withResolvers<never>();
  promise.catch(() => undefined);
  let timer: NodeJS.Timeout | undefined;
  const onStop = (): void => {
    timer = setTimeout(() => reject(error), graceMs);
  };
  if (signal.aborted) onStop();
  else signal.addEventListener('abort', onStop, { once: true });
  return {
    promise,
    error,
    end: () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onStop);
    },
  };
};

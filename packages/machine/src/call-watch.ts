/** Live output of one-shot commands, for watchers that may come a little before the call itself. */
import type { CallOutputSink, Machine, RunHosts } from './machine.types.ts';

type WatchRequest = Parameters<Machine['watchCall']>[0];

/** A watcher of a call that has not begun by then is told its end. */
const beginDeadlineMs = 10_000;
const maxWaiting = 1000;

export class CallWatch {
  readonly #runHosts: Pick<RunHosts, 'watch' | 'sessionOf'>;
  readonly #waiting = new Map<string, Set<() => void>>();

  constructor(runHosts: Pick<RunHosts, 'watch' | 'sessionOf'>) {
    this.#runHosts = runHosts;
  }

  watch(request: WatchRequest, sink: CallOutputSink): { close(): void } {
    if (this.#runHosts.sessionOf(request.callId) !== undefined) return this.#follow(request, sink);
    if (this.#waiting.size >= maxWaiting) return endNow(sink);
    return this.#await(request, sink);
  }

  /** To be told that a call is known to the run-hosts. */
  begun(callId: string): void {
    for (const begin of this.#waiting.get(callId) ?? []) begin();
  }

  #await(request: WatchRequest, sink: CallOutputSink): { close(): void } {
    const { callId } = request;
    let followed: { close(): void } | undefined;
    const stop = (): void => {
      clearTimeout(timer);
      const waiting = this.#waiting.get(callId);
      waiting?.delete(begin);
      if (waiting?.size === 0) this.#waiting.delete(callId);
    };
    const begin = (): void => {
      stop();
      followed = this.#follow(request, sink);
    };
    const timer = setTimeout(() => {
      stop();
      sink.onEnd({ exitCode: null, signal: null });
    }, beginDeadlineMs);
    this.#waiting.set(callId, (this.#waiting.get(callId) ?? new Set()).add(begin));
    return {
      close() {
        stop();
        followed?.close();
      },
    };
  }

  /** A foreign call looks like one that never begins, but at once. */
  #follow(request: WatchRequest, sink: CallOutputSink): { close(): void } {
    if (this.#runHosts.sessionOf(request.callId) !== request.sessionId) return endNow(sink);
    return this.#runHosts.watch(request, sink);
  }
}

const endNow = (sink: CallOutputSink): { close(): void } => {
  const timer = setTimeout(() => sink.onEnd({ exitCode: null, signal: null }));
  return { close: () => clearTimeout(timer) };
};

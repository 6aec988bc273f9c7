/** The time that a sub-agent has; it stands still while a person is asked, who may take longer (A2, N8). */

export interface RunClock extends Disposable {
  /** Aborted when the time is over. */
  readonly signal: AbortSignal;
  /** The run that started it. */
  readonly parentRunId: string;
  /** A call of it, or of one that it started, begins or ends to wait for a person. */
  setWaiting(key: string, isWaiting: boolean): void;
}

export const startRunClock = (ms: number, parentRunId: string): RunClock => {
  const over = new AbortController();
  const waiting = new Set<string>();
  let leftMs = ms;
  let startedAt = 0;
  let timer: NodeJS.Timeout | undefined;
  let isDisposed = false;

  const start = (): void => {
    startedAt = performance.now();
    timer = setTimeout(() => over.abort(), leftMs);
  };
  const stop = (): void => {
    if (timer === undefined) return;
    clearTimeout(timer);
    timer = undefined;
    leftMs = Math.max(0, leftMs - (performance.now() - startedAt));
  };

  start();
  return {
    signal: over.signal,
    parentRunId,
    setWaiting(key, isWaiting) {
      if (isWaiting) waiting.add(key);
      else waiting.delete(key);
      if (waiting.size > 0) stop();
      else if (timer === undefined && !isDisposed && !over.signal.aborted) start();
    },
    [Symbol.dispose]() {
      isDisposed = true;
      stop();
    },
  };
};

/** The clocks of the sub-agents under way, by their runs. */
export class RunClocks {
  readonly #clocks = new Map<string, RunClock>();

  add(runId: string, clock: RunClock): void {
    this.#clocks.set(runId, clock);
  }

  remove(runId: string): void {
    this.#clocks.delete(runId);
  }

  /** Of the run and of all that wait for it. */
  setWaiting(runId: string, callId: string, isWaiting: boolean): void {
    let clock = this.#clocks.get(runId);
    for (; clock !== undefined; clock = this.#clocks.get(clock.parentRunId))
      clock.setWaiting(`${runId}/${callId}`, isWaiting);
  }
}

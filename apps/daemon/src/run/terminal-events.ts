/** Writes what happens to terminals into the event logs of their sessions, in order, and tells it (I8, T17). */
import type { Machine, MachineEvent } from '@navisai/machine';
import { NavisError, type SessionUpdate } from '@navisai/protocol';
import type { NewEvent, StoreFeed } from '@navisai/store';
import type { SocketEdge } from '../hub.ts';

export interface TerminalEventsParts {
  machine: Machine;
  feed: StoreFeed;
  edge: SocketEdge;
  now: () => number;
  onLost(count: number): void;
}

/** Events that wait for a store that cannot be written; beyond it the oldest are lost, and that is logged. */
const maxWaiting = 5000;
const retryMs = 1000;
/** How long the end of the hub waits for the last events. */
const drainMs = 2000;

/** Events are recorded until it is disposed; the last ones are waited for then. */
export const recordTerminalEvents = (parts: TerminalEventsParts): AsyncDisposable => {
  const recorder = new Recorder(parts);
  const stop = parts.machine.onEvent((event) => recorder.add(event));
  return {
    async [Symbol.asyncDispose]() {
      stop();
      await recorder.drain();
    },
  };
};

class Recorder {
  readonly #parts: TerminalEventsParts;
  #waiting: MachineEvent[] = [];
  #running: Promise<void> | undefined;
  readonly #ending = new AbortController();

  constructor(parts: TerminalEventsParts) {
    this.#parts = parts;
  }

  add(event: MachineEvent): void {
    this.#waiting.push(event);
    if (this.#waiting.length > maxWaiting) {
      this.#waiting.shift();
      this.#parts.onLost(1);
    }
    this.#running ??= this.#run();
  }

  async drain(): Promise<void> {
    const deadline = AbortSignal.timeout(drainMs);
    deadline.addEventListener('abort', () => this.#ending.abort());
    await this.#running;
    if (this.#waiting.length > 0) this.#parts.onLost(this.#waiting.length);
  }

  async #run(): Promise<void> {
    await Promise.resolve();
    while (this.#waiting.length > 0 && !this.#ending.signal.aborted) {
      const batch = this.#takeBatch();
      const isDone = batch[0]?.type === 'terminal.updated' ? this.#publish(batch) : await this.#append(batch);
      if (isDone) continue;
      this.#waiting.unshift(...batch);
      await pause(retryMs, this.#ending.signal);
    }
    // In the same turn as the last look at what waits: whatever comes next starts anew.
    this.#running = undefined;
  }

  /** The next events that are all kept, or one that is not. */
  #takeBatch(): MachineEvent[] {
    const unkept = this.#waiting.findIndex(({ type }) => type === 'terminal.updated');
    return this.#waiting.splice(0, unkept < 0 ? this.#waiting.length : Math.max(unkept, 1));
  }

  /** False when the store cannot be written now. */
  async #append(events: readonly MachineEvent[]): Promise<boolean> {
    try {
      await this.#parts.feed.append(events.map((event) => this.#toNewEvent(event)));
      return true;
    } catch (error) {
      if (error instanceof NavisError && error.code === 'DEGRADED') return false;
      this.#parts.onLost(events.length);
      return true;
    }
  }

  #publish(events: readonly MachineEvent[]): boolean {
    for (const event of events)
      this.#parts.feed.publish(event.terminal.sessionId, {
        type: 'session.update',
        sessionId: event.terminal.sessionId,
        data: this.#toUpdate(event),
        timestamp: new Date(this.#parts.now()).toISOString(),
      });
    return true;
  }

  #toNewEvent(event: MachineEvent): NewEvent {
    const { sessionId } = event.terminal;
    return { stream: sessionId, sessionId, type: 'session.update', data: this.#toUpdate(event) };
  }

  #toUpdate(event: MachineEvent): SessionUpdate {
    const terminal = this.#parts.edge.describeTerminal(event.terminal);
    const reason = 'reason' in event ? event.reason : undefined;
    return { change: event.type, terminal, ...(reason === undefined ? {} : { reason }) };
  }
}

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true });
  });

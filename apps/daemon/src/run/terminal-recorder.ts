/** Writes what happens to terminals into the event logs of their sessions, once and in order, and tells it (I8, T18). */
import type { Machine, MachineEvent } from '@navisai/machine';
import { NavisError, type SessionUpdate, type TerminalInfo } from '@navisai/protocol';
import type { RecordedTerminal, StoreFeed, StoreWriter } from '@navisai/store';
import type { SocketEdge } from '../hub.ts';

export interface TerminalRecorderParts {
  machine: Machine;
  feed: StoreFeed;
  edge: SocketEdge;
  now: () => number;
  onLost(count: number): void;
}

type TerminalChange = MachineEvent['type'];

interface TerminalUpdate {
  type: TerminalChange;
  terminal: TerminalInfo;
  reason?: string | undefined;
}

/** Events that wait for a store that cannot be written; beyond it the oldest are lost, and that is logged. */
const maxWaiting = 5000;
const retryMs = 1000;
/** How long the end of the hub waits for the last events. */
const drainMs = 2000;

export class TerminalRecorder implements AsyncDisposable {
  readonly #parts: TerminalRecorderParts;
  readonly #stopListening: () => void;
  readonly #ending = new AbortController();
  /** Terminals as the logs tell of them, or will when everything that waits is written. */
  readonly #known = new Map<string, RecordedTerminal>();
  #waiting: TerminalUpdate[] = [];
  #running: Promise<void> | undefined;

  constructor(parts: TerminalRecorderParts) {
    this.#parts = parts;
    this.#stopListening = parts.machine.onEvent((event) => this.#add(event));
  }

  /** Takes over what the logs tell already; to be called when the store was opened. */
  load(recorded: readonly RecordedTerminal[]): void {
    for (const entry of recorded) if (!this.#known.has(entry.terminal.id)) this.#known.set(entry.terminal.id, entry);
  }

  /**
   * Makes the logs say what is true: the hub may have been killed between an event and its row, and things happen while
   * it is away. To be called when the machine has started.
   */
  reconcile(): void {
    const present = new Map(this.#parts.machine.terminals().map((terminal) => [terminal.id, terminal]));
    for (const { terminal } of Array.from(this.#known.values()))
      if (!present.has(terminal.id))
        this.#add({ type: 'terminal.closed', terminal, reason: 'closed while the hub was away' });
    for (const terminal of present.values()) {
      this.#add({ type: 'terminal.opened', terminal });
      if (terminal.exitedAt === null) continue;
      this.#add({ type: 'terminal.exited', terminal, reason: terminal.reason ?? undefined });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopListening();
    const deadline = setTimeout(() => this.#ending.abort(), drainMs);
    await this.#running;
    clearTimeout(deadline);
    if (this.#waiting.length > 0) this.#parts.onLost(this.#waiting.length);
  }

  #add(update: TerminalUpdate): void {
    if (!this.#isNews(update)) return;
    this.#waiting.push(update);
    if (this.#waiting.length > maxWaiting) {
      this.#waiting.shift();
      this.#parts.onLost(1);
    }
    this.#running ??= this.#run();
  }

  /** Opening, exit and closing of one terminal are told once each. */
  #isNews({ type, terminal }: TerminalUpdate): boolean {
    const known = this.#known.get(terminal.id);
    switch (type) {
      case 'terminal.opened':
        if (known !== undefined) return false;
        this.#known.set(terminal.id, { terminal, hasExited: false });
        return true;
      case 'terminal.exited':
        this.#known.set(terminal.id, { terminal, hasExited: true });
        return known?.hasExited !== true;
      case 'terminal.closed':
        return this.#known.delete(terminal.id);
      case 'terminal.idle_warning':
      case 'terminal.updated':
        return true;
    }
  }

  async #run(): Promise<void> {
    await Promise.resolve();
    while (this.#waiting.length > 0 && !this.#ending.signal.aborted) {
      const batch = this.#takeBatch();
      const isDone = batch[0]?.type === 'terminal.updated' ? this.#publish(batch) : await this.#keep(batch);
      if (isDone) continue;
      this.#waiting.unshift(...batch);
      await pause(retryMs, this.#ending.signal);
    }
    // In the same turn as the last look at what waits: whatever comes next starts anew.
    this.#running = undefined;
  }

  /** The next events that are all kept, or one that is not. */
  #takeBatch(): TerminalUpdate[] {
    const unkept = this.#waiting.findIndex(({ type }) => type === 'terminal.updated');
    return this.#waiting.splice(0, unkept < 0 ? this.#waiting.length : Math.max(unkept, 1));
  }

  /** False when the store cannot be written now. */
  async #keep(updates: readonly TerminalUpdate[]): Promise<boolean> {
    try {
      await this.#parts.feed.transaction((writer) => this.#write(writer, updates));
      return true;
    } catch (error) {
      if (error instanceof NavisError && error.code === 'DEGRADED') return false;
      this.#parts.onLost(updates.length);
      return true;
    }
  }

  async #write(writer: StoreWriter, updates: readonly TerminalUpdate[]): Promise<void> {
    for (const { type, terminal } of updates) {
      if (type === 'terminal.closed') await writer.terminals.forget(terminal.id);
      else await writer.terminals.record({ terminal, hasExited: terminal.exitedAt !== null });
    }
    const events = updates.map((update) => {
      const { sessionId } = update.terminal;
      return { stream: sessionId, sessionId, type: 'session.update' as const, data: this.#describe(update) };
    });
    await writer.appendEvents(events);
  }

  #publish(updates: readonly TerminalUpdate[]): boolean {
    for (const update of updates) {
      const { sessionId } = update.terminal;
      const timestamp = new Date(this.#parts.now()).toISOString();
      const event = { type: 'session.update' as const, sessionId, data: this.#describe(update), timestamp };
      this.#parts.feed.publish(sessionId, event);
    }
    return true;
  }

  #describe({ type, terminal, reason }: TerminalUpdate): SessionUpdate {
    const described = this.#parts.edge.describeTerminal(terminal);
    return { change: type, terminal: described, ...(reason === undefined ? {} : { reason }) };
  }
}

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true });
  });

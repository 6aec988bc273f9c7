/** Writes what happens to terminals and calls into the event logs of their sessions, once and in order, and tells it (I8, N9, T18). */
import type { MachineEvent, ToolEvent } from '@navisai/machine';
import { mainNodeId, NavisError, type SessionUpdate, type TerminalInfo } from '@navisai/protocol';
import type { NewEvent, RecordedTerminal, StoreFeed, StoreWriter } from '@navisai/store';
import type { SocketEdge } from '../hub.ts';
import type { Fleet } from '../nodes/fleet.ts';
import { KnownTerminals } from './known-terminals.ts';

export interface TerminalRecorderParts {
  machine: Pick<Fleet, 'onEvent' | 'terminalsOn'>;
  feed: StoreFeed;
  edge: SocketEdge;
  now: () => number;
  onLost(count: number): void;
}

type TerminalChange = Exclude<MachineEvent, ToolEvent>['type'];

interface TerminalUpdate {
  type: TerminalChange;
  terminal: TerminalInfo;
  reason?: string | undefined;
}

type Entry = TerminalUpdate | ToolEvent;

const isToolEvent = (entry: Entry): entry is ToolEvent => entry.type === 'tool_started' || entry.type === 'tool_call';

/** Events that wait for a store that cannot be written; beyond it the oldest are lost, and that is logged. */
const maxWaiting = 5000;
const retryMs = 1000;
/** How long the end of the hub waits for the last events. */
const drainMs = 2000;
/** Rows of calls wait this long for each other, so that writing them delays no answer. */
const toolEventDelayMs = 20;

export class TerminalRecorder implements AsyncDisposable {
  readonly #parts: TerminalRecorderParts;
  readonly #stopListening: () => void;
  readonly #ending = new AbortController();
  /** Terminals as the logs tell of them, or will when everything that waits is written. */
  readonly #known = new KnownTerminals();
  #waiting: Entry[] = [];
  #running: Promise<void> | undefined;
  #soon: NodeJS.Timeout | undefined;

  constructor(parts: TerminalRecorderParts) {
    this.#parts = parts;
    this.#stopListening = parts.machine.onEvent((event) => this.#add(event));
  }

  /** Takes over what the logs tell already; to be called when the store was opened. */
  load(recorded: readonly RecordedTerminal[]): void {
    for (const entry of recorded) if (this.#known.get(entry.terminal.id) === undefined) this.#known.set(entry);
  }

  /** What the logs tell of the terminals of other nodes, which may be away. */
  remoteTerminals(): TerminalInfo[] {
    const nodes = this.#known.nodes().filter((nodeId) => nodeId !== mainNodeId);
    return nodes.flatMap((nodeId) => this.#known.ofNode(nodeId));
  }

  /**
   * Makes the logs say what is true of one node: the hub may have been killed between an event and its row, and things
   * happen while it, or the node, is away. To be called when what the machine tells of this node is true.
   */
  reconcile(nodeId = mainNodeId): void {
    const present = new Map(this.#parts.machine.terminalsOn(nodeId).map((terminal) => [terminal.id, terminal]));
    for (const terminal of this.#known.ofNode(nodeId))
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
    clearTimeout(this.#soon);
    this.#start();
    const deadline = setTimeout(() => this.#ending.abort(), drainMs);
    await this.#running;
    clearTimeout(deadline);
    if (this.#waiting.length > 0) this.#parts.onLost(this.#waiting.length);
  }

  #add(entry: Entry): void {
    if (!isToolEvent(entry) && !this.#isNews(entry)) return;
    this.#waiting.push(entry);
    if (this.#waiting.length > maxWaiting) {
      this.#waiting.shift();
      this.#parts.onLost(1);
    }
    if (!isToolEvent(entry)) this.#start();
    else if (this.#running === undefined) this.#soon ??= setTimeout(() => this.#start(), toolEventDelayMs);
  }

  #start(): void {
    clearTimeout(this.#soon);
    this.#soon = undefined;
    this.#running ??= this.#run();
  }

  /** Opening, exit and closing of one terminal are told once each. */
  #isNews({ type, terminal }: TerminalUpdate): boolean {
    const known = this.#known.get(terminal.id);
    switch (type) {
      case 'terminal.opened':
        if (known !== undefined) return false;
        this.#known.set({ terminal, hasExited: false });
        return true;
      case 'terminal.exited':
        this.#known.set({ terminal, hasExited: true });
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
  #takeBatch(): Entry[] {
    const unkept = this.#waiting.findIndex(({ type }) => type === 'terminal.updated');
    return this.#waiting.splice(0, unkept < 0 ? this.#waiting.length : Math.max(unkept, 1));
  }

  /** False when the store cannot be written now. */
  async #keep(updates: readonly Entry[]): Promise<boolean> {
    try {
      await this.#parts.feed.transaction((writer) => this.#write(writer, updates));
      return true;
    } catch (error) {
      if (error instanceof NavisError && error.code === 'DEGRADED') return false;
      this.#parts.onLost(updates.length);
      return true;
    }
  }

  async #write(writer: StoreWriter, entries: readonly Entry[]): Promise<void> {
    for (const entry of entries) {
      if (isToolEvent(entry)) continue;
      const { type, terminal } = entry;
      if (type === 'terminal.closed') await writer.terminals.forget(terminal.id);
      else await writer.terminals.record({ terminal, hasExited: terminal.exitedAt !== null });
    }
    await writer.appendEvents(entries.map((entry) => this.#toEvent(entry)));
  }

  #toEvent(entry: Entry): NewEvent {
    if (isToolEvent(entry)) return { ...entry, stream: entry.sessionId };
    const { sessionId } = entry.terminal;
    return { stream: sessionId, sessionId, type: 'session.update', data: this.#describe(entry) };
  }

  #publish(updates: readonly Entry[]): boolean {
    for (const update of updates) {
      if (isToolEvent(update)) continue;
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

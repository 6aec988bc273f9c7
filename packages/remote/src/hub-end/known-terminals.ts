/** What the hub knows of a node's terminals, and which events bring it from what it knew to what is true. */
import { maxNodeTerminals } from '@navisai/protocol';
import type { NodeEvent, NodeFrameOf, TerminalInfo } from '@navisai/protocol';
import type { ExitState, MachineEvent } from '@navisai/machine';
import { RecentIds } from '../recent-ids.ts';
import { UnknownSessions, Violation } from './hub-connection.ts';

interface KnownTerminal {
  info: TerminalInfo;
  /** Milliseconds of the hub's clock at which `info.uptime` was true. */
  at: number;
}

export interface KnownTerminalsOptions {
  nodeId: string;
  known: readonly TerminalInfo[];
  mayHold(sessionId: string): boolean;
  /** Without it a session that the node may not hold is a violation at once. */
  mayAsk: boolean;
  now(): number;
}

/** Beginnings and ends of calls that are told once. */
const maxToldCalls = 1024;

type TerminalEvent = Extract<NodeEvent, { terminal: TerminalInfo }>;

export class KnownTerminals {
  readonly #options: KnownTerminalsOptions;
  readonly #terminals = new Map<string, KnownTerminal>();
  /** While the state is being told: what came of it. */
  #arriving: Map<string, TerminalInfo> | undefined;
  #service: string | null = null;
  #lastEvent = 0;
  /** Made with the first: most nodes of a large fleet rest. */
  #toldCalls: RecentIds<string> | undefined;

  constructor(options: KnownTerminalsOptions) {
    this.#options = options;
    for (const info of options.known) this.#terminals.set(info.id, { info, at: options.now() });
  }

  /** The last event that was applied, for the next `begin`. */
  get cursor(): { service: string | null; event: number } {
    return { service: this.#service, event: this.#lastEvent };
  }

  get(terminalId: string): TerminalInfo | undefined {
    return this.#terminals.get(terminalId)?.info;
  }

  has(terminalId: string): boolean {
    return this.#terminals.has(terminalId);
  }

  /** `until`: when the link was lost; uptime stands still from then. */
  list(until: number): TerminalInfo[] {
    return [...this.#terminals.keys()].flatMap((id) => this.described(id, until) ?? []);
  }

  described(terminalId: string, until: number): TerminalInfo | undefined {
    const known = this.#terminals.get(terminalId);
    if (known === undefined || known.info.status === 'idle') return known?.info;
    const since = Math.max(0, until - known.at) / 1000;
    return { ...known.info, uptime: Math.round((known.info.uptime + since) * 10) / 10 };
  }

  /** Bytes of it were seen up to here. */
  reached(terminalId: string, offset: number): void {
    const known = this.#terminals.get(terminalId);
    if (known !== undefined && known.info.endOffset < offset) known.info = { ...known.info, endOffset: offset };
  }

  /** The event as it is told on; `undefined` when it was told before. Throws Violation. */
  apply({ number, event }: NodeFrameOf<'event'>): MachineEvent | undefined {
    if (event.type !== 'terminal.updated') {
      if (number <= this.#lastEvent) return undefined;
      this.#lastEvent = number;
    }
    if ('terminal' in event) return this.#applyToTerminal(event);
    this.#requireHeld([event.sessionId]);
    // A program of the node that was started again may finish a call of the one before, and tell it once more.
    this.#toldCalls ??= new RecentIds(maxToldCalls);
    if (!this.#toldCalls.add(`${event.type} ${event.sessionId} ${event.data.callId}`)) return undefined;
    if (event.type === 'tool_started') return { ...event, data: { ...event.data, nodeId: this.#options.nodeId } };
    return { ...event, data: { ...event.data, nodeId: this.#options.nodeId } };
  }

  change({ terminals }: NodeFrameOf<'changes'>): void {
    for (const { id, ...facts } of terminals) {
      const known = this.#terminals.get(id);
      if (known !== undefined) known.info = { ...known.info, ...facts };
    }
  }

  /** A part of all terminals. */
  arrive({ service, terminals }: NodeFrameOf<'state'>): void {
    // Another process numbers its events from the start.
    if (service !== this.#service) this.#lastEvent = 0;
    this.#service = service;
    this.#requireHeld(terminals.map(({ sessionId }) => sessionId));
    this.#arriving ??= new Map();
    for (const terminal of terminals) this.#arriving.set(terminal.id, this.#checked(terminal));
    if (this.#arriving.size > maxNodeTerminals) throw new Violation('too many terminals');
  }

  /** The connection ended before all was told. */
  abandon(): void {
    this.#arriving = undefined;
  }

  /** All was told: what happened meanwhile that no event told. */
  settle({ event }: NodeFrameOf<'synced'>): MachineEvent[] {
    const arrived = this.#arriving;
    if (arrived === undefined) return [];
    this.#arriving = undefined;
    this.#lastEvent = Math.max(this.#lastEvent, event);
    const gone = [...this.#terminals.values()].filter(({ info }) => !arrived.has(info.id));
    const events: MachineEvent[] = gone.map(({ info }) => this.#remove(info, 'closed while the link was down'));
    for (const terminal of [...arrived.values()].toSorted((a, b) => a.startedAt.localeCompare(b.startedAt)))
      events.push(...this.#update(terminal));
    return events;
  }

  #applyToTerminal(event: TerminalEvent): MachineEvent | undefined {
    const terminal = this.#checked(event.terminal);
    const before = this.#terminals.get(terminal.id)?.info;
    if (event.type === 'terminal.closed')
      return before === undefined ? undefined : this.#remove(terminal, event.reason);
    const isNew = event.type === 'terminal.opened';
    // A node that tells of what it never opened has forgotten to; the next state will tell.
    if (isNew === (before !== undefined)) return undefined;
    this.#set(terminal);
    if (event.type !== 'terminal.exited') return { ...event, terminal };
    return before?.status === 'idle' ? undefined : { ...event, terminal };
  }

  #update(terminal: TerminalInfo): MachineEvent[] {
    const before = this.#terminals.get(terminal.id)?.info;
    this.#set(terminal);
    const opened: MachineEvent[] = before === undefined ? [{ type: 'terminal.opened', terminal }] : [];
    if (terminal.status === 'busy' || before?.status === 'idle') return opened;
    return [...opened, { type: 'terminal.exited', terminal, exit: exitOf(terminal) }];
  }

  #set(terminal: TerminalInfo): void {
    if (this.#terminals.size >= maxNodeTerminals && !this.#terminals.has(terminal.id))
      throw new Violation('too many terminals');
    this.#terminals.set(terminal.id, { info: terminal, at: this.#options.now() });
  }

  #remove(terminal: TerminalInfo, reason: string): MachineEvent {
    this.#terminals.delete(terminal.id);
    return { type: 'terminal.closed', terminal, reason };
  }

  #checked(terminal: TerminalInfo): TerminalInfo {
    this.#requireHeld([terminal.sessionId]);
    const before = this.#terminals.get(terminal.id)?.info;
    if (before !== undefined && before.sessionId !== terminal.sessionId)
      throw new Violation('a terminal has changed its session');
    return { ...terminal, nodeId: this.#options.nodeId, controller: null };
  }

  /** Throws for those that the node may not hold. */
  #requireHeld(sessionIds: readonly string[]): void {
    const { mayHold, mayAsk } = this.#options;
    const unknown = sessionIds.filter((id) => !mayHold(id));
    if (unknown.length === 0) return;
    const problem = new UnknownSessions(Array.from(new Set(unknown)));
    throw mayAsk ? problem : new Violation(problem.message);
  }
}

const exitOf = ({ exitCode, signal, exitedAt, reason, lastActivityAt }: TerminalInfo): ExitState => ({
  exitCode,
  signal,
  at: exitedAt ?? lastActivityAt,
  kind: reason?.startsWith('lost') === true ? 'lost' : 'exited',
  ...(reason === null ? {} : { reason }),
});

/** The machines on the other side of links, made when they are first needed; what they tell is checked before it is passed on. */
import type { MachineEvent } from '@navisai/machine';
import { NavisError, type NodeLoad, type TerminalInfo } from '@navisai/protocol';
import { type ChannelSink, createRemoteMachine, type RemoteChannel, type RemoteMachine } from '@navisai/remote';
import type { FastifyBaseLogger } from 'fastify';
import { createListeners } from '../services/listeners.ts';
import { nodeHeartbeatMs } from './live-links.ts';
import type { SessionNodes } from './session-nodes.ts';

export interface RemoteNodesParts {
  log: FastifyBaseLogger;
  sessions: SessionNodes;
  /** The id belongs to a terminal of the hub's own machine. */
  isOfMain(terminalId: string): boolean;
  onLoad(nodeId: string, load: NodeLoad): void;
  /** Its owner takes it away. */
  onLeave(nodeId: string): void;
  /** It said what no honest node says, and was cut off. */
  onViolation(nodeId: string, reason: string): void;
  /** Makes a session that the store has no trace of; answers false for any other (N10). */
  restoreSession(sessionId: string, nodeId: string): Promise<boolean>;
  /** The store was put back to an older backup, and has not seen this node since. */
  mayHaveForgotten(nodeId: string): boolean;
}

/** Of one node while the hub runs; beyond it, telling of more is a violation. */
const maxRestored = 200;

export interface NodePresenceChange {
  nodeId: string;
  isConnected: boolean;
}

export class RemoteNodes implements AsyncDisposable {
  readonly #parts: RemoteNodesParts;
  readonly #machines = new Map<string, RemoteMachine>();
  readonly #making = new Map<string, Promise<RemoteMachine>>();
  /** By terminal; whoever told of an id first has it. */
  readonly #owners = new Map<string, string>();
  readonly #events = createListeners<MachineEvent>();
  readonly #presence = createListeners<NodePresenceChange>();
  /** By node: how many of its sessions were made again. */
  readonly #restored = new Map<string, number>();

  constructor(parts: RemoteNodesParts) {
    this.#parts = parts;
  }

  get onEvent(): (listener: (event: MachineEvent) => void) => () => void {
    return this.#events.add;
  }

  /** Told when everything that is known of a node is true again, and when its connection is lost. */
  get onPresence(): (listener: (change: NodePresenceChange) => void) => () => void {
    return this.#presence.add;
  }

  get(nodeId: string): RemoteMachine | undefined {
    return this.#machines.get(nodeId);
  }

  all(): RemoteMachine[] {
    return Array.from(this.#machines.values());
  }

  /** Shows terminals as they were last known, until their nodes connect. */
  async restore(terminals: readonly TerminalInfo[]): Promise<void> {
    const byNode = Map.groupBy(terminals, ({ nodeId }) => nodeId);
    for (const [nodeId, known] of byNode) await this.#ensure(nodeId, known);
  }

  /** Makes the machine, so that `connect` takes no time. */
  async prepare(nodeId: string): Promise<void> {
    await this.#ensure(nodeId);
  }

  connect(nodeId: string, channel: RemoteChannel): ChannelSink {
    const machine = this.#machines.get(nodeId);
    if (machine === undefined) throw new NavisError('NODE_REVOKED');
    return machine.connect(channel);
  }

  ownerOf(terminalId: string): RemoteMachine | undefined {
    const nodeId = this.#owners.get(terminalId);
    return nodeId === undefined ? undefined : this.#machines.get(nodeId);
  }

  /** Of nodes where the session has work; without a session, of all. */
  terminals(sessionId?: string): TerminalInfo[] {
    const nodes = sessionId === undefined ? this.#machines.keys() : this.#parts.sessions.nodesOf(sessionId);
    return Array.from(nodes).flatMap((nodeId) => this.terminalsOn(nodeId, sessionId));
  }

  terminalsOn(nodeId: string, sessionId?: string): TerminalInfo[] {
    const machine = this.#machines.get(nodeId);
    if (machine === undefined) return [];
    const own = machine.terminals(sessionId).filter((terminal) => this.#isShown(nodeId, terminal));
    return machine.isConnected ? own : own.map((terminal) => ({ ...terminal, reachable: false }));
  }

  describe(terminal: TerminalInfo): TerminalInfo | undefined {
    if (!this.#isShown(terminal.nodeId, terminal)) return undefined;
    const isConnected = this.#machines.get(terminal.nodeId)?.isConnected === true;
    return isConnected ? terminal : { ...terminal, reachable: false };
  }

  /** The node was removed: its terminals are told to be closed. */
  async remove(nodeId: string, reason: string): Promise<void> {
    const machine = this.#machines.get(nodeId);
    if (machine === undefined) return;
    const terminals = this.terminalsOn(nodeId);
    this.#machines.delete(nodeId);
    for (const terminal of terminals) {
      this.#owners.delete(terminal.id);
      this.#events.tell({ type: 'terminal.closed', terminal, reason });
    }
    await machine[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(Array.from(this.#machines.values(), (machine) => machine[Symbol.asyncDispose]()));
  }

  async #ensure(nodeId: string, known: readonly TerminalInfo[] = []): Promise<RemoteMachine> {
    const made = this.#machines.get(nodeId);
    if (made !== undefined) return made;
    const making = this.#making.get(nodeId) ?? this.#make(nodeId, known).finally(() => this.#making.delete(nodeId));
    this.#making.set(nodeId, making);
    return making;
  }

  async #make(nodeId: string, known: readonly TerminalInfo[]): Promise<RemoteMachine> {
    const { sessions, log, onLoad, onLeave, onViolation } = this.#parts;
    await sessions.remember(nodeId);
    const machine = createRemoteMachine({
      nodeId,
      known,
      mayHold: (sessionId) => sessions.mayHold(sessionId, nodeId),
      heartbeatMs: nodeHeartbeatMs.large,
      onUnknownSessions: (sessionIds) => this.#restore(nodeId, sessionIds),
      onViolation: (reason) => onViolation(nodeId, reason),
      onUnexpected: (error) => log.error({ err: error, nodeId }, 'the link to a node reports a failure'),
      onLoad: (load) => onLoad(nodeId, load),
      onLeave: () => onLeave(nodeId),
      onPresence: (isConnected) => this.#onPresence(nodeId, isConnected),
    });
    this.#machines.set(nodeId, machine);
    for (const { id } of known) this.#own(nodeId, id);
    machine.onEvent((event) => this.#onEvent(nodeId, event));
    return machine;
  }

  /**
   * The store was put back to an older backup: what the node has of sessions that began since goes on, in sessions that
   * are made again. One that the store knows, and never gave to this node, it may not tell of (N10), unless it is known that
   * the store was put back since: then it may have been given afterwards.
   */
  async #restore(nodeId: string, sessionIds: readonly string[]): Promise<boolean> {
    const { sessions, restoreSession, mayHaveForgotten, log } = this.#parts;
    const isForgotten = mayHaveForgotten(nodeId);
    const count = (this.#restored.get(nodeId) ?? 0) + sessionIds.length;
    if (count > maxRestored) return false;
    this.#restored.set(nodeId, count);
    for (const sessionId of sessionIds) {
      if (!(await restoreSession(sessionId, nodeId)) && !isForgotten) return false;
      await sessions.give(sessionId, nodeId);
      log.warn({ nodeId, sessionId }, 'the store has lost that this node has work of a session; it goes on');
    }
    return true;
  }

  #onPresence(nodeId: string, isConnected: boolean): void {
    const machine = this.#machines.get(nodeId);
    if (isConnected && machine !== undefined) {
      for (const { id } of machine.terminals()) this.#own(nodeId, id);
      void this.#tellEndings(machine);
    }
    this.#presence.tell({ nodeId, isConnected });
  }

  /** Sessions that were closed while the node was away, and what it still has of others that are not open. */
  async #tellEndings(machine: RemoteMachine): Promise<void> {
    const { sessions, log } = this.#parts;
    const { nodeId } = machine;
    const lingering = machine.terminals().map(({ sessionId }) => sessionId);
    const endings = new Set([...sessions.endingsOf(nodeId), ...lingering]);
    for (const sessionId of endings) {
      if (sessions.isAtWork(sessionId, nodeId)) continue;
      try {
        await machine.closeSession(sessionId, 'The session was closed.');
        // A link that broke meanwhile: the next one tells it again.
        if (machine.isConnected) await sessions.ended(sessionId, nodeId);
      } catch (error) {
        if (!machine.isConnected) return;
        log.warn({ err: error, nodeId, sessionId }, 'a session could not be closed on a node');
      }
    }
  }

  #onEvent(nodeId: string, event: MachineEvent): void {
    if ('terminal' in event) this.#onTerminalEvent(nodeId, event);
    else if (event.data.nodeId === nodeId && this.#parts.sessions.isAtWork(event.sessionId, nodeId))
      this.#events.tell(event);
    else this.#parts.log.warn({ nodeId, event: event.type }, 'an event of a node was dropped: not its own');
  }

  #onTerminalEvent(nodeId: string, event: Extract<MachineEvent, { terminal: TerminalInfo }>): void {
    const { id } = event.terminal;
    if (event.type !== 'terminal.closed') this.#own(nodeId, id);
    if (this.#owners.get(id) !== nodeId || event.terminal.nodeId !== nodeId) {
      this.#parts.log.warn(
        { nodeId, terminalId: id, event: event.type },
        'an event of a node was dropped: not its own',
      );
      return;
    }
    // Of a session that was closed meanwhile, the end is still told.
    if (event.type === 'terminal.closed') this.#owners.delete(id);
    else if (!this.#parts.sessions.isAtWork(event.terminal.sessionId, nodeId)) return;
    this.#events.tell(event);
  }

  #own(nodeId: string, terminalId: string): void {
    if (!this.#owners.has(terminalId) && !this.#parts.isOfMain(terminalId)) this.#owners.set(terminalId, nodeId);
  }

  #isShown(nodeId: string, { id, sessionId, ...terminal }: TerminalInfo): boolean {
    const isOwn = terminal.nodeId === nodeId && this.#owners.get(id) === nodeId;
    return isOwn && this.#parts.sessions.isAtWork(sessionId, nodeId);
  }
}

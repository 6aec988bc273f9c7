/**
 * All machines of the hub behind the face of one: its own, `main`, and the remote ones. Whatever names a terminal or a
 * call goes to the machine that has it, in a time that does not depend on the number of nodes.
 */
import type { CallOutputSink, Machine, MachineEvent, ToolCallRequest, ToolEvent } from '@navisai/machine';
import { mainNodeId, NavisError, type TerminalInfo, type ToolResult } from '@navisai/protocol';
import type { RemoteMachine } from '@navisai/remote';
import type { FastifyBaseLogger } from 'fastify';
import { withDeadline } from '@navisai/service';
import { createListeners } from '../services/listeners.ts';
import { CallPlaces, type CallRef } from './call-places.ts';
import { watchAnywhere } from './watch-anywhere.ts';
import type { RemoteNodes } from './remote-nodes.ts';
import type { SessionNodes } from './session-nodes.ts';

/** A hint where to look, by id or name. */
interface Placed {
  nodeId?: string | undefined;
}

type Input<M extends keyof Machine> = Machine[M] extends (first: infer F, ...rest: never[]) => unknown ? F : never;

export interface FleetParts {
  main: Machine;
  remotes: RemoteNodes;
  sessions: SessionNodes;
  log: FastifyBaseLogger;
  /** The id of a node by its id or name. */
  idOf(node: string): string | undefined;
}

/** Closing a session waits this long for nodes; the rest is told when they answer again. */
const closeDeadlineMs = 5000;

export class Fleet implements Machine {
  readonly #main: Machine;
  readonly #remotes: RemoteNodes;
  readonly #sessions: SessionNodes;
  readonly #log: FastifyBaseLogger;
  readonly #idOf: (node: string) => string | undefined;
  readonly #calls = new CallPlaces();
  readonly #own = createListeners<MachineEvent>();

  constructor({ main, remotes, sessions, log, idOf }: FleetParts) {
    this.#idOf = idOf;
    this.#main = main;
    this.#remotes = remotes;
    this.#sessions = sessions;
    this.#log = log;
  }

  get main(): Machine {
    return this.#main;
  }

  /** The machine of a node; throws NavisError NODE_OFFLINE unless it is connected. */
  connected(nodeId: string): Machine {
    if (nodeId === mainNodeId) return this.#main;
    const machine = this.#remotes.get(nodeId);
    if (machine?.isConnected !== true) throw new NavisError('NODE_OFFLINE');
    return machine;
  }

  /** The link to a node, for what only a node does; throws NavisError NODE_OFFLINE unless it is connected. */
  remote(nodeId: string): RemoteMachine {
    const machine = this.#remotes.get(nodeId);
    if (machine?.isConnected !== true) throw new NavisError('NODE_OFFLINE');
    return machine;
  }

  isConnected(nodeId: string): boolean {
    return nodeId === mainNodeId || this.#remotes.get(nodeId)?.isConnected === true;
  }

  start(): Promise<void> {
    return this.#main.start();
  }

  /** On `main`. */
  execute(request: ToolCallRequest): Promise<ToolResult> {
    return this.executeOn(mainNodeId, request);
  }

  /** Rejects NavisError NODE_OFFLINE for a node that is away, DEGRADED when its work cannot be noted. */
  async executeOn(nodeId: string, request: ToolCallRequest): Promise<ToolResult> {
    this.#calls.begin(request, nodeId);
    if (nodeId === mainNodeId) return this.#main.execute(request);
    const giving = this.#sessions.give(request.sessionId, nodeId);
    if (giving !== undefined) await giving;
    const machine = this.connected(nodeId);
    const result = await machine.execute(request);
    // Closed while this call was opening something in it.
    if (!this.#sessions.isAtWork(request.sessionId, nodeId))
      void this.#closeOn(nodeId, { sessionId: request.sessionId, reason: 'The session was closed.' });
    return result;
  }

  /** Resolves when it is noted that the session has work on this node (N10). */
  async giveWork(sessionId: string, nodeId: string): Promise<void> {
    if (nodeId !== mainNodeId) await this.#sessions.give(sessionId, nodeId);
  }

  /** Where a call of this id was sent before, as long as that is remembered. */
  placeOf(call: CallRef): string | undefined {
    return this.#calls.nodeOf(call);
  }

  async cancelCall(request: Input<'cancelCall'>): Promise<void> {
    const nodeId = this.#calls.nodeOf(request);
    if (nodeId !== undefined) return this.#machineFor(nodeId).cancelCall(request);
    // Begun before the hub was started: wherever it is, it ends; nodes that are not back yet are told then.
    const nodes = Array.from(this.#sessions.nodesOf(request.sessionId));
    await Promise.all(nodes.map((id) => this.#remotes.prepare(id)));
    const machines = [this.#main, ...nodes.map((id) => this.#machineFor(id))];
    await Promise.all(machines.map((machine) => machine.cancelCall(request)));
  }

  acknowledgeCall(request: Input<'acknowledgeCall'>): void {
    this.#callMachine(request).acknowledgeCall(request);
  }

  signalCall(request: Input<'signalCall'> & Placed): Promise<void> {
    return this.#askAbout(request, (machine) => machine.signalCall(request));
  }

  readOutput(request: Input<'readOutput'> & Placed): ReturnType<Machine['readOutput']> {
    return this.#askAbout(request, (machine) => machine.readOutput(request));
  }

  watchCall(request: Input<'watchCall'> & Placed, sink: CallOutputSink): { close(): void } {
    const nodeId = this.#placeOf(request);
    if (nodeId !== undefined) return this.#watchOn(nodeId, request, sink);
    const watch = (where: string, into: CallOutputSink) => this.#machineFor(where).watchCall(request, into);
    return watchAnywhere({ call: request, calls: this.#calls, watch }, sink);
  }

  terminals(sessionId?: string): TerminalInfo[] {
    return [...this.#main.terminals(sessionId), ...this.#remotes.terminals(sessionId)];
  }

  terminalsOn(nodeId: string): TerminalInfo[] {
    return nodeId === mainNodeId ? this.#main.terminals() : this.#remotes.terminalsOn(nodeId);
  }

  terminal(terminalId: string): TerminalInfo | undefined {
    const owner = this.#remotes.ownerOf(terminalId);
    if (owner === undefined) return this.#main.terminal(terminalId);
    const terminal = owner.terminal(terminalId);
    return terminal === undefined ? undefined : this.#remotes.describe(terminal);
  }

  attach(...[request, sink]: Parameters<Machine['attach']>): ReturnType<Machine['attach']> {
    return this.#ownerOf(request.terminalId).attach(request, sink);
  }

  input(terminalId: string, bytes: Uint8Array): ReturnType<Machine['input']> {
    return this.#ownerOf(terminalId).input(terminalId, bytes);
  }

  resize(terminalId: string, size: { columns: number; rows: number }): Promise<void> {
    return this.#ownerOf(terminalId).resize(terminalId, size);
  }

  setQueryResponder(terminalId: string, responder: 'screen' | 'viewer'): void {
    this.#ownerOf(terminalId).setQueryResponder(terminalId, responder);
  }

  readHistory(request: Input<'readHistory'>): ReturnType<Machine['readHistory']> {
    return this.#ownerOf(request.terminalId).readHistory(request);
  }

  /** Nodes that are away end the session's terminals when they are back. */
  async closeSession(sessionId: string, reason: string): Promise<void> {
    const nodes = Array.from(this.#sessions.close(sessionId));
    await Promise.all([
      this.#main.closeSession(sessionId, reason),
      ...nodes.map((nodeId) => this.#closeOn(nodeId, { sessionId, reason })),
    ]);
  }

  onEvent(listener: (event: MachineEvent) => void): () => void {
    const stops = [this.#main.onEvent(listener), this.#remotes.onEvent(listener), this.#own.add(listener)];
    return () => stops.forEach((stop) => stop());
  }

  /** Of a call that the hub itself carries out (N9). */
  announce(event: ToolEvent): void {
    this.#own.tell(event);
  }

  policy(): ReturnType<Machine['policy']> {
    return this.#main.policy();
  }

  setOverlay(overlay: Input<'setOverlay'>): Promise<void> {
    return this.#main.setOverlay(overlay);
  }

  /** On `main`; each node has its own. */
  learnRevocations(signed: Input<'learnRevocations'>): Promise<void> {
    return this.#main.learnRevocations(signed);
  }

  explain(request: Input<'explain'>): ReturnType<Machine['explain']> {
    return this.#main.explain(request);
  }

  readFile(request: Input<'readFile'>): ReturnType<Machine['readFile']> {
    return this.#main.readFile(request);
  }

  writeFile(request: Input<'writeFile'>): ReturnType<Machine['writeFile']> {
    return this.#main.writeFile(request);
  }

  discoverProjects(scan?: string): ReturnType<Machine['discoverProjects']> {
    return this.#main.discoverProjects(scan);
  }

  project(path: string): ReturnType<Machine['project']> {
    return this.#main.project(path);
  }

  /** Ends what runs on the hub's own machine; the nodes go on. */
  shutdown(): Promise<void> {
    return this.#main.shutdown();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#remotes[Symbol.asyncDispose]();
  }

  async #closeOn(nodeId: string, { sessionId, reason }: { sessionId: string; reason: string }): Promise<void> {
    const machine = this.#remotes.get(nodeId);
    if (machine === undefined) return;
    if (!machine.isConnected) return machine.forget(sessionId);
    const close = async (): Promise<void> => {
      await machine.closeSession(sessionId, reason);
      if (machine.isConnected) await this.#sessions.ended(sessionId, nodeId);
    };
    try {
      await withDeadline(close(), { ms: closeDeadlineMs, what: 'closing a session on a node' });
    } catch (error) {
      this.#log.warn({ err: error, nodeId, sessionId }, 'a session could not be closed on a node now');
    }
  }

  #placeOf(request: CallRef & Placed): string | undefined {
    return (request.nodeId === undefined ? undefined : this.#idOf(request.nodeId)) ?? this.#calls.nodeOf(request);
  }

  #ownerOf(terminalId: string): Machine {
    return this.#remotes.ownerOf(terminalId) ?? this.#main;
  }

  /** A node that was not heard of since the start is waited for: the call may have been begun before it. */
  #watchOn(nodeId: string, request: Input<'watchCall'>, sink: CallOutputSink): { close(): void } {
    if (nodeId === mainNodeId || this.#remotes.get(nodeId) !== undefined)
      return this.#machineFor(nodeId).watchCall(request, sink);
    let watch: { close(): void } | undefined;
    const stopWaiting = this.#remotes.onPresence((change) => {
      if (change.nodeId !== nodeId || !change.isConnected) return;
      stopWaiting();
      watch = this.#machineFor(nodeId).watchCall(request, sink);
    });
    return {
      close: () => {
        stopWaiting();
        watch?.close();
      },
    };
  }

  /** Also one that is away, which answers as such. */
  #machineFor(nodeId: string): Machine {
    return this.#remotes.get(nodeId) ?? this.#main;
  }

  #callMachine(call: CallRef): Machine {
    return this.#machineFor(this.#calls.nodeOf(call) ?? mainNodeId);
  }

  /** Where the call is known to be; else `main` first, then the nodes of the session that are connected. */
  async #askAbout<T>(request: CallRef & Placed, ask: (machine: Machine) => Promise<T>): Promise<T> {
    const nodeId = this.#placeOf(request);
    if (nodeId !== undefined) return ask(this.connected(nodeId));
    try {
      return await ask(this.#main);
    } catch (error) {
      if (!(error instanceof NavisError) || error.code !== 'NOT_FOUND') throw error;
      const nodes = Array.from(this.#sessions.nodesOf(request.sessionId), (id) => this.#remotes.get(id));
      const connected = nodes.filter((machine) => machine?.isConnected === true);
      return Promise.any(connected.map((machine) => ask(machine as Machine))).catch(() => {
        throw error;
      });
    }
  }
}

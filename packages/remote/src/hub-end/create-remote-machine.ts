/** The hub's end: a machine whose work is done by a node, over connections one after the other. */
import { maxFilePieceBytes, maxHistoryReadBytes, NavisError, nodeCloseCodes } from '@navisai/protocol';
import type {
  Ceiling,
  NodeFrame,
  NodeFrameOf,
  NodeLoad,
  SignedText,
  TerminalInfo,
  ToolResult,
} from '@navisai/protocol';
import type {
  AttachRequest,
  CallOutputSink,
  FileReadRequest,
  FileReadResult,
  FileWriteRequest,
  Machine,
  MachineEvent,
  OutputSubscription,
  ToolCallRequest,
  ViewerSink,
} from '@navisai/machine';
import type {
  ChannelSink,
  NodeAgentOrder,
  NodeAgentRun,
  NodeAgentSink,
  RemoteChannel,
  RemoteMachine,
  RemoteMachineOptions,
} from '../remote.types.ts';
import { HubConnection } from './hub-connection.ts';
import { KnownTerminals } from './known-terminals.ts';
import { NodeErrands } from './node-errands.ts';
import { isCallRef, PendingCalls } from './pending-calls.ts';
import { PendingRequests } from './pending-requests.ts';
import { RemoteAgents } from './remote-agents.ts';
import { RemoteStreams } from './remote-streams.ts';
import { RemoteViewer } from './remote-viewer.ts';
import { RemoteWatch } from './remote-watch.ts';

export const createRemoteMachine = (options: RemoteMachineOptions): RemoteMachine => new LinkedMachine(options);

/** Heartbeats of silence after which a connection counts as dead; every second one is answered. */
const silentBeats = 3;
const defaultHeartbeatMs = 5000;

class LinkedMachine implements RemoteMachine {
  readonly nodeId: string;
  readonly #options: RemoteMachineOptions;
  readonly #terminals: KnownTerminals;
  readonly #calls: PendingCalls;
  readonly #requests: PendingRequests;
  readonly #streams: RemoteStreams;
  readonly #errands: NodeErrands;
  readonly #agents: RemoteAgents;
  readonly #listeners = new Set<(event: MachineEvent) => void>();
  #connection: HubConnection | undefined;
  #load: NodeLoad | undefined;
  #isConnected = false;
  #lostAt = 0;
  #beats = 0;

  constructor(options: RemoteMachineOptions) {
    this.nodeId = options.nodeId;
    this.#options = options;
    const connection = (): HubConnection | undefined => this.#connection;
    const { nodeId, known, mayHold } = options;
    this.#terminals = new KnownTerminals({
      nodeId,
      known,
      mayHold,
      mayAsk: options.onUnknownSessions !== undefined,
      now: () => this.#now(),
    });
    this.#calls = new PendingCalls(nodeId, connection);
    this.#requests = new PendingRequests(connection);
    this.#streams = new RemoteStreams(connection);
    this.#errands = new NodeErrands(this.#requests);
    this.#agents = new RemoteAgents(connection, options.agentGraceMs);
    this.#lostAt = this.#now();
  }

  get isConnected(): boolean {
    return this.#isConnected;
  }

  get load(): NodeLoad | undefined {
    return this.#load;
  }

  connect(channel: RemoteChannel): ChannelSink {
    this.drop(nodeCloseCodes.stopping, 'another connection took its place');
    const connection: HubConnection = new HubConnection(channel, {
      onFrame: (frame, bytes) => this.#onFrame(frame, bytes),
      onOutput: (frame) => this.#streams.onOutput(frame),
      onLost: () => this.#onLost(connection),
      onViolation: (reason) => this.#options.onViolation(reason),
      onUnknownSessions: async (ids) => (await this.#options.onUnknownSessions?.(ids)) === true,
      onUnexpected: (error) => this.#options.onUnexpected?.(error),
      now: () => this.#now(),
    });
    this.#connection = connection;
    connection.send({ type: 'begin', ...this.#terminals.cursor, ...this.#agents.known });
    this.#errands.resume(connection);
    this.#calls.resume(connection);
    this.#agents.resume();
    this.#streams.resume(connection);
    return connection;
  }

  drop(code: number, reason: string): void {
    this.#connection?.end(code, reason);
  }

  checkSilence(): void {
    const { heartbeatMs = defaultHeartbeatMs } = this.#options;
    const connection = this.#connection;
    if (connection !== undefined && this.#now() - connection.heardAt > silentBeats * heartbeatMs)
      connection.end(nodeCloseCodes.stopping, 'the node is silent');
  }

  forget(sessionId: string): void {
    this.closeSession(sessionId, 'The session was closed.').catch((error: unknown) =>
      this.#options.onUnexpected?.(error),
    );
  }

  startAgent(order: NodeAgentOrder, sink: NodeAgentSink): NodeAgentRun {
    return this.#agents.start(order, sink);
  }

  async start(): Promise<void> {}

  execute(request: ToolCallRequest): Promise<ToolResult> {
    return this.#calls.execute(request);
  }

  cancelCall(request: { sessionId: string; callId: string }): Promise<void> {
    return this.#calls.cancel(request);
  }

  /** Best effort: records that stay are bounded by the node. */
  acknowledgeCall({ sessionId, callId }: { sessionId: string; callId: string }): void {
    if (isCallRef({ sessionId, callId })) this.#connection?.send({ type: 'ack', sessionId, callId });
  }

  async signalCall({ sessionId, callId, signal }: Parameters<Machine['signalCall']>[0]): Promise<void> {
    await this.#requests.ask<'signalCall'>({ name: 'signalCall', sessionId, callId, signal });
  }

  watchCall(request: Parameters<Machine['watchCall']>[0], sink: CallOutputSink): { close(): void } {
    const watch: RemoteWatch = new RemoteWatch({
      channel: this.#streams.nextChannel(),
      request,
      sink,
      connection: () => this.#connection,
      onOver: () => this.#streams.remove(watch),
      onUnexpected: (error) => this.#options.onUnexpected?.(error),
    });
    this.#streams.add(watch);
    return { close: () => watch.close() };
  }

  async readOutput({ sessionId, callId, from, maxBytes }: Parameters<Machine['readOutput']>[0]) {
    const ask = { name: 'readOutput', sessionId, callId, from, maxBytes: readable(maxBytes) } as const;
    return withBytes(await this.#requests.ask<'readOutput'>(ask));
  }

  terminals(sessionId?: string): TerminalInfo[] {
    const all = this.#terminals.list(this.#lastTrueAt);
    const chosen = sessionId === undefined ? all : all.filter((terminal) => terminal.sessionId === sessionId);
    return chosen.map((terminal) => ({ ...terminal, reachable: this.#isConnected }));
  }

  terminal(terminalId: string): TerminalInfo | undefined {
    const terminal = this.#terminals.described(terminalId, this.#lastTrueAt);
    return terminal === undefined ? undefined : { ...terminal, reachable: this.#isConnected };
  }

  attach(request: AttachRequest, sink: ViewerSink): OutputSubscription {
    const { terminalId } = request;
    if (!this.#terminals.has(terminalId)) throw new NavisError('TERMINAL_NOT_FOUND');
    const viewer: RemoteViewer = new RemoteViewer({
      channel: this.#streams.nextChannel(),
      request,
      sink,
      connection: () => this.#connection,
      onReached: (offset) => this.#terminals.reached(terminalId, offset),
      onOver: () => this.#streams.remove(viewer),
    });
    this.#streams.add(viewer);
    return viewer;
  }

  async input(terminalId: string, bytes: Uint8Array): Promise<{ acceptedBytes: number }> {
    this.#requireTerminal(terminalId);
    return (await this.#requests.ask<'input'>({ name: 'input', terminalId }, bytes)).value;
  }

  async resize(terminalId: string, { columns, rows }: { columns: number; rows: number }): Promise<void> {
    this.#requireTerminal(terminalId);
    await this.#requests.ask<'resize'>({ name: 'resize', terminalId, columns, rows });
  }

  setQueryResponder(terminalId: string, responder: 'screen' | 'viewer'): void {
    this.#errands.answerQueries({ terminalId, responder }, this.#connection);
  }

  async readHistory(request: Parameters<Machine['readHistory']>[0]) {
    const { terminalId, from, maxBytes } = request;
    this.#requireTerminal(terminalId);
    const ask = { name: 'readHistory', terminalId, from, maxBytes: readable(maxBytes) } as const;
    return withBytes(await this.#requests.ask<'readHistory'>(ask));
  }

  async closeSession(sessionId: string, reason: string): Promise<void> {
    if (this.#connection === undefined) this.#calls.cancelSession(sessionId);
    await this.#errands.closeSession({ sessionId, reason }, this.#connection);
  }

  onEvent(listener: (event: MachineEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  async policy(): ReturnType<Machine['policy']> {
    return (await this.#requests.ask<'policy'>({ name: 'policy' })).value;
  }

  async setOverlay(overlay: Ceiling | null): Promise<void> {
    await this.#requests.ask<'setOverlay'>({ name: 'setOverlay', overlay });
  }

  /** A node that is away hears it in its next `welcome`. */
  async learnRevocations(signed: SignedText): Promise<void> {
    this.#connection?.send({ type: 'revocations', signed });
  }

  async explain({ userId, origin, ...question }: Parameters<Machine['explain']>[0]): ReturnType<Machine['explain']> {
    return (await this.#requests.ask<'explain'>({ name: 'explain', question, userId, origin })).value;
  }

  async readFile(request: FileReadRequest): Promise<FileReadResult> {
    const maxBytes = Math.min(request.maxBytes, maxFilePieceBytes);
    return withBytes(await this.#requests.ask<'readFile'>({ name: 'readFile', ...request, maxBytes }));
  }

  async writeFile({ bytes, ...request }: FileWriteRequest): Promise<{ nextOffset: number }> {
    return (await this.#requests.ask<'writeFile'>({ name: 'writeFile', ...request }, bytes)).value;
  }

  async discoverProjects(scan?: string): ReturnType<Machine['discoverProjects']> {
    return (await this.#requests.ask<'discoverProjects'>({ name: 'discoverProjects', scan })).value;
  }

  async project(path: string): ReturnType<Machine['project']> {
    return (await this.#requests.ask<'project'>({ name: 'project', path })).value;
  }

  /** What runs on a node goes on without this hub. */
  async shutdown(): Promise<void> {
    await this[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#agents.close();
    this.#calls.close();
    this.drop(nodeCloseCodes.stopping, 'the hub leaves');
    this.#listeners.clear();
  }

  get #lastTrueAt(): number {
    return this.#isConnected ? this.#now() : this.#lostAt;
  }

  #now(): number {
    return this.#options.now?.() ?? performance.now();
  }

  #requireTerminal(terminalId: string): void {
    if (!this.#terminals.has(terminalId)) throw new NavisError('TERMINAL_NOT_FOUND', 'There is no such terminal.');
  }

  #onLost(connection: HubConnection): void {
    if (this.#connection !== connection) return;
    this.#connection = undefined;
    this.#lostAt = this.#now();
    this.#terminals.abandon();
    this.#requests.abandon();
    this.#agents.pause();
    if (!this.#isConnected) return;
    this.#isConnected = false;
    this.#options.onPresence(false);
  }

  #onFrame(frame: NodeFrame, bytes: Uint8Array | undefined): void {
    switch (frame.type) {
      case 'leave':
        return this.#options.onLeave?.();
      case 'state':
        return this.#terminals.arrive(frame);
      case 'synced':
        return this.#onSynced(frame);
      case 'event':
        return this.#emit(this.#terminals.apply(frame));
      case 'changes':
        return this.#terminals.change(frame);
      case 'result':
        return this.#calls.onResult(frame);
      case 'cancelled':
        return this.#calls.onCancelled(frame);
      case 'response':
        return this.#requests.onResponse(frame, bytes);
      case 'heartbeat':
        return this.#onHeartbeat(frame);
      case 'agent_event':
      case 'agent_ask':
      case 'agent_taken':
      case 'agent_cancel':
      case 'agent_lost':
        return this.#agents.onFrame(frame);
      default:
        return this.#streams.onFrame(frame, bytes);
    }
  }

  #onSynced(frame: NodeFrameOf<'synced'>): void {
    const events = this.#terminals.settle(frame);
    const wasConnected = this.#isConnected;
    this.#isConnected = true;
    for (const event of events) this.#emit(event);
    if (!wasConnected) this.#options.onPresence(true);
  }

  #onHeartbeat({ load, sent = 0 }: NodeFrameOf<'heartbeat'>): void {
    this.#load = load;
    this.#options.onLoad(load);
    this.#beats += 1;
    if (this.#beats % 2 === 0) this.#connection?.pulse();
    const isComplete = (this.#connection?.receivedBefore ?? 0) >= sent;
    if (!isComplete) this.drop(nodeCloseCodes.stopping, 'frames were lost');
  }

  #emit(event: MachineEvent | undefined): void {
    if (event === undefined) return;
    if (event.type === 'terminal.closed') this.#errands.forgetTerminal(event.terminal.id);
    const told = 'terminal' in event ? { ...event, terminal: { ...event.terminal, reachable: true } } : event;
    for (const listener of this.#listeners) {
      try {
        listener(told);
      } catch (error) {
        this.#options.onUnexpected?.(error);
      }
    }
  }
}

/** More than one frame carries is not read at once; the answer says where it ends. */
const readable = (maxBytes: number): number => Math.min(maxBytes, maxHistoryReadBytes);

const withBytes = <Value extends object>({ value, bytes }: { value: Value; bytes: Uint8Array }) => ({
  ...value,
  bytes,
});

/** A hub in memory that speaks the wire and can lose anything but what it has kept: for tests of the client's cursors. */
import { createMemoryNetwork } from '@navisai/link';
import type { MemoryFaults, MemoryNetwork, Socket } from '@navisai/link';
import { clientMessageSchema, decodeBinaryFrame, encodeBinaryFrame, newId } from '@navisai/protocol';
import type { ClientMessage, EventData, EventType, SubscriptionRequest, TerminalInfo } from '@navisai/protocol';

export const modelSession = 's_0000model';
export const modelTerminal = 't_0000model';

interface ModelSubscription {
  socket: Socket;
  id: string;
  to: SubscriptionRequest;
  channel: number;
  viewerId: string;
  /** Terminals: the next byte to send and how far the client has acknowledged. */
  sent: number;
  acknowledged: number;
}

type Row = { stream: string; type: EventType; data: Record<string, unknown> };

/** Terminals are resumed from `from` when it is at most `resumeBytes` behind, else by a screen. */
export class ModelHub {
  readonly network: MemoryNetwork;
  generation = 'g_one';
  rows: Row[] = [];
  output = new Uint8Array();
  inputs: string[] = [];
  /** What the next sockets hear instead of being served. */
  refusal: { error: Record<string, unknown>; code: number } | undefined;
  resumeBytes = Number.MAX_SAFE_INTEGER;
  /** The most unacknowledged bytes that any subscription had. */
  maxUnderWay = 0;
  controller: TerminalInfo['controller'] = null;
  #subscriptions: ModelSubscription[] = [];
  #channels = 0;

  constructor(faults: MemoryFaults = {}) {
    this.network = createMemoryNetwork((socket) => {
      if (this.refusal !== undefined) this.#refuse(socket, this.refusal);
      return {
        onFrame: (frame) => this.#onFrame(socket, frame),
        onClose: () => (this.#subscriptions = this.#subscriptions.filter((one) => one.socket !== socket)),
      };
    }, faults);
  }

  append(stream: string, row: { type: EventType; data: Record<string, unknown> }): void {
    const seq = this.rows.filter((known) => known.stream === stream).length + 1;
    const kept = { stream, type: row.type, data: { ...row.data, seq } };
    this.rows.push(kept);
    for (const one of this.#subscriptions) if (streamOf(one.to) === stream) this.#sendRow(one.socket, kept);
  }

  /** As a restored store: other rows, another generation, every connection told to come back. */
  reset(): void {
    this.generation = newId('generation');
    this.rows = [];
    this.network.cutAll();
  }

  print(text: string): void {
    this.output = Uint8Array.from([...this.output, ...new TextEncoder().encode(text)]);
    for (const one of this.#subscriptions) this.#pump(one);
  }

  take(controller: TerminalInfo['controller']): void {
    this.controller = controller;
    for (const { socket, to } of this.#subscriptions)
      if (to.kind === 'terminal') tell(socket, 'terminal.control', { terminalId: modelTerminal, controller });
  }

  get subscriptions(): readonly ModelSubscription[] {
    return this.#subscriptions;
  }

  #onFrame(socket: Socket, frame: string | Uint8Array): void {
    if (this.refusal !== undefined) return;
    if (typeof frame !== 'string') {
      this.inputs.push(new TextDecoder().decode(decodeBinaryFrame(frame).bytes));
      return;
    }
    this.#onMessage(socket, clientMessageSchema.parse(JSON.parse(frame)));
  }

  #onMessage(socket: Socket, message: ClientMessage): void {
    if (message.type === 'ping') tell(socket, 'pong', { id: message.data.id });
    if (message.type === 'subscribe') this.#subscribe(socket, message.data);
    if (message.type === 'unsubscribe')
      this.#subscriptions = this.#subscriptions.filter((one) => one.socket !== socket || one.id !== message.data.id);
    const mine = this.#subscriptions.find((one) => one.socket === socket && one.to.kind === 'terminal');
    if (mine === undefined) return;
    if (message.type === 'terminal.ack') {
      mine.acknowledged = Math.max(mine.acknowledged, message.data.offset);
      this.#pump(mine);
    }
    if (message.type === 'terminal.control') {
      const isRefused = message.data.ifFree === true && this.controller !== null;
      const own = { deviceId: 'd_0000', name: 'model', viewerId: mine.viewerId };
      this.take(message.data.action === 'release' ? null : isRefused ? this.controller : own);
    }
  }

  #subscribe(socket: Socket, { id, to }: { id: string; to: SubscriptionRequest }): void {
    if (this.#subscriptions.some((one) => one.socket === socket && one.id === id)) return;
    this.#channels += 1;
    const viewerId = `v${this.#channels}`;
    const one = { socket, id, to, channel: this.#channels, viewerId, sent: 0, acknowledged: 0 };
    this.#subscriptions.push(one);
    if (to.kind === 'terminal') this.#attach(one, to);
    else if (to.kind !== 'call') this.#backfill(one, to);
  }

  #backfill(one: ModelSubscription, to: Extract<SubscriptionRequest, { kind: 'hub' | 'session' }>): void {
    const stream = streamOf(to);
    const rows = this.rows.filter((row) => row.stream === stream);
    const isOther = to.after !== undefined && to.generation !== undefined && to.generation !== this.generation;
    const isReset = isOther || (to.after ?? 0) > rows.length;
    const after = isReset ? 0 : (to.after ?? rows.length);
    const answer = { id: one.id, generation: this.generation, after, ...(isReset ? { reset: true } : {}) };
    tell(one.socket, 'subscribed', answer);
    for (const row of rows.slice(after)) this.#sendRow(one.socket, row);
    tell(one.socket, 'live', { id: one.id, seq: rows.length });
  }

  #attach(one: ModelSubscription, to: Extract<SubscriptionRequest, { kind: 'terminal' }>): void {
    const { socket, id, channel, viewerId } = one;
    tell(socket, 'subscribed', { id, generation: this.generation, channel, viewerId, terminal: this.#terminal() });
    const end = this.output.length;
    const isNear = to.from !== undefined && end - to.from <= this.resumeBytes;
    one.sent = isNear || to.snapshot !== true ? (to.from ?? 0) : end;
    one.acknowledged = one.sent;
    if (!isNear && to.snapshot === true) tell(socket, 'terminal.snapshot', this.#screen());
    this.#pump(one);
  }

  #pump(one: ModelSubscription): void {
    if (one.to.kind !== 'terminal') return;
    const limit = Math.min(this.output.length, one.acknowledged + (one.to.windowBytes ?? 0));
    if (limit <= one.sent) return;
    const bytes = this.output.slice(one.sent, limit);
    one.socket.send(encodeBinaryFrame({ kind: 'output', channel: one.channel, offset: one.sent, bytes }));
    one.sent = limit;
    this.maxUnderWay = Math.max(this.maxUnderWay, one.sent - one.acknowledged);
  }

  #screen(): EventData<'terminal.snapshot'> {
    const data = new TextDecoder().decode(this.output);
    const facts = { title: '', cwd: null, alternateScreen: false, catchingUp: false, firstOffset: 0 };
    return { terminalId: modelTerminal, offset: this.output.length, columns: 80, rows: 24, data, ...facts };
  }

  #terminal(): TerminalInfo {
    const at = '2026-01-01T00:00:00.000Z';
    const facts = { name: 'model', description: 'a model', command: 'cat', nodeId: 'main', background: true };
    const life = { status: 'busy' as const, keepAlive: true, pid: 1, startedAt: at, uptime: 0, lastActivityAt: at };
    const end = { exitCode: null, signal: null, exitedAt: null, reason: null };
    const view = { columns: 80, rows: 24, title: '', controller: this.controller, viewers: 1 };
    const log = { firstOffset: 0, endOffset: this.output.length };
    return { id: modelTerminal, sessionId: modelSession, ...facts, ...life, ...end, ...view, ...log };
  }

  #sendRow(socket: Socket, row: Row): void {
    tell(socket, row.type, row.data as EventData, row.stream === 'hub' ? undefined : row.stream);
  }

  #refuse(socket: Socket, refusal: { error: Record<string, unknown>; code: number }): void {
    queueMicrotask(() => {
      tell(socket, 'error', { code: 'UNAUTHORIZED', message: 'refused', ...refusal.error });
      socket.close(refusal.code, 'unauthorized');
    });
  }
}

const tell = (socket: Socket, type: EventType, data: object, sessionId?: string): void =>
  socket.send(JSON.stringify({ type, sessionId, data, timestamp: '2026-01-01T00:00:00.000Z' }));

const streamOf = (to: SubscriptionRequest): string => (to.kind === 'session' ? to.sessionId : to.kind);

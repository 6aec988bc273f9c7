/** One viewer of one terminal on a socket: its bytes as frames or whole characters, its screen, its end. */
import { NavisError, viewerWindowBytes } from '@navisai/protocol';
import type { EventData, EventType } from '@navisai/protocol';
import type { ExitState, OutputChunk, OutputSubscription, ScreenSnapshot, ViewerSink } from '@navisai/machine';
import { ByteOutlet } from './byte-outlet.ts';
import type { RequestOf, Subscription, SubscriptionContext } from './subscription.types.ts';
import type { Controller } from './terminal-viewers.ts';

type TerminalRequest = RequestOf<'terminal'>;

export const terminalKey = (terminalId: string): string => `terminal ${terminalId}`;

const defaultScrollback = 1_000;

/** Rejects NOT_FOUND for a terminal of a session that the device may not see. */
export const openTerminalSubscription = async (
  context: SubscriptionContext,
  request: TerminalRequest,
  signal: AbortSignal,
): Promise<TerminalSubscription> => {
  const terminal = context.hub.machine.terminal(request.terminalId);
  if (terminal === undefined) throw new NavisError('NOT_FOUND', 'There is no such terminal.');
  await context.hub.visibleSession(context.device, terminal.sessionId);
  const subscription = new TerminalSubscription(context, request, terminal.sessionId);
  if (!signal.aborted) subscription.open();
  return subscription;
};

export class TerminalSubscription implements Subscription, ViewerSink {
  readonly key: string;
  readonly channel: number;
  readonly terminalId: string;
  readonly viewerId = `v_${crypto.randomUUID()}`;
  readonly deviceId: string;
  readonly deviceName: string;
  readonly #context: SubscriptionContext;
  readonly #request: TerminalRequest;
  readonly #sessionId: string;
  readonly #bytes: ByteOutlet;
  #source: OutputSubscription | undefined;
  #size = { columns: 0, rows: 0 };
  #sentTo = 0;
  /** Acknowledged by the client while the socket was busy: counted when it is not. */
  #heldAcknowledgement: number | undefined;
  #isOver = false;

  constructor(context: SubscriptionContext, request: TerminalRequest, sessionId: string) {
    this.#context = context;
    this.#request = request;
    this.#sessionId = sessionId;
    this.key = terminalKey(request.terminalId);
    this.channel = context.channel;
    this.terminalId = request.terminalId;
    this.deviceId = context.device.id;
    this.deviceName = context.device.name;
    const { outlet, channel } = context;
    this.#bytes = new ByteOutlet(outlet, {
      frame: (chunk) => ({ kind: 'output', channel, ...chunk }),
      text: (piece) => this.#tell('terminal.output', { terminalId: this.terminalId, ...piece }),
    });
  }

  /** Throws NOT_FOUND when the terminal was closed meanwhile. */
  open(): void {
    const { hub, viewers, id, channel } = this.#context;
    const { terminalId } = this;
    viewers.add(terminalId, this);
    const terminal = hub.machine.terminal(terminalId);
    if (terminal === undefined) {
      this.close();
      throw new NavisError('NOT_FOUND', 'There is no such terminal.');
    }
    this.#size = { columns: terminal.columns, rows: terminal.rows };
    const described = {
      ...terminal,
      controller: viewers.controllerOf(terminalId),
      viewers: viewers.countOf(terminalId),
    };
    const { generation } = hub.events;
    this.#tell('subscribed', { id, generation, channel, viewerId: this.viewerId, terminal: described });
    const { from, snapshot = false, scrollback = defaultScrollback, windowBytes = viewerWindowBytes } = this.#request;
    this.#source = hub.machine.attach({ terminalId, from, snapshot, scrollback, windowBytes }, this);
    if (this.#isOver) this.#source.close();
  }

  /** The client has consumed everything before `offset`; what it never got cannot be meant. */
  acknowledge(offset: number): void {
    const consumed = Math.min(offset, this.#sentTo);
    const { outlet } = this.#context;
    if (!outlet.isBusy) {
      this.#source?.acknowledge(consumed);
      return;
    }
    const isFirst = this.#heldAcknowledgement === undefined;
    this.#heldAcknowledgement = Math.max(this.#heldAcknowledgement ?? 0, consumed);
    if (isFirst) void outlet.ready().then(() => this.#releaseAcknowledgement());
  }

  close(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#bytes.close();
    this.#source?.close();
    this.#context.viewers.remove(this.terminalId, this.viewerId);
  }

  onSnapshot(snapshot: ScreenSnapshot & { firstOffset: number }): void {
    this.#bytes.flush();
    this.#sentTo = Math.max(this.#sentTo, snapshot.offset);
    this.#tell('terminal.snapshot', { terminalId: this.terminalId, ...snapshot });
  }

  onOutput(chunk: OutputChunk): void {
    this.#sentTo = chunk.offset + chunk.bytes.length;
    this.#bytes.push(chunk);
  }

  onSkipped(range: { from: number; to: number }): void {
    this.#bytes.flush();
    this.#sentTo = Math.max(this.#sentTo, range.to);
    this.#tell('terminal.skipped', { terminalId: this.terminalId, from: range.from, to: range.to });
  }

  onExit(exit: ExitState): void {
    this.#bytes.flush();
    const { exitCode, signal, reason = null } = exit;
    const endOffset = this.#context.hub.machine.terminal(this.terminalId)?.endOffset ?? this.#sentTo;
    this.#tell('terminal.exit', { terminalId: this.terminalId, exitCode, signal, reason, endOffset });
  }

  onOverflow(): void {
    this.#context.end(new NavisError('VIEWER_OVERFLOW'));
  }

  onControl(controller: Controller | null): void {
    this.#tell('terminal.control', { terminalId: this.terminalId, controller });
  }

  /** The terminal's size as the machine tells it; told on when it is another one. */
  onSize(size: { columns: number; rows: number }, offset: number): void {
    if (size.columns === this.#size.columns && size.rows === this.#size.rows) return;
    this.#size = size;
    this.#bytes.flushWhole();
    this.#tell('terminal.resized', { terminalId: this.terminalId, ...size, offset });
  }

  onClosed(reason: string): void {
    this.#bytes.flush();
    this.#context.end(new NavisError('NOT_FOUND', reason));
  }

  #tell<T extends EventType>(type: T, data: EventData<T>): void {
    this.#context.outlet.tell(type, data, this.#sessionId);
  }

  #releaseAcknowledgement(): void {
    const offset = this.#heldAcknowledgement;
    this.#heldAcknowledgement = undefined;
    if (offset !== undefined && !this.#isOver) this.#source?.acknowledge(offset);
  }
}

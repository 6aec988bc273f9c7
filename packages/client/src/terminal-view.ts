/** One attached terminal: its bytes in order across reconnects, its control, its honest state. */
import { NavisError, viewerWindowBytes } from '@navisai/protocol';
import type { BinaryFrame, ClientMessage, EventData, HubEvent, SubscriptionRequest } from '@navisai/protocol';
import type { LinkState } from '@navisai/link';
import type { Follower, Wire } from './follower.types.ts';
import { OrderedConsumer } from './ordered-consumer.ts';
import type {
  Controller,
  InputOutcome,
  TerminalExit,
  TerminalHandlers,
  TerminalSnapshot,
  TerminalView,
  TerminalViewOptions,
  TerminalViewState,
} from './terminal-view.types.ts';

type Item =
  | { kind: 'reset'; snapshot: TerminalSnapshot }
  | { kind: 'bytes'; offset: number; bytes: Uint8Array }
  | { kind: 'skipped'; from: number; to: number }
  | { kind: 'resized'; columns: number; rows: number; offset: number }
  | { kind: 'exit'; exit: TerminalExit };

const defaultScrollback = 1_000;

export class TerminalFollower implements Follower, TerminalView {
  readonly #options: TerminalViewOptions;
  readonly #handlers: TerminalHandlers;
  readonly #wire: Wire;
  readonly #feed: OrderedConsumer<Item>;
  readonly #windowBytes: number;
  #state: TerminalViewState;
  /** Offset after the last byte that came; the next must begin here. `undefined` before the first. */
  #expected: number | undefined;
  #acknowledged = 0;
  #catchUpTo = 0;
  /** As the hub knows this view; changes with every subscription. */
  #viewerId: string | undefined;
  /** Held when the link broke, or wanted from the start. */
  #wanted: 'no' | 'ifFree' | 'always';
  #size: { columns: number; rows: number } | undefined;

  constructor(given: { options: TerminalViewOptions; handlers: TerminalHandlers; wire: Wire }) {
    this.#options = given.options;
    this.#handlers = given.handlers;
    this.#wire = given.wire;
    this.#expected = given.options.from;
    this.#windowBytes = given.options.windowBytes ?? viewerWindowBytes;
    const control = given.options.control ?? 'never';
    this.#wanted = control === 'never' ? 'no' : control;
    this.#state = initialState(given.wire.link);
    this.#feed = new OrderedConsumer<Item>({
      consume: (item) => this.#consume(item),
      onConsumed: (item) => this.#onConsumed(item),
      onFailure: (cause) => this.#end(new NavisError('INTERNAL', 'The view of this terminal failed.', { cause })),
    });
  }

  get state(): TerminalViewState {
    return this.#state;
  }

  input(data: string | Uint8Array): InputOutcome {
    const refusal = this.#refusal();
    if (refusal !== undefined) return refusal;
    const bytes = typeof data === 'string' ? new TextEncoder().encode(data) : data;
    return this.#wire.sendBytes({ kind: 'input', offset: 0, bytes });
  }

  resize(size: { columns: number; rows: number }): InputOutcome {
    this.#size = size;
    const refusal = this.#refusal();
    if (refusal !== undefined) return refusal;
    if (size.columns === this.#state.columns && size.rows === this.#state.rows) return 'sent';
    return this.#send({ type: 'terminal.resize', data: { terminalId: this.#options.terminalId, ...size } });
  }

  takeControl(options: { ifFree?: boolean } = {}): InputOutcome {
    if (this.#state.phase === 'exited' || this.#state.phase === 'ended') return 'exited';
    return this.#sendControl('take', options.ifFree === true);
  }

  releaseControl(): InputOutcome {
    this.#wanted = 'no';
    return this.#state.isInControl ? this.#sendControl('release', false) : 'notInControl';
  }

  close(): void {
    if (this.#state.phase === 'ended') return;
    this.#wire.leave();
    this.#feed.clear();
    this.#change({ phase: 'ended', isInControl: false });
  }

  request(): SubscriptionRequest {
    const { terminalId, snapshot = true, scrollback = defaultScrollback } = this.#options;
    return {
      kind: 'terminal',
      terminalId,
      from: this.#expected,
      snapshot,
      scrollback,
      windowBytes: this.#windowBytes,
    };
  }

  onSubscribed(data: EventData<'subscribed'>): void {
    const previousViewer = this.#viewerId;
    this.#viewerId = data.viewerId;
    this.#acknowledged = this.#expected ?? 0;
    const info = data.terminal ?? null;
    const controller = info?.controller ?? null;
    const size = info === null ? {} : { columns: info.columns, rows: info.rows };
    this.#change({ info, ...size, phase: this.#state.phase === 'exited' ? 'exited' : 'live', error: null });
    this.#onController(controller);
    if (this.#wanted === 'no' || this.#state.phase !== 'live') return;
    // The hub may not have noticed yet that our own last connection is gone.
    const isOwnGhost = controller !== null && controller.viewerId === previousViewer;
    this.#sendControl('take', this.#wanted === 'ifFree' && !isOwnGhost);
  }

  onEvent(event: HubEvent): void {
    switch (event.type) {
      case 'terminal.snapshot':
        this.#expected = event.data.offset;
        this.#feed.push({ kind: 'reset', snapshot: event.data });
        break;
      case 'terminal.skipped':
        this.#onSkipped(event.data);
        break;
      case 'terminal.resized':
        this.#feed.push({ kind: 'resized', ...event.data });
        break;
      case 'terminal.exit':
        // Every byte has come: there is nothing left to follow.
        this.#wire.leave();
        this.#feed.push({ kind: 'exit', exit: event.data });
        break;
      case 'terminal.control':
        this.#onControl(event.data.controller);
        break;
      default:
        break;
    }
  }

  onBytes(frame: BinaryFrame): void {
    const expected = this.#expected ?? frame.offset;
    if (frame.offset > expected) {
      this.#wire.resubscribe();
      return;
    }
    const bytes = frame.bytes.subarray(expected - frame.offset);
    if (bytes.length === 0) return;
    this.#expected = expected + bytes.length;
    this.#feed.push({ kind: 'bytes', offset: expected, bytes });
  }

  onLive(): void {}

  onLink(link: LinkState): void {
    const isFinal = this.#state.phase === 'exited' || this.#state.phase === 'ended';
    if (link.kind === 'connected' || isFinal) {
      this.#change({ link });
      return;
    }
    if (this.#state.isInControl) this.#wanted = 'ifFree';
    this.#change({ link, phase: 'attaching', isInControl: false });
  }

  onRefused(error: NavisError): void {
    this.#handlers.onRefused?.(error);
  }

  onEnded(error: NavisError): void {
    this.#end(error);
  }

  #end(error: NavisError): void {
    if (this.#state.phase === 'ended') return;
    this.#wire.leave();
    this.#change({ phase: 'ended', isInControl: false, error });
  }

  #consume(item: Item): void | Promise<void> {
    switch (item.kind) {
      case 'reset':
        return this.#handlers.onReset(item.snapshot);
      case 'bytes':
        return this.#handlers.onBytes({ offset: item.offset, bytes: item.bytes });
      case 'skipped':
        return this.#handlers.onSkipped?.({ from: item.from, to: item.to });
      case 'resized':
        return this.#handlers.onResized?.({ columns: item.columns, rows: item.rows, offset: item.offset });
      case 'exit':
        return this.#handlers.onExit?.(item.exit);
    }
  }

  #onConsumed(item: Item): void {
    switch (item.kind) {
      case 'reset':
        this.#onScreen(item.snapshot);
        break;
      case 'bytes':
        this.#onConsumedTo(item.offset + item.bytes.length);
        break;
      case 'resized':
        this.#change({ columns: item.columns, rows: item.rows });
        break;
      case 'exit':
        this.#change({ phase: 'exited', exit: item.exit, isInControl: false });
        break;
      case 'skipped':
        break;
    }
  }

  #onScreen(snapshot: TerminalSnapshot): void {
    this.#acknowledged = Math.max(this.#acknowledged, snapshot.offset);
    this.#catchUpTo = snapshot.catchingUp ? (this.#state.info?.endOffset ?? 0) : 0;
    const isCatchingUp = snapshot.catchingUp && this.#catchUpTo > snapshot.offset;
    this.#change({ columns: snapshot.columns, rows: snapshot.rows, isCatchingUp });
  }

  #onConsumedTo(offset: number): void {
    if (this.#state.isCatchingUp && offset >= this.#catchUpTo) this.#change({ isCatchingUp: false });
    if (offset - this.#acknowledged < this.#windowBytes / 4) return;
    const outcome = this.#wire.send({
      type: 'terminal.ack',
      data: { terminalId: this.#options.terminalId, offset },
    });
    if (outcome === 'sent') this.#acknowledged = offset;
  }

  #onSkipped(range: { from: number; to: number }): void {
    if (this.#expected === undefined || range.to > this.#expected) this.#expected = range.to;
    this.#feed.push({ kind: 'skipped', from: range.from, to: range.to });
  }

  #onControl(controller: Controller | null): void {
    this.#onController(controller);
    if (!this.#state.isInControl) {
      this.#wanted = 'no';
      return;
    }
    this.#wanted = 'ifFree';
    if (this.#size !== undefined) this.resize(this.#size);
  }

  #onController(controller: Controller | null): void {
    const isMine = controller !== null && controller.viewerId === this.#viewerId;
    this.#change({ controller, isInControl: isMine });
    this.#handlers.onControl?.({ controller, isMine });
  }

  #refusal(): InputOutcome | undefined {
    const { phase, isInControl } = this.#state;
    if (phase === 'exited' || phase === 'ended') return 'exited';
    if (phase === 'attaching') return 'down';
    return isInControl ? undefined : 'notInControl';
  }

  #sendControl(action: 'take' | 'release', ifFree: boolean): InputOutcome {
    return this.#send({
      type: 'terminal.control',
      data: { terminalId: this.#options.terminalId, action, ...(ifFree ? { ifFree } : {}) },
    });
  }

  #send(message: ClientMessage): InputOutcome {
    return this.#wire.send({ ...message, id: this.#wire.messageId() });
  }

  #change(change: Partial<TerminalViewState>): void {
    this.#state = { ...this.#state, ...change };
    this.#handlers.onState?.(this.#state);
  }
}

const initialState = (link: LinkState): TerminalViewState => ({
  phase: 'attaching',
  link,
  info: null,
  controller: null,
  isInControl: false,
  columns: 0,
  rows: 0,
  isCatchingUp: false,
  exit: null,
  error: null,
});

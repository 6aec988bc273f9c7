/** The link: dials, keeps alive, notices the end, backs off, dials again. It keeps nothing of what was sent. */
import type { Backoff, CloseVerdict, Link, LinkOptions, LinkState, SendOutcome } from './link.types.ts';
import type { Frame, Socket, SocketClose, SocketSink } from './socket.types.ts';

/** A short outage is most often a restart or a change of network: it should be over within a blink (A2). */
const defaultBackoff: Backoff = {
  firstMs: 50,
  factor: 1.6,
  young: [
    { outageMs: 5_000, maxMs: 100 },
    { outageMs: 30_000, maxMs: 400 },
  ],
  maxMs: 10_000,
};
const defaultHeartbeat = { everyMs: 15_000, timeoutMs: 10_000 };
/** `retryNow` on a connection that looks open: how long the other side may take to show life. */
const probeTimeoutMs = 3_000;
/** A connection that lived shorter than this was no success: the pauses go on growing. */
const stableAfterMs = 1_000;
const defaultConnectTimeoutMs = 5_000;
const defaultMaxSendBytes = 4 * 1024 * 1024;

/** Dials at once. */
export const createLink = (options: LinkOptions): Link => new ReconnectingLink(options);

class ReconnectingLink implements Link {
  readonly #options: LinkOptions;
  readonly #backoff: Backoff;
  #state: LinkState = { kind: 'connecting' };
  /** The socket that counts, once it is open; others are ghosts and not listened to. */
  #socket: Socket | undefined;
  /** Rises with every attempt, so that what an older socket still says is dropped. */
  #epoch = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #lastHeardAt = 0;
  #downSince: number | undefined;
  #attempt = 0;
  #wentAtOnce = false;

  constructor(options: LinkOptions) {
    this.#options = options;
    this.#backoff = { ...defaultBackoff, ...options.backoff };
    this.#dial();
  }

  get state(): LinkState {
    return this.#state;
  }

  send(frame: Frame): SendOutcome {
    if (this.#socket === undefined || this.#state.kind !== 'connected') return 'down';
    const size = typeof frame === 'string' ? frame.length : frame.byteLength;
    if (this.#socket.bufferedBytes + size > (this.#options.maxSendBytes ?? defaultMaxSendBytes)) return 'full';
    this.#socket.send(frame);
    return 'sent';
  }

  retryNow(): void {
    if (this.#state.kind === 'closed') return;
    if (this.#state.kind === 'connected') this.#ping(probeTimeoutMs);
    else this.#dial();
  }

  drop(reason: string): void {
    if (this.#state.kind === 'connected') this.#abandon({ code: 4000, reason });
  }

  close(): void {
    if (this.#state.kind === 'closed') return;
    this.#epoch += 1;
    clearTimeout(this.#timer);
    this.#socket?.close(1000, 'closed by the client');
    this.#socket = undefined;
    this.#enter({ kind: 'closed' });
  }

  #dial(): void {
    this.#epoch += 1;
    const epoch = this.#epoch;
    clearTimeout(this.#timer);
    this.#attempt += 1;
    const isCurrent = (): boolean => epoch === this.#epoch;
    let dialled: Socket | undefined;
    const giveUp = (reason: string): void => {
      if (!isCurrent()) return;
      dialled?.terminate();
      this.#onClose({ code: 1006, reason });
    };
    this.#timer = setTimeout(
      () => giveUp('no connection in time'),
      this.#options.connectTimeoutMs ?? defaultConnectTimeoutMs,
    );
    const sink: SocketSink = {
      onOpen: (socket) => (isCurrent() ? this.#onOpen(socket) : socket.terminate()),
      onFrame: (frame) => {
        if (isCurrent()) this.#onFrame(frame);
      },
      onClose: (close) => {
        if (isCurrent()) this.#onClose(close);
      },
    };
    this.#options.dial(sink).then(
      (socket) => {
        dialled = socket;
        if (!isCurrent()) socket.terminate();
      },
      (error: unknown) => giveUp(error instanceof Error ? error.message : 'cannot connect'),
    );
  }

  #onOpen(socket: Socket): void {
    const now = this.#now();
    this.#socket = socket;
    this.#lastHeardAt = now;
    this.#enter({ kind: 'connected', since: now });
    this.#scheduleHeartbeat();
    this.#options.onConnected({ subprotocol: socket.subprotocol });
  }

  #onFrame(frame: Frame): void {
    this.#lastHeardAt = this.#now();
    this.#options.onFrame(frame);
  }

  #onClose(close: SocketClose): void {
    this.#epoch += 1;
    this.#socket = undefined;
    clearTimeout(this.#timer);
    if (this.#state.kind === 'connected' && this.#now() - this.#state.since >= stableAfterMs) this.#forgetFailures();
    const verdict: CloseVerdict = this.#options.judgeClose?.(close) ?? { kind: 'retry' };
    if (verdict.kind === 'refused') {
      this.#enter(verdict);
      return;
    }
    const isAtOnce = verdict.kind === 'retryAtOnce' && !this.#wentAtOnce;
    this.#wentAtOnce = isAtOnce;
    this.#scheduleRetry(isAtOnce ? 0 : undefined);
  }

  #forgetFailures(): void {
    this.#attempt = 0;
    this.#downSince = undefined;
    this.#wentAtOnce = false;
  }

  #scheduleRetry(fixedDelayMs?: number): void {
    const now = this.#now();
    this.#downSince ??= now;
    const delayMs = fixedDelayMs ?? this.#delayMs(now - this.#downSince);
    this.#timer = setTimeout(() => this.#dial(), delayMs);
    this.#enter({
      kind: 'reconnecting',
      since: this.#downSince,
      attempt: this.#attempt + 1,
      nextAttemptAt: now + delayMs,
    });
  }

  /** Grows by attempts up to a bound, half of it random so that many clients do not come back in step. */
  #delayMs(outageMs: number): number {
    const { firstMs, factor, young, maxMs } = this.#backoff;
    const bound = young.find((stage) => outageMs < stage.outageMs)?.maxMs ?? maxMs;
    const full = Math.min(bound, firstMs * factor ** Math.min(this.#attempt, 32));
    return full * (0.5 + (this.#options.random ?? Math.random)() / 2);
  }

  #scheduleHeartbeat(): void {
    const everyMs = this.#options.heartbeat?.everyMs ?? defaultHeartbeat.everyMs;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      const silentMs = this.#now() - this.#lastHeardAt;
      if (silentMs < everyMs / 2) this.#scheduleHeartbeat();
      else this.#ping(this.#options.heartbeat?.timeoutMs ?? defaultHeartbeat.timeoutMs);
    }, everyMs);
  }

  #ping(timeoutMs: number): void {
    const pingedAt = this.#now();
    const socket = this.#socket;
    clearTimeout(this.#timer);
    socket?.send(this.#options.makePing());
    this.#timer = setTimeout(() => {
      if (this.#lastHeardAt >= pingedAt && this.#socket === socket) this.#scheduleHeartbeat();
      else this.#abandon({ code: 1006, reason: 'the other side is silent' });
    }, timeoutMs);
  }

  /** Half-open or useless: no handshake, the other side may be gone. */
  #abandon(close: SocketClose): void {
    const socket = this.#socket;
    this.#onClose(close);
    socket?.terminate();
  }

  #enter(state: LinkState): void {
    this.#state = state;
    this.#options.onState?.(state);
  }

  #now(): number {
    return (this.#options.now ?? Date.now)();
  }
}

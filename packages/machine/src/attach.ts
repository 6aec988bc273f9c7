/**
 * Attaches a viewer to a terminal: a snapshot of the screen at offset N and then the bytes from N (T17, architecture
 * idea 2). A viewer with snapshots that falls behind is skipped ahead to a fresh one; a viewer without is told
 * `onOverflow` when it stalls while much output waits, or when bytes that it still needed are dropped.
 */
import { NavisError } from '@navisai/protocol';
import type { AttachRequest, ViewerSink } from './machine.types.ts';
import type { OutputChunk, OutputSubscription, PtyHosts, ScreenSnapshot } from './pty-hosts.types.ts';

/** To continue from an old offset must cost about as little as a screen. */
const maxContinuedBytes = 256 * 1024;
/** A viewer with snapshots that is this far behind when it comes back is skipped ahead. */
export const skipBehindBytes = 1024 * 1024;
/** A slow viewer of a flood gets a fresh screen at most this often; between, bytes flow as it takes them. */
const minSnapshotGapMs = 250;
/** A viewer without snapshots that acknowledges nothing for this long while this much waits is closed. */
export const overflow = { stallMs: 5000, behindBytes: 4 * 1024 * 1024 } as const;

type AttachHosts = Pick<PtyHosts, 'get' | 'snapshot' | 'subscribe'>;

/** Throws TERMINAL_NOT_FOUND. */
export const attachViewer = (hosts: AttachHosts, request: AttachRequest, sink: ViewerSink): OutputSubscription => {
  if (hosts.get(request.terminalId) === undefined) throw new NavisError('TERMINAL_NOT_FOUND');
  const viewer = new Viewer(hosts, request, sink);
  viewer.start();
  return viewer;
};

class Viewer implements OutputSubscription {
  readonly #hosts: AttachHosts;
  readonly #request: AttachRequest;
  readonly #sink: ViewerSink;
  #output: OutputSubscription | undefined;
  /** Offset that the viewer has everything before; `null` until it begins. */
  #delivered: number | null;
  #acknowledged = 0;
  #lastSnapshotAt = Number.NEGATIVE_INFINITY;
  #stall: NodeJS.Timeout | undefined;
  #isTakingSnapshot = false;
  #hasOutput = false;
  #isClosed = false;

  constructor(hosts: AttachHosts, request: AttachRequest, sink: ViewerSink) {
    this.#hosts = hosts;
    this.#request = request;
    this.#sink = sink;
    // An offset beyond the end is of another terminal or another time.
    this.#delivered = request.from !== undefined && request.from <= this.#offsets().endOffset ? request.from : null;
  }

  start(): void {
    const { firstOffset, endOffset } = this.#offsets();
    const from = this.#delivered;
    const isNear = from !== null && from >= firstOffset && endOffset - from <= maxContinuedBytes;
    if (this.#request.snapshot && !isNear) void this.#takeSnapshot();
    else this.#follow(from ?? firstOffset);
  }

  acknowledge(offset: number): void {
    if (this.#isClosed || offset <= this.#acknowledged) return;
    const delivered = this.#delivered ?? 0;
    this.#acknowledged = Math.min(offset, delivered);
    clearTimeout(this.#stall);
    this.#stall = undefined;
    const isFarBehind = this.#offsets().endOffset - delivered > skipBehindBytes;
    const mayRefresh = performance.now() - this.#lastSnapshotAt > minSnapshotGapMs;
    if (this.#request.snapshot && isFarBehind && mayRefresh) this.#skipAhead();
    else this.#output?.acknowledge(this.#acknowledged);
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#stall);
    this.#output?.close();
    this.#output = undefined;
  }

  #offsets(): { firstOffset: number; endOffset: number } {
    return this.#hosts.get(this.#request.terminalId) ?? { firstOffset: 0, endOffset: 0 };
  }

  #skipAhead(): void {
    this.#output?.close();
    this.#output = undefined;
    if (!this.#isTakingSnapshot) void this.#takeSnapshot();
  }

  /** Begins, or begins again, with a screen; without one (the host is gone) with what is retained. */
  async #takeSnapshot(): Promise<void> {
    this.#isTakingSnapshot = true;
    const { terminalId, scrollback } = this.#request;
    const screen = await this.#hosts.snapshot(terminalId, { scrollback }).catch(() => undefined);
    this.#isTakingSnapshot = false;
    this.#lastSnapshotAt = performance.now();
    if (this.#isClosed) return;
    // Closed meanwhile: nothing follows, and who resumes is told that there is no such terminal.
    if (this.#hosts.get(terminalId) === undefined) this.#overflow();
    else if (screen === undefined) this.#follow(Math.max(this.#delivered ?? 0, this.#offsets().firstOffset));
    else this.#begin(screen);
  }

  #begin(screen: ScreenSnapshot): void {
    const from = this.#delivered;
    // A screen that lags behind a flood may be older than what was delivered: continuing is right then.
    if (from !== null && from >= screen.offset && from >= this.#offsets().firstOffset) {
      this.#follow(from);
      return;
    }
    if (from !== null && from < screen.offset) this.#sink.onSkipped({ from, to: screen.offset });
    this.#sink.onSnapshot({ ...screen, firstOffset: this.#offsets().firstOffset });
    this.#follow(screen.offset);
  }

  #follow(from: number): void {
    if (this.#isClosed) return;
    this.#delivered = from;
    this.#acknowledged = from;
    const { terminalId, windowBytes } = this.#request;
    this.#output = this.#hosts.subscribe(
      { terminalId, from, windowBytes, paces: true },
      {
        onOutput: (chunk) => this.#onOutput(chunk),
        onSkipped: (range) => this.#onSkipped(range),
        onExit: (exit) => {
          clearTimeout(this.#stall);
          if (!this.#isClosed) this.#sink.onExit(exit);
        },
      },
    );
  }

  #onOutput(chunk: OutputChunk): void {
    if (this.#isClosed) return;
    this.#delivered = chunk.offset + chunk.bytes.length;
    this.#hasOutput = true;
    if (!this.#request.snapshot) this.#stall ??= setTimeout(() => this.#onStall(), overflow.stallMs);
    this.#sink.onOutput(chunk);
  }

  #onSkipped(range: { from: number; to: number }): void {
    if (this.#isClosed) return;
    if (this.#request.snapshot) {
      // The screen needs the bytes that are gone.
      this.#skipAhead();
      return;
    }
    // At the start the viewer asked for bytes that are long gone; later it was too slow for what it had been promised.
    if (this.#hasOutput) this.#overflow();
    else {
      this.#delivered = range.to;
      this.#acknowledged = range.to;
      this.#output?.acknowledge(range.to);
      this.#sink.onSkipped(range);
    }
  }

  #onStall(): void {
    this.#stall = undefined;
    if (this.#offsets().endOffset - this.#acknowledged > overflow.behindBytes) this.#overflow();
    else if ((this.#delivered ?? 0) > this.#acknowledged)
      this.#stall = setTimeout(() => this.#onStall(), overflow.stallMs);
  }

  #overflow(): void {
    if (this.#isClosed) return;
    this.close();
    this.#sink.onOverflow();
  }
}

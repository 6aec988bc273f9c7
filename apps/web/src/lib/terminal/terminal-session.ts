/** Puts one terminal's bytes onto a screen and its keys into the program; knows to which byte the screen is true. */
import type {
  InputOutcome,
  TerminalHandlers,
  TerminalSnapshot,
  TerminalView,
  TerminalViewState,
} from '@navisai/client';
import { viewerWindowBytes } from '@navisai/protocol';
import type { NavisError } from '@navisai/protocol';
import type { IDisposable } from '@xterm/xterm';
import { guardQueries, isFocusReport, isMouseReport } from './query-guard.ts';
import type { Screen, Size } from './screen.types.ts';

export interface TerminalSessionOptions {
  screen: Screen;
  /** Opens the view with the session's handlers. */
  view: (handlers: TerminalHandlers) => TerminalView;
  /** Something that the page shows has changed. */
  onChange: () => void;
  /** The hub refused something, or input went nowhere. */
  onProblem: (problem: SessionProblem) => void;
  /** What a person types passes through here first (sticky keys). */
  transformInput?: (data: string) => string;
}

export type SessionProblem =
  | { kind: 'refused'; error: NavisError }
  /** `data` is what was typed; absent for control and sizes. */
  | { kind: 'notSent'; outcome: Exclude<InputOutcome, 'sent'>; data?: string | Uint8Array };

/** Lines above the screen that come with it; older ones are read from the history. */
export const snapshotScrollback = 1_000;
/** Bytes handed to the parser that count as consumed already. */
const maxUnparsedBytes = 64 * 1024;
/** Credit of this viewer, so that with the unparsed bytes no more than the usual window is under way. */
export const sessionWindowBytes = viewerWindowBytes - maxUnparsedBytes;
/** Ends an escape sequence or a character that was cut off. */
const cancelSequence = Uint8Array.of(0x18);

export class TerminalSession implements Disposable {
  readonly #options: TerminalSessionOptions;
  readonly #view: TerminalView;
  readonly #registered: IDisposable[];
  /** Settles when everything that changes the screen as a whole has been applied. */
  #barrier: Promise<void> | undefined;
  #parsedOffset = 0;
  #receivedOffset = 0;
  #skippedBytes = 0;
  /** First byte whose questions this viewer answers; before it they were the hub's or another viewer's. */
  #answersFrom = Number.POSITIVE_INFINITY;
  #isPainting = false;
  #linesAtPaint = 0;
  #isDisposed = false;

  constructor(options: TerminalSessionOptions) {
    this.#options = options;
    const { screen } = options;
    this.#registered = [
      guardQueries(screen, () => this.#mayAnswer()),
      screen.onData((data) => this.#onData(data)),
      screen.onBinary((data) => this.#onBinary(data)),
    ];
    this.#view = options.view(this.#handlers());
    this.#applyState(this.#view.state);
  }

  get state(): TerminalViewState {
    return this.#view.state;
  }

  /** The screen shows everything before this byte. */
  get parsedOffset(): number {
    return this.#parsedOffset;
  }

  /** Bytes that this viewer was skipped past; they can be read in the history. */
  get skippedBytes(): number {
    return this.#skippedBytes;
  }

  /** Output exists that this screen's own lines do not reach back to. */
  get hasOlderLines(): boolean {
    const { buffer, options } = this.#options.screen;
    const isFull = buffer.normal.baseY >= (options.scrollback ?? 0);
    return isFull || this.#skippedBytes > 0 || this.#linesAtPaint >= snapshotScrollback;
  }

  /** Sends as it is; for keys that are no text. */
  input(data: string | Uint8Array): InputOutcome {
    const outcome = this.#view.input(data);
    if (outcome !== 'sent') this.#options.onProblem({ kind: 'notSent', outcome, data });
    return outcome;
  }

  resize(size: Size): InputOutcome {
    return this.#view.resize(size);
  }

  takeControl(options?: { ifFree?: boolean }): void {
    this.#report(this.#view.takeControl(options));
  }

  releaseControl(): void {
    this.#report(this.#view.releaseControl());
  }

  [Symbol.dispose](): void {
    this.#isDisposed = true;
    this.#view.close();
    for (const registered of this.#registered) registered.dispose();
  }

  #handlers(): TerminalHandlers {
    return {
      onReset: (snapshot) => this.#exclusively(() => this.#paint(snapshot)),
      onBytes: (chunk) => this.#onBytes(chunk),
      onSkipped: ({ from, to }) => this.#exclusively(() => this.#skip(from, to)),
      onResized: ({ columns, rows }) => this.#exclusively(async () => this.#options.screen.resize(columns, rows)),
      onControl: ({ isMine }) => this.#onControl(isMine),
      onRefused: (error) => this.#options.onProblem({ kind: 'refused', error }),
      onExit: () => this.#options.onChange(),
      onState: (state) => this.#applyState(state),
    };
  }

  /** Runs after everything written so far was parsed, and before anything that comes later. */
  #exclusively(work: () => Promise<void>): Promise<void> {
    const before = this.#barrier ?? Promise.resolve();
    const run = before
      .then(() => this.#parsed(''))
      .then(() => (this.#isDisposed ? undefined : work()))
      .finally(() => {
        if (this.#barrier === run) this.#barrier = undefined;
        this.#options.onChange();
      });
    this.#barrier = run;
    return run;
  }

  async #paint(snapshot: TerminalSnapshot): Promise<void> {
    const { screen } = this.#options;
    this.#isPainting = true;
    await this.#parsed(cancelSequence);
    screen.reset();
    screen.resize(snapshot.columns, snapshot.rows);
    await this.#parsed(snapshot.data);
    this.#isPainting = false;
    this.#linesAtPaint = screen.buffer.normal.baseY;
    this.#parsedOffset = snapshot.offset;
    this.#receivedOffset = Math.max(this.#receivedOffset, snapshot.offset);
  }

  async #skip(from: number, to: number): Promise<void> {
    this.#skippedBytes += to - from;
    await this.#parsed(cancelSequence);
    this.#parsedOffset = to;
    this.#receivedOffset = Math.max(this.#receivedOffset, to);
  }

  /** Nothing to wait for while the parser has little to do: a pause after each chunk would cost most of the speed. */
  #onBytes({ offset, bytes }: { offset: number; bytes: Uint8Array }): void | Promise<void> {
    this.#receivedOffset = offset + bytes.length;
    const written = this.#write(bytes, this.#receivedOffset);
    if (this.#receivedOffset - this.#parsedOffset > maxUnparsedBytes) return written;
    return undefined;
  }

  async #write(bytes: Uint8Array, end: number): Promise<void> {
    if (this.#barrier !== undefined) await this.#barrier;
    await this.#parsed(bytes);
    this.#parsedOffset = end;
    this.#options.onChange();
  }

  #parsed(data: string | Uint8Array): Promise<void> {
    if (this.#isDisposed) return Promise.resolve();
    return new Promise((resolve) => this.#options.screen.write(data, resolve));
  }

  #onControl(isMine: boolean): void {
    const attachedAt = this.state.info?.endOffset ?? 0;
    this.#answersFrom = isMine ? Math.max(this.#receivedOffset, attachedAt) : Number.POSITIVE_INFINITY;
    this.#options.onChange();
  }

  #applyState(state: TerminalViewState): void {
    if (!state.isInControl) this.#answersFrom = Number.POSITIVE_INFINITY;
    this.#options.onChange();
  }

  #mayAnswer(): boolean {
    return !this.#isPainting && this.state.isInControl && this.#parsedOffset >= this.#answersFrom;
  }

  #onData(data: string): void {
    if (isFocusReport(data) && !this.#mayAnswer()) return;
    // A mouse that passes over a terminal of somebody else wants nothing.
    if (isMouseReport(data) && !this.state.isInControl) return;
    this.input(this.#options.transformInput?.(data) ?? data);
  }

  /** Mouse reports that are no UTF-8. */
  #onBinary(data: string): void {
    if (this.state.isInControl) this.input(Uint8Array.from(data, (character) => character.charCodeAt(0)));
  }

  #report(outcome: InputOutcome): void {
    if (outcome !== 'sent') this.#options.onProblem({ kind: 'notSent', outcome });
  }
}

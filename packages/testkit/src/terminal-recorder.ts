/** Records what a viewer of a terminal sees and fails at the first byte that is missing or comes twice. */
import type { Live, TerminalExit, TerminalSnapshot, TerminalView, TerminalViewOptions } from '@navisai/client';
import { until } from './until.ts';

export interface TerminalRecorder extends Disposable {
  readonly view: TerminalView;
  /** Offset of the first byte of `bytes`. */
  readonly startOffset: number;
  /** Every byte since the last screen (or since `from`). */
  readonly bytes: Buffer;
  readonly snapshots: readonly TerminalSnapshot[];
  readonly skipped: readonly { from: number; to: number }[];
  readonly exit: TerminalExit | undefined;
  /** The first break of continuity; also thrown by every wait. */
  readonly failure: Error | undefined;
  /** Waits until the recorded bytes, or a screen, contain `text`. */
  sees(text: string, deadlineMs?: number): Promise<void>;
  live(deadlineMs?: number): Promise<void>;
  exited(deadlineMs?: number): Promise<TerminalExit>;
}

export interface RecorderOptions extends Omit<TerminalViewOptions, 'terminalId'> {
  /** Delays the consumption of each chunk: a slow viewer. */
  consume?: (chunk: { offset: number; bytes: Uint8Array }) => Promise<void>;
}

/** Default: every retained byte from the beginning, without screens. */
export const recordTerminal = (live: Live, terminalId: string, options: RecorderOptions = {}): TerminalRecorder =>
  new Recorder(live, terminalId, options);

class Recorder implements TerminalRecorder {
  readonly view: TerminalView;
  readonly snapshots: TerminalSnapshot[] = [];
  readonly skipped: { from: number; to: number }[] = [];
  startOffset = 0;
  exit: TerminalExit | undefined;
  failure: Error | undefined;
  #chunks: Uint8Array[] = [];
  #next: number | undefined;

  constructor(live: Live, terminalId: string, options: RecorderOptions) {
    const { consume, ...viewOptions } = options;
    this.view = live.viewTerminal(
      { from: options.snapshot === true ? undefined : 0, snapshot: false, ...viewOptions, terminalId },
      {
        onReset: (snapshot) => this.#restart(snapshot),
        onBytes: (chunk) => {
          this.#add(chunk);
          return consume?.(chunk);
        },
        onSkipped: (range) => this.#skip(range),
        onExit: (exit) => (this.exit = exit),
      },
    );
  }

  get bytes(): Buffer {
    const joined = Buffer.concat(this.#chunks);
    this.#chunks = [joined];
    return joined;
  }

  async sees(text: string, deadlineMs?: number): Promise<void> {
    await this.#wait(
      () => `"${text}" is seen; the end is ${JSON.stringify(this.bytes.toString('utf8').slice(-400))}`,
      () => this.bytes.includes(text) || this.snapshots.at(-1)?.data.includes(text) === true,
      deadlineMs,
    );
  }

  async live(deadlineMs?: number): Promise<void> {
    await this.#wait('the view is live', () => this.view.state.phase === 'live', deadlineMs);
  }

  async exited(deadlineMs?: number): Promise<TerminalExit> {
    return this.#wait('the terminal exits', () => this.exit, deadlineMs);
  }

  [Symbol.dispose](): void {
    this.view.close();
  }

  #wait<T>(what: string | (() => string), check: () => T, deadlineMs?: number) {
    return until(
      what,
      () => {
        if (this.failure !== undefined) throw this.failure;
        if (this.view.state.error !== null) throw this.view.state.error;
        return check();
      },
      deadlineMs,
    );
  }

  #restart(snapshot: TerminalSnapshot): void {
    this.snapshots.push(snapshot);
    this.#chunks = [];
    this.startOffset = snapshot.offset;
    this.#next = snapshot.offset;
  }

  #add(chunk: { offset: number; bytes: Uint8Array }): void {
    if (this.#next === undefined) this.startOffset = chunk.offset;
    else if (chunk.offset !== this.#next)
      this.failure ??= new Error(`a break at ${this.#next}: the next chunk begins at ${chunk.offset}`);
    this.#next = chunk.offset + chunk.bytes.length;
    this.#chunks.push(chunk.bytes.slice());
  }

  #skip(range: { from: number; to: number }): void {
    this.skipped.push(range);
    if (this.#next !== undefined && range.from !== this.#next)
      this.failure ??= new Error(`skipped from ${range.from}, but ${this.#next} was next`);
    this.#next = range.to;
  }
}

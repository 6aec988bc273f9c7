/** The person's signals, sent to every node that runs: interrupt first, kill next, leave at last. */
import type { Output } from '../output/output.ts';
import type { CommandSignal, NodeRun } from './node-run.ts';

const interruptedExitCode = 130;
/** Commands that handle their interrupt sooner need no hint. */
const hintAfterMs = 1_000;
/** For commands whose reader has gone, between hangup and kill. */
const hangupDeadlineMs = 1_000;

export class FleetSignals {
  readonly #output: Output;
  readonly #running = new Set<NodeRun>();
  #interrupts = 0;
  #isStopping = false;

  constructor(output: Output) {
    this.#output = output;
  }

  /** Ctrl-C, or a signal that asks this program to end. */
  get isInterrupted(): boolean {
    return this.#interrupts > 0;
  }

  /** Nothing more is to be begun. */
  get isStopping(): boolean {
    return this.#isStopping;
  }

  add(run: NodeRun): void {
    this.#running.add(run);
  }

  remove(run: NodeRun): void {
    this.#running.delete(run);
  }

  /** Returns how to stop listening. */
  listen(): () => void {
    let hint: NodeJS.Timeout | undefined;
    const onInterrupt = (): void => {
      this.#interrupts += 1;
      if (this.#interrupts > 2) process.exit(interruptedExitCode);
      this.#sendAll(this.#interrupts === 1 ? 'SIGINT' : 'SIGKILL');
      hint ??= setTimeout(() => this.#output.remark('navisai: Ctrl-C again kills the commands'), hintAfterMs);
    };
    const ending = (signal: CommandSignal) => (): void => {
      this.#interrupts += 1;
      this.#sendAll(signal);
    };
    const onTerminate = ending('SIGTERM');
    const onHangup = ending('SIGHUP');
    process.on('SIGINT', onInterrupt).on('SIGTERM', onTerminate).on('SIGHUP', onHangup);
    this.#output.onBrokenPipe = () => this.#leaveBehind();
    return () => {
      clearTimeout(hint);
      process.off('SIGINT', onInterrupt).off('SIGTERM', onTerminate).off('SIGHUP', onHangup);
    };
  }

  #sendAll(signal: CommandSignal): void {
    this.#isStopping = true;
    for (const run of this.#running) void run.signal(signal);
  }

  /** `navisai run --on … | head`: the reader has what it wanted. */
  #leaveBehind(): void {
    if (this.#isStopping) return;
    this.#sendAll('SIGHUP');
    setTimeout(() => this.#sendAll('SIGKILL'), hangupDeadlineMs).unref();
  }
}

/** Follows one terminal while a command runs in its shell, and lets the runner wait for what it sees. */
import type { ExitState, OutputSubscription, PtyHosts } from '../pty-hosts.types.ts';
import { CommandMarks } from './command-marks.ts';

const windowBytes = 1024 * 1024;

export class TerminalWatch implements Disposable {
  readonly #marks: CommandMarks;
  readonly #subscription: OutputSubscription;
  #exit: ExitState | null = null;
  #lastOutputAt = performance.now();
  #check: (() => void) | undefined;

  constructor(hosts: Pick<PtyHosts, 'subscribe'>, watched: { terminalId: string; from: number; nonce: string }) {
    this.#marks = new CommandMarks(watched.nonce, watched.from);
    const { terminalId, from } = watched;
    this.#subscription = hosts.subscribe(
      { terminalId, from, windowBytes, paces: true },
      {
        onOutput: (chunk) => {
          this.#subscription.acknowledge(chunk.offset + chunk.bytes.length);
          this.#marks.push(chunk);
          this.#lastOutputAt = performance.now();
          this.#check?.();
        },
        onSkipped: ({ to }) => {
          this.#subscription.acknowledge(to);
          this.#marks.skip(to);
        },
        onExit: (exit) => {
          this.#exit = exit;
          this.#check?.();
        },
      },
    );
  }

  get marks(): CommandMarks {
    return this.#marks;
  }

  get exit(): ExitState | null {
    return this.#exit;
  }

  /** Milliseconds since the last output. */
  get silentMs(): number {
    return performance.now() - this.#lastOutputAt;
  }

  /** Resolves true as soon as the condition holds, false after `deadlineMs` or an abort. One wait at a time. */
  until(condition: () => boolean, deadlineMs: number, signal?: AbortSignal): Promise<boolean> {
    return new Promise((resolve) => {
      const finish = (isTrue: boolean): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
        this.#check = undefined;
        resolve(isTrue);
      };
      const onAbort = (): void => finish(false);
      const timer = setTimeout(() => finish(condition()), Math.max(0, deadlineMs));
      this.#check = () => {
        if (condition()) finish(true);
      };
      if (signal?.aborted === true) finish(condition());
      else signal?.addEventListener('abort', onAbort, { once: true });
      this.#check?.();
    });
  }

  [Symbol.dispose](): void {
    this.#subscription.close();
  }
}

/** The output of one call while it comes, to its very last byte, whatever happens to hub and node meanwhile. */
import type { CallAddress, CallHandlers, CallStream, HubConnection } from '@navisai/client';

export interface CallOutputOptions {
  hub: HubConnection;
  call: CallAddress;
  onOutput: CallHandlers['onOutput'];
}

/** After the result, for output that is still under way. */
const drainDeadlineMs = 10_000;
/** Then it is asked for once more: a hub that was just started may not have known the node of the call. */
const askAgainMs = 500;

export class CallOutput {
  readonly #stream: CallStream;
  readonly #end = Promise.withResolvers<'complete'>();
  #again: NodeJS.Timeout | undefined;
  #hasResult = false;
  #bytes = 0;

  /** To be made just before the call. */
  constructor({ hub, call, onOutput }: CallOutputOptions) {
    this.#stream = hub.live().followCall(call, {
      onOutput: (chunk) => {
        this.#bytes += chunk.bytes.length;
        return onOutput(chunk);
      },
      onEnd: (end) => this.#onEnd(end),
      onError: () => this.#end.resolve('complete'),
    });
  }

  /** What has come so far. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The result is there: waits for what is still under way. */
  async drain(): Promise<'complete' | 'late'> {
    this.#hasResult = true;
    this.#askLater();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<'late'>((resolve) => (timer = setTimeout(() => resolve('late'), drainDeadlineMs)));
    const outcome = await Promise.race([this.#end.promise, late]);
    clearTimeout(timer);
    return outcome;
  }

  close(): void {
    clearTimeout(this.#again);
    this.#stream.close();
  }

  /** Without code and signal nobody knew the call at that time; only with its result that is the truth. */
  #onEnd({ exitCode, signal }: { exitCode: number | null; signal: string | null }): void {
    const isKnown = exitCode !== null || signal !== null;
    if (isKnown || this.#hasResult) this.#end.resolve('complete');
    else this.#askLater();
  }

  #askLater(): void {
    clearTimeout(this.#again);
    this.#again = setTimeout(() => this.#stream.refresh(), askAgainMs);
  }
}

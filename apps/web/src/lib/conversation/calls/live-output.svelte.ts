/** Output of a call while it runs. */
import type { CallStream, Live } from '@navisai/client';
import { plainOutput } from './plain-output.ts';

/** Of each stream; more is cut at its beginning: the whole is answered at the end. */
const keptLength = 64 * 1024;

export class LiveOutput implements Disposable {
  #text = $state('');
  #raw = '';
  #frame: number | undefined;
  readonly #stream: CallStream | undefined;

  constructor(given: { live: Live; sessionId: string; callId: string; nodeId: string }) {
    const decoders = { stdout: new TextDecoder(), stderr: new TextDecoder() };
    try {
      this.#stream = given.live.followCall(given, {
        onOutput: ({ stream, bytes }) => this.#add(decoders[stream].decode(bytes, { stream: true })),
      });
    } catch {
      // The same call is shown twice, such as in two versions of the conversation: one of them is live.
    }
  }

  get text(): string {
    return this.#text;
  }

  [Symbol.dispose](): void {
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame);
    this.#stream?.close();
  }

  #add(text: string): void {
    this.#raw = (this.#raw + text).slice(-keptLength);
    this.#frame ??= requestAnimationFrame(() => {
      this.#frame = undefined;
      this.#text = plainOutput(this.#raw);
    });
  }
}

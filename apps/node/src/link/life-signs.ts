/** In a large fleet: shows the hub at little cost that this node is there, and notices when the hub is not (N6, F1). */
import type { Frame } from '@navisai/link';
import { nodeLifeSigns } from '@navisai/protocol';

export interface LifeSignsOptions {
  everyMs: number;
  send(frame: Frame): void;
  /** Nothing came for so long that the hub cannot be there: the connection is half-open. */
  onSilence(): void;
}

/** Every fourth sign asks for one of the hub. */
const askEvery = 4;
/** Intervals without anything of the hub: what was asked in the fourth has one to be answered. */
const silentIntervals = 5;

export class LifeSigns implements Disposable {
  readonly #options: LifeSignsOptions;
  readonly #timer: NodeJS.Timeout;
  #sent = 0;
  #heardAt = performance.now();

  constructor(options: LifeSignsOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#beat(), options.everyMs);
  }

  /** Anything came from the hub. */
  heard(): void {
    this.#heardAt = performance.now();
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #beat(): void {
    const { everyMs, send, onSilence } = this.#options;
    if (performance.now() - this.#heardAt > silentIntervals * everyMs) return onSilence();
    this.#sent += 1;
    send(this.#sent % askEvery === 0 ? nodeLifeSigns.ask : nodeLifeSigns.here);
  }
}

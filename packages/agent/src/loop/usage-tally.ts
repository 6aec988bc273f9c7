/** What one answer used: as its model tells it, else an estimate, so that an answer without its end is not for nothing. */
import { Buffer } from 'node:buffer';
import type { ModelEvent, ModelUsage } from '../agent.types.ts';
import { createTokenMeter, type Measured, type TokenMeter } from '../compaction/token-meter.ts';

/** Lives as long as the answer streams. */
export class UsageTally {
  readonly #asked: Measured;
  readonly #meter: TokenMeter;
  #told: ModelUsage | undefined;
  /** Bytes of what was said. */
  #spoken = 0;
  /** Calls whose arguments came in pieces. */
  readonly #pieced = new Set<string>();
  #isRefused = false;

  constructor(asked: Measured, meter: TokenMeter = createTokenMeter()) {
    this.#asked = asked;
    this.#meter = meter;
  }

  /** By the model; some never do. */
  get told(): ModelUsage | undefined {
    return this.#told;
  }

  take(event: ModelEvent): void {
    switch (event.type) {
      case 'text':
      case 'thinking':
        return this.#hear(event.text);
      case 'tool_call_piece':
        this.#pieced.add(event.key);
        return this.#hear(event.text);
      case 'tool_call':
        return this.#pieced.has(event.key) ? undefined : this.#hear(JSON.stringify(event.arguments) ?? '');
      case 'end':
        if (event.usage.inputTokens + event.usage.outputTokens > 0) this.#told = event.usage;
        return;
      case 'error':
        this.#isRefused = this.#spoken === 0 && event.error.code !== 'CANCELLED';
        return;
      case 'model':
      case 'notice':
    }
  }

  /** A request that was refused before its first word used nothing. */
  get usage(): ModelUsage {
    if (this.#told !== undefined) return this.#told;
    if (this.#isRefused) return { inputTokens: 0, outputTokens: 0, cachedInputTokens: 0 };
    const inputTokens = this.#meter.fixedTokens(this.#asked) + this.#meter.tokens(this.#asked.messages);
    return { inputTokens, outputTokens: this.#meter.spokenTokens(this.#spoken), cachedInputTokens: 0 };
  }

  #hear(text: string): void {
    this.#spoken += Buffer.byteLength(text);
  }
}

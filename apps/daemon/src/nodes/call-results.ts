/** Results of calls that the hub itself carried out, for whoever did not hear the answer and asks again (N7). */
import type { ToolResult } from '@navisai/protocol';
import { type CallRef, keyOf } from './call-places.ts';

/** The oldest are forgotten beyond either. */
const maxKept = { results: 2000, characters: 32 * 1024 * 1024 } as const;
/** The call did not end, or did not begin: asked again, it may. */
const passing: ReadonlySet<string> = new Set([
  'NODE_OFFLINE',
  'HUB_UNREACHABLE',
  'RATE_LIMITED',
  'LINK_DOWN',
  'DEADLINE',
]);

export class CallResults {
  readonly #results = new Map<string, ToolResult>();
  #characters = 0;

  get(call: CallRef): ToolResult | undefined {
    return this.#results.get(keyOf(call));
  }

  keep(call: CallRef, result: ToolResult): void {
    const key = keyOf(call);
    if (passing.has(result.error?.code ?? '') || this.#results.has(key)) return;
    this.#results.set(key, result);
    this.#characters += result.output.length;
    for (const [oldest, { output }] of this.#results) {
      if (this.#results.size <= maxKept.results && this.#characters <= maxKept.characters) break;
      this.#results.delete(oldest);
      this.#characters -= output.length;
    }
  }
}

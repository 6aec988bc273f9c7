/** On which node a call runs or ran, for whoever asks about it by its id alone. */

/** Beyond it the oldest are forgotten; then the nodes of the session are asked. */
const maxRemembered = 5000;

export class CallPlaces {
  readonly #nodes = new Map<string, string>();
  readonly #waiting = new Map<string, Set<(nodeId: string) => void>>();

  begin(callId: string, nodeId: string): void {
    this.#nodes.delete(callId);
    this.#nodes.set(callId, nodeId);
    const oldest = this.#nodes.size > maxRemembered ? this.#nodes.keys().next().value : undefined;
    if (oldest !== undefined) this.#nodes.delete(oldest);
    for (const tell of this.#waiting.get(callId) ?? []) tell(nodeId);
  }

  nodeOf(callId: string): string | undefined {
    return this.#nodes.get(callId);
  }

  /** Told when the call begins; not for one that began already. */
  whenBegun(callId: string, tell: (nodeId: string) => void): Disposable {
    const waiting = this.#waiting.get(callId) ?? new Set();
    this.#waiting.set(callId, waiting.add(tell));
    return {
      [Symbol.dispose]: () => {
        waiting.delete(tell);
        if (waiting.size === 0 && this.#waiting.get(callId) === waiting) this.#waiting.delete(callId);
      },
    };
  }
}

/** On which node a call runs or ran, for whoever asks about it by its id alone. */

export interface CallRef {
  sessionId: string;
  callId: string;
}

/** Beyond it the oldest are forgotten; then the nodes of the session are asked. */
const maxRemembered = 5000;

export class CallPlaces {
  readonly #nodes = new Map<string, string>();
  readonly #waiting = new Map<string, Set<(nodeId: string) => void>>();

  begin(call: CallRef, nodeId: string): void {
    const key = keyOf(call);
    this.#nodes.delete(key);
    this.#nodes.set(key, nodeId);
    const oldest = this.#nodes.size > maxRemembered ? this.#nodes.keys().next().value : undefined;
    if (oldest !== undefined) this.#nodes.delete(oldest);
    for (const tell of this.#waiting.get(key) ?? []) tell(nodeId);
  }

  nodeOf(call: CallRef): string | undefined {
    return this.#nodes.get(keyOf(call));
  }

  /** Told when the call begins; not for one that began already. */
  whenBegun(call: CallRef, tell: (nodeId: string) => void): Disposable {
    const key = keyOf(call);
    const waiting = this.#waiting.get(key) ?? new Set();
    this.#waiting.set(key, waiting.add(tell));
    return {
      [Symbol.dispose]: () => {
        waiting.delete(tell);
        if (waiting.size === 0 && this.#waiting.get(key) === waiting) this.#waiting.delete(key);
      },
    };
  }
}

export const keyOf = ({ sessionId, callId }: CallRef): string => `${sessionId}/${callId}`;

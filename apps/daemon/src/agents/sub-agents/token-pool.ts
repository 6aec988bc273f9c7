/** Tokens that a run and the sub-agents below it share: what one of them uses, all of them have less. */

/** Parents that are remembered; the oldest go, and their next sub-agent counts from what the store knows. */
const maxPools = 1000;

export class TokenPool {
  readonly #total: number | undefined;
  readonly #above: TokenPool | undefined;
  /** By the run itself. */
  own = 0;
  /** By those below it. */
  #below = 0;

  constructor(total: number | undefined, above?: TokenPool) {
    this.#total = total;
    this.#above = above;
  }

  get below(): number {
    return this.#below;
  }

  /** Infinity without a limit. */
  get left(): number {
    const left = this.#total === undefined ? Infinity : this.#total - this.own - this.#below;
    return Math.max(0, Math.min(left, this.#above?.left ?? Infinity));
  }

  use(tokens: number): void {
    this.own += tokens;
    this.#above?.useBelow(tokens);
  }

  useBelow(tokens: number): void {
    this.#below += tokens;
    this.#above?.useBelow(tokens);
  }
}

/** The pools of runs that started sub-agents or are some. */
export class TokenPools {
  readonly #pools = new Map<string, TokenPool>();

  get(runId: string): TokenPool | undefined {
    return this.#pools.get(runId);
  }

  add(runId: string, pool: TokenPool): TokenPool {
    this.#pools.set(runId, pool);
    for (const oldest of this.#pools.keys()) {
      if (this.#pools.size <= maxPools) break;
      this.#pools.delete(oldest);
    }
    return pool;
  }

  remove(runId: string): void {
    this.#pools.delete(runId);
  }
}

/** Which ids were seen, so that what comes twice is done once. */

const defaultRemembered = 4096;

export class RecentIds<Id extends number | string = number> {
  readonly #seen = new Set<Id>();
  readonly #maxRemembered: number;

  constructor(maxRemembered = defaultRemembered) {
    this.#maxRemembered = maxRemembered;
  }

  has(id: Id): boolean {
    return this.#seen.has(id);
  }

  /** True the first time. */
  add(id: Id): boolean {
    if (this.#seen.has(id)) return false;
    this.#seen.add(id);
    if (this.#seen.size > this.#maxRemembered) for (const oldest of this.#seen) return this.#seen.delete(oldest);
    return true;
  }
}

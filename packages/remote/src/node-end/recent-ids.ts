/** Which ids were seen, so that a frame that comes twice is done once. */

const maxRemembered = 4096;

export class RecentIds {
  readonly #seen = new Set<number>();

  /** True the first time. */
  add(id: number): boolean {
    if (this.#seen.has(id)) return false;
    this.#seen.add(id);
    if (this.#seen.size > maxRemembered) for (const oldest of this.#seen) return this.#seen.delete(oldest);
    return true;
  }
}

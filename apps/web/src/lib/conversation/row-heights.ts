/** How tall the rows of a long list are and where each stands, without drawing them: measured where known, else guessed. */

export class RowHeights {
  readonly #guess: (key: string) => number;
  readonly #measured = new Map<string, number>();
  #keys: readonly string[] = [];
  #offsets: Float64Array<ArrayBuffer> = new Float64Array(1);
  /** Offsets up to and with this index are true. */
  #valid = 0;
  #indexes: ReadonlyMap<string, number> = new Map();

  constructor(guess: (key: string) => number) {
    this.#guess = guess;
  }

  get total(): number {
    return this.offsetOf(this.#keys.length);
  }

  setKeys(keys: readonly string[]): void {
    let same = 0;
    while (same < keys.length && keys[same] === this.#keys[same]) same += 1;
    const offsets = new Float64Array(keys.length + 1);
    offsets.set(this.#offsets.subarray(0, same + 1));
    this.#valid = Math.min(this.#valid, same);
    this.#keys = keys;
    this.#offsets = offsets;
    this.#indexes = new Map(keys.map((key, index) => [key, index]));
  }

  /** What the row grew by compared with what was thought before. */
  measure(key: string, height: number): number {
    const before = this.#heightOf(key);
    this.#measured.set(key, height);
    const index = this.#indexes.get(key);
    if (index !== undefined && before !== height) this.#valid = Math.min(this.#valid, index);
    return index === undefined ? 0 : height - before;
  }

  /** Everything may be of another height, such as after a change of width. */
  forget(): void {
    this.#measured.clear();
    this.#valid = 0;
  }

  indexOf(key: string): number | undefined {
    return this.#indexes.get(key);
  }

  offsetOf(index: number): number {
    for (; this.#valid < index && this.#valid < this.#keys.length; this.#valid += 1) {
      const before = this.#offsets[this.#valid] ?? 0;
      this.#offsets[this.#valid + 1] = before + this.#heightOf(this.#keys[this.#valid] ?? '');
    }
    return this.#offsets[Math.min(index, this.#keys.length)] ?? 0;
  }

  /** The row at this place; the last one beyond the end. */
  indexAt(offset: number): number {
    let low = 0;
    let high = Math.max(0, this.#keys.length - 1);
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.offsetOf(middle) <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  #heightOf(key: string): number {
    return this.#measured.get(key) ?? this.#guess(key);
  }
}

/** How much one PTY may read at once: much while it is alone, little while others are heard of too, so that none waits long. */

/** 4 KB take some tens of microseconds, most of them spent by the program that fills the terminal meanwhile. */
const sharedBytes = 8 * 1024;
const aloneBytes = 62 * 1024;
/** Somebody who types is heard of more often than this. */
const memoryMs = 500;

export class ReadTurns {
  #last: object | null = null;
  #changedAt = -Infinity;

  /** For a PTY that has read and could read more. */
  take(reader: object): number {
    const now = performance.now();
    this.note(reader, now);
    return now - this.#changedAt < memoryMs ? sharedBytes : aloneBytes;
  }

  /** A PTY has read. */
  note(reader: object, now = performance.now()): void {
    if (this.#last === reader) return;
    if (this.#last !== null) this.#changedAt = now;
    this.#last = reader;
  }
}

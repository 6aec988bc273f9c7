/** A little space kept for the records of calls on a disk that has become full: someone has to clean it up by commands. */
import { rmSync, statSync, writeFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';

const reservedBytes = 256 * 1024;

export class DiskReserve {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
    this.#fill();
  }

  /** Runs `act`; when the disk is full, once more with the reserve given up. */
  use<Value>(act: () => Value): Value {
    try {
      return act();
    } catch (error) {
      if (!isDiskFull(error)) throw error;
      rmSync(this.#path, { force: true });
      return act();
    }
  }

  /** Takes the space again when there is some. */
  restore(): void {
    this.#fill();
  }

  #fill(): void {
    try {
      if (statSync(this.#path, { throwIfNoEntry: false })?.size === reservedBytes) return;
      // Random, so that no file system stores it as nothing.
      writeFileSync(this.#path, randomBytes(reservedBytes), { mode: 0o600 });
    } catch {
      rmSync(this.#path, { force: true });
    }
  }
}

export const isDiskFull = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT');

/**
 * The calls under way of one host, in a small file of fixed places: written in microseconds, and read by whoever has to
 * clean up after a host that was killed.
 */
import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';

const placeBytes = 72;
const emptyPlace = Buffer.alloc(placeBytes, ' ');

export class ActiveCalls {
  readonly #path: string;
  readonly #file: number;
  readonly #free: number[] = [];
  #places = 0;

  constructor(path: string) {
    this.#path = path;
    this.#file = openSync(path, 'w', 0o600);
  }

  /** Returns what takes the call off the list again. A disk that refuses costs the clean-up, not the call. */
  add(callId: string): () => void {
    const place = this.#free.pop() ?? this.#places++;
    const written = Buffer.from(emptyPlace);
    written.write(callId);
    this.#write(written, place);
    return () => {
      this.#write(emptyPlace, place);
      this.#free.push(place);
    };
  }

  close(): void {
    closeSync(this.#file);
    rmSync(this.#path, { force: true });
  }

  #write(bytes: Buffer, place: number): void {
    try {
      writeSync(this.#file, bytes, 0, placeBytes, place * placeBytes);
    } catch {
      // The record of the call itself was written just before.
    }
  }
}

export const readActiveCalls = (path: string): string[] => {
  try {
    return readFileSync(path, 'utf8')
      .split(/ +/)
      .filter((callId) => callId !== '');
  } catch {
    return [];
  }
};

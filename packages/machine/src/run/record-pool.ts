/**
 * Files made in advance for the records of calls: taking one is a rename, while making one can cost a file system as
 * much as the spawn; and a disk that has become full still has room for the calls that clean it up.
 */
import { closeSync, existsSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const preparedFiles = 32;
/** Room for a record with a usual command, as blocks that the disk has given already. */
const padding = Buffer.alloc(4096, ' ');

interface PreparedFile {
  path: string;
  file: number;
}

export class RecordPool {
  readonly #directory: string;
  readonly #prepared: PreparedFile[] = [];
  #made = 0;

  constructor(directory: string) {
    this.#directory = directory;
    mkdirSync(directory, { recursive: true, mode: 0o700 });
  }

  /** An open file of this path; throws EEXIST when there is one. Only one process may make files there. */
  take(path: string): number {
    if (existsSync(path)) throw Object.assign(new Error('The file exists.'), { code: 'EEXIST' });
    const prepared = this.#prepared.pop();
    if (prepared === undefined) return openSync(path, 'wx', 0o600);
    renameSync(prepared.path, path);
    return prepared.file;
  }

  /** Makes at most `count` more, for a moment in which nobody waits. */
  refill(count: number): void {
    for (let done = 0; done < count && this.#prepared.length < preparedFiles; done += 1) {
      const prepared = prepare(join(this.#directory, String((this.#made += 1))));
      // The disk is full: records are made when they are needed, or not at all.
      if (prepared === null) return;
      this.#prepared.push(prepared);
    }
  }

  fill(): void {
    this.refill(preparedFiles);
  }

  close(): void {
    for (const { file } of this.#prepared.splice(0)) closeSync(file);
  }
}

const prepare = (path: string): PreparedFile | null => {
  let file: number | null = null;
  try {
    file = openSync(path, 'wx', 0o600);
    if (writeSync(file, padding) === padding.length) return { path, file };
  } catch {
    // What was made of it is removed below.
  }
  if (file !== null) closeSync(file);
  rmSync(path, { force: true });
  return null;
};

/** Which unfinished files lie where, so that those that nobody goes on with are removed, also by the next program. */
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { NavisError } from '@navisai/protocol';
import { temporaryPrefix } from '../filesystem/replace-file.ts';

/** After its last piece. */
const staleAfterMs = 60 * 60 * 1000;
/** Named overflow: another one is refused with RATE_LIMITED. */
const maxTransfers = 64;

export class TransferRecords {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** `path` is that of the unfinished file. */
  async add(key: string, path: string): Promise<void> {
    await mkdir(this.#directory, { recursive: true, mode: 0o700 });
    if ((await this.#keys()).length >= maxTransfers) await this.sweep();
    if ((await this.#keys()).length >= maxTransfers)
      throw new NavisError('RATE_LIMITED', `${maxTransfers} files are on their way to this machine already.`);
    await writeFile(join(this.#directory, key), path, { mode: 0o600 });
  }

  async remove(key: string): Promise<void> {
    await rm(join(this.#directory, key), { force: true }).catch(() => undefined);
  }

  /** Never rejects. */
  async sweep(now = Date.now()): Promise<void> {
    for (const key of await this.#keys()) {
      const record = join(this.#directory, key);
      const path = await readFile(record, 'utf8').catch(() => '');
      const name = basename(path);
      const isOurs = name === `${temporaryPrefix}${key}.part`;
      // One that was recorded and not made is as old as its record.
      const lastPiece = (await stat(path).catch(() => null)) ?? (await stat(record).catch(() => null));
      if (lastPiece !== null && now - lastPiece.mtimeMs < staleAfterMs) continue;
      if (isOurs) await rm(path, { force: true }).catch(() => undefined);
      await this.remove(key);
    }
  }

  async #keys(): Promise<string[]> {
    return readdir(this.#directory).catch(() => []);
  }
}

/**
 * Directories that are held open, so that what is done in them cannot be led elsewhere by a link that is put into the
 * path meanwhile: each part is opened by itself without following links, and entries are reached through the open
 * directory (`/proc/self/fd/<n>/<name>` is what Linux's openat does). Elsewhere paths are used as they are.
 */
import { constants } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';

/** Of Linux: a reference to the file without opening it, so that devices and pipes notice nothing. */
const openPath = 0o10000000;
export const isContained = process.platform === 'linux';
const directoryFlags = constants.O_DIRECTORY | constants.O_NOFOLLOW | (isContained ? openPath : constants.O_RDONLY);
/** What a part of the path that has become a link, or no directory, answers with. */
export const changedPathCodes: ReadonlySet<string> = new Set(['ELOOP', 'ENOTDIR']);

export class OpenDirectory implements AsyncDisposable {
  readonly realPath: string;
  readonly #handle: FileHandle;

  private constructor(realPath: string, handle: FileHandle) {
    this.realPath = realPath;
    this.#handle = handle;
  }

  /** `realPath` is absolute and free of links; a link in it is an error of `changedPathCodes`. */
  static async open(realPath: string, { create = false } = {}): Promise<OpenDirectory> {
    let directory = new OpenDirectory('/', await open('/', directoryFlags));
    for (const name of realPath.split('/').filter((part) => part !== '')) {
      const parent = directory;
      try {
        directory = await parent.child(name).catch(async (error: unknown) => {
          if (!create || !(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
          await parent.makeDirectory(name);
          return parent.child(name);
        });
      } finally {
        await parent[Symbol.asyncDispose]();
      }
    }
    return directory;
  }

  /** For what looks at the directory itself. */
  get path(): string {
    return isContained ? `/proc/self/fd/${this.#handle.fd}` : this.realPath;
  }

  /** For calls that do not follow a link at the end: open with O_NOFOLLOW, lstat, rename, unlink, mkdir, readlink. */
  entry(name: string): string {
    return `${this.path}/${name}`;
  }

  realPathOf(name: string): string {
    return join(this.realPath, name);
  }

  async child(name: string): Promise<OpenDirectory> {
    return new OpenDirectory(this.realPathOf(name), await open(this.entry(name), directoryFlags));
  }

  async makeDirectory(name: string): Promise<void> {
    await mkdir(this.entry(name), 0o755).catch((error: unknown) => {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    });
  }

  /** New and changed names are on disk. */
  async sync(): Promise<void> {
    try {
      await using handle = await open(`${this.path}/.`, constants.O_RDONLY | constants.O_DIRECTORY);
      await handle.sync();
    } catch {
      // Some file systems cannot, and some directories may not be read; the names are then written a little later.
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#handle.close();
  }
}

/** A reference to an entry, whatever it is; nothing is opened, and a link is not followed. */
export const openReference = (path: string): Promise<FileHandle> =>
  open(
    path,
    isContained ? openPath | constants.O_NOFOLLOW : constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW,
  );

/** The file behind a reference. */
export const openForReading = (reference: FileHandle, path: string): Promise<FileHandle> =>
  open(
    isContained ? `/proc/self/fd/${reference.fd}` : path,
    constants.O_RDONLY | constants.O_NONBLOCK | (isContained ? 0 : constants.O_NOFOLLOW),
  );

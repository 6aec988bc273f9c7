/** The paths of one call: how they are written, where they really lie, whether the guard allows them. */
import { lstat, realpath } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { NavisError } from '@navisai/protocol';
import { codeOf } from '../../disk-words.ts';
import { resolveWorkingDirectory } from '../../working-directory.ts';
import { fileError, isMissing, refused, shown } from './file-errors.ts';
import { changedPathCodes, OpenDirectory } from './open-directory.ts';

export interface AccessOptions {
  home: string;
  workingDirectory: string | undefined;
  /** Throws POLICY_DENIED. The path is absolute and free of links. */
  allow(realPath: string, access: 'read' | 'write'): void;
  signal: AbortSignal;
}

export interface PlaceRequest {
  given: string;
  access: 'read' | 'write';
  /** Name of the parameter. */
  field?: string;
  /** What happens with a link at the end of the path; default: it is followed. */
  link?: 'follow' | 'keep';
  mayBeMissing?: boolean;
  createParents?: boolean;
}

/** An entry of an open directory. */
export interface Place extends AsyncDisposable {
  directory: OpenDirectory;
  name: string;
  realPath: string;
  /** For calls that do not follow links. */
  path: string;
  field: string;
}

/** How often a path that changes while it is looked at is looked at again. */
const attempts = 5;

export class FileAccess {
  readonly #options: AccessOptions;

  constructor(options: AccessOptions) {
    this.#options = options;
  }

  get home(): string {
    return this.#options.home;
  }

  /** Throws CANCELLED or `timeout`; asked between any two steps that may be many. */
  check(): void {
    const { signal } = this.#options;
    if (!signal.aborted) return;
    throw signal.reason instanceof NavisError ? signal.reason : new NavisError('CANCELLED');
  }

  allow(realPath: string, access: 'read' | 'write'): void {
    refuseOwnProcess(realPath);
    this.#options.allow(realPath, access);
  }

  async absolute(given: string): Promise<string> {
    if (given.startsWith('/')) return resolve(given);
    const { home, workingDirectory } = this.#options;
    if (/^~(\/|$)/.test(given)) return resolve(home, `.${given.slice(1)}`);
    return resolve(await resolveWorkingDirectory({ requested: workingDirectory, home }), given);
  }

  /** Rejects FILE_NOT_FOUND, FILE_CONFLICT, FILE_REFUSED, POLICY_DENIED. */
  async place(request: PlaceRequest): Promise<Place> {
    const { given, field = 'path', createParents = false } = request;
    const absolute = await this.absolute(given);
    try {
      return await this.#settled(absolute, async () => {
        const realPath = await this.#realPath(absolute, request);
        this.allow(realPath, request.access);
        return placeIn(
          await OpenDirectory.open(dirname(realPath), { create: createParents }),
          basename(realPath),
          field,
        );
      });
    } catch (error) {
      // Whoever may not look there is not told what is missing.
      this.allow(absolute, request.access);
      throw fileError(error, given, field);
    }
  }

  async directory({ given, field = 'path' }: { given: string; field?: string }): Promise<OpenDirectory> {
    const absolute = await this.absolute(given);
    try {
      return await this.#settled(absolute, async () => {
        const realPath = await realpath(absolute);
        this.allow(realPath, 'read');
        return OpenDirectory.open(realPath);
      });
    } catch (error) {
      this.allow(absolute, 'read');
      throw fileError(error, given, field);
    }
  }

  /** Follows the path anew while links in it change; what is opened is what was allowed, or nothing. */
  async #settled<Found>(absolute: string, follow: () => Promise<Found>): Promise<Found> {
    for (let attempt = 1; ; attempt += 1) {
      this.check();
      try {
        return await follow();
      } catch (error) {
        if (!changedPathCodes.has(codeOf(error)) || attempt === attempts) throw error;
        // A loop of links, or a file in the middle of the path, stays what it is.
        await realpath(dirname(absolute));
      }
    }
  }

  async #realPath(
    absolute: string,
    { link = 'follow', mayBeMissing = false, createParents }: PlaceRequest,
  ): Promise<string> {
    const parent = dirname(absolute);
    if (link === 'keep' || absolute === '/')
      return join(await this.#realParent(parent, createParents), basename(absolute));
    try {
      return await realpath(absolute);
    } catch (error) {
      if (!isMissing(error) || !mayBeMissing) throw error;
      const facts = await lstat(absolute).catch(() => null);
      if (facts?.isSymbolicLink() === true) throw refused(absolute, 'it is a link to something that does not exist');
      return join(await this.#realParent(parent, createParents), basename(absolute));
    }
  }

  /** With `createParents` the part of the path that exists is followed, the rest is taken as it is. */
  async #realParent(parent: string, createParents: boolean | undefined): Promise<string> {
    try {
      return await realpath(parent);
    } catch (error) {
      if (!isMissing(error) || parent === '/') throw error;
      const facts = await lstat(parent).catch(() => null);
      if (facts?.isSymbolicLink() === true) throw refused(parent, 'it is a link to something that does not exist');
      if (createParents !== true)
        throw new NavisError('FILE_NOT_FOUND', `There is no directory ${shown(parent)}; create_parents makes it.`, {
          field: 'path',
          cause: error,
        });
      return join(await this.#realParent(dirname(parent), true), basename(parent));
    }
  }
}

export const placeIn = (directory: OpenDirectory, name: string, field = 'path'): Place => ({
  directory,
  // The root is its own entry.
  name: name === '' ? '.' : name,
  realPath: directory.realPathOf(name),
  path: directory.entry(name === '' ? '.' : name),
  field,
  [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
});

/** What the system shows of this very process holds its secrets and its open files (T29). */
const refuseOwnProcess = (realPath: string): void => {
  const owner = /^\/proc\/([^/]+)/.exec(realPath)?.[1];
  if (owner === 'self' || owner === 'thread-self' || owner === String(process.pid))
    throw refused(realPath, 'the process of Navis itself is not shown');
};

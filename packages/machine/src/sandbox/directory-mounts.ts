/** The directories of the ceiling as mounts, so that no link made by a command can bring in another one. */
import { closeSync, constants, fstatSync, openSync, readlinkSync } from 'node:fs';
import { contains } from '@navisai/policy';
import type { Directory } from '@navisai/policy';
import { stableRealPath } from './links.ts';
import type { Mount } from './mounts.types.ts';

export interface CheckedMount extends Mount {
  kind: 'read' | 'write';
  /**
   * `device:inode` that must lie at the target before anything runs: inside of a directory that commands write, one could
   * put a link between the look here and the mount.
   */
  identity: string | undefined;
}

/** What does not exist is left out; it is there for commands started after it was made. */
export const directoryMounts = (directories: readonly Directory[], writable: readonly string[]): CheckedMount[] =>
  directories
    .filter(({ path }) => path !== '/')
    .flatMap(({ path, access }) => {
      const source = stableRealPath(path, writable);
      if (source === null) return [];
      const isReplaceable = writable.some((outer) => outer !== source && contains(outer, source));
      const identity = isReplaceable ? identityOf(source) : undefined;
      return identity === null ? [] : [{ kind: access, source, target: path, identity }];
    });

/** `null` when it is not what lies there by now. */
const identityOf = (path: string): string | null => {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    if (readlinkSync(`/proc/self/fd/${descriptor}`) !== path) return null;
    const { dev, ino } = fstatSync(descriptor, { bigint: true });
    return `${dev}:${ino}`;
  } catch {
    return null;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
};

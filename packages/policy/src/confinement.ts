/** What a sandbox may hold: the node's ceiling narrowed by the hub's overlay, as one description (N12). */
import type { Ceiling } from '@navisai/protocol';
import { commonDirectories, contains, directoriesOf, directoryOf } from './directories.ts';
import type { Directory } from './directories.ts';

export interface Confinement {
  directories: Directory[];
  /** `null` sets no limit. */
  programs: string[] | null;
  network: boolean;
  readOnly: boolean;
}

/** True when any part of it sets a limit. */
export const isRestricting = (ceiling: Ceiling | null): boolean => {
  if (ceiling === null) return false;
  const { tools, programs, directories, hours, readOnly, network } = ceiling;
  const hasList = [tools, programs, directories, hours].some((list) => list !== undefined);
  return hasList || readOnly === true || network === false;
};

export interface ConfinementRequest {
  ceiling: Ceiling | null;
  overlay: Ceiling | null;
  home: string;
  /** What stands for directories that the ceiling does not limit. */
  everything: readonly Directory[];
}

export const confinementOf = ({ ceiling, overlay, home, everything }: ConfinementRequest): Confinement => {
  const own = (ceiling === null ? null : directoriesOf(ceiling, home)) ?? [...everything];
  const chosen = overlay === null ? null : directoriesOf(overlay, home);
  // Each path once, with the narrower access of what was said about it.
  const directories = commonDirectories(own, chosen ?? own);
  const readOnly = ceiling?.readOnly === true || overlay?.readOnly === true;
  return {
    directories: directories.map(({ path, access }) => ({ path, access: readOnly ? 'read' : access })),
    programs: common(ceiling?.programs, overlay?.programs),
    network: ceiling?.network !== false && overlay?.network !== false,
    readOnly,
  };
};

const common = (one: readonly string[] | undefined, other: readonly string[] | undefined): string[] | null => {
  if (one === undefined) return other === undefined ? null : [...other];
  if (other === undefined) return [...one];
  return one.filter((program) => other.includes(program));
};

/** True when `inner` holds nothing that `outer` would not: what was started with it may go on to be used. */
export const isWithin = (inner: Confinement, outer: Confinement): boolean =>
  (outer.network || !inner.network) &&
  (!outer.readOnly || inner.readOnly) &&
  (outer.programs === null || (inner.programs?.every((program) => outer.programs?.includes(program)) ?? false)) &&
  inner.directories.every((directory) => isDirectoryWithin(directory, { inner, outer }));

/** Also what `outer` shuts inside of the directory, such as a part that may only be read, must be shut by `inner`. */
const isDirectoryWithin = (
  directory: Directory,
  { inner, outer }: { inner: Confinement; outer: Confinement },
): boolean => {
  const isAllowed = (path: string, access: Directory['access']): boolean => {
    const found = directoryOf(outer.directories, path);
    return found !== undefined && (access === 'read' || found.access === 'write');
  };
  return (
    isAllowed(directory.path, directory.access) &&
    outer.directories
      .filter(({ path }) => contains(directory.path, path))
      .every(({ path }) => isAllowed(path, directoryOf(inner.directories, path)?.access ?? 'read'))
  );
};

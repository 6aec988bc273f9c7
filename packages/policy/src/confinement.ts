/** What a sandbox may hold: the node's ceiling narrowed by the hub's overlay, as one description (N12). */
import type { Ceiling } from '@navisai/protocol';
import { commonDirectories, directoriesOf } from './directories.ts';
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
  const directories = chosen === null ? own : commonDirectories(own, chosen);
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

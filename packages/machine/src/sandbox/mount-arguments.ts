/** Mounts as bubblewrap's arguments, in the order in which none undoes another. */
import { contains } from '@navisai/policy';
import type { Mount } from './mounts.types.ts';

/** What is hidden comes last of its depth, and over everything of the same path. */
export const byDepth = <Kind extends Mount>(mounts: readonly Kind[]): Kind[] => {
  const depth = ({ target }: Mount): number => target.split('/').length;
  const rank = ({ kind }: Mount): number => (kind === 'emptyDirectory' || kind === 'emptyFile' ? 1 : 0);
  const sorted = mounts.toSorted((one, other) => depth(one) - depth(other) || rank(one) - rank(other));
  const hidden = mounts.filter((mount) => rank(mount) === 1);
  return sorted.filter((mount) => rank(mount) === 1 || !hidden.some(({ target }) => contains(target, mount.target)));
};

export const mountArguments = ({ kind, source, target }: Mount): string[] => {
  switch (kind) {
    case 'read':
      return ['--ro-bind', source, target];
    case 'write':
      return ['--bind', source, target];
    case 'emptyDirectory':
      return ['--tmpfs', target];
    case 'emptyFile':
      return ['--ro-bind', '/dev/null', target];
  }
};

/** After everything that lies below them is mounted. */
export const closingArguments = (mounts: readonly Mount[]): string[] =>
  mounts.flatMap(({ kind, target }) => (kind === 'emptyDirectory' ? ['--remount-ro', target] : []));

export const tryReadOnly = (path: string): string[] => ['--ro-bind-try', path, path];

/** The kernel lets user 0 change its settings without any capability, `core_pattern` among them, which names a program. */
export const kernelArguments = (): string[] => [
  '--proc',
  '/proc',
  ...['sys', 'sysrq-trigger', 'mtrr', 'pressure', 'acpi', 'scsi'].flatMap((name) => tryReadOnly(`/proc/${name}`)),
];

/** Checks that the lockfile installs anywhere: no registry host in it, and every platform's optional binaries. */
import { readFileSync } from 'node:fs';

interface LockedPackage {
  resolved?: string;
  link?: boolean;
  integrity?: string;
  version?: string;
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
}

export function checkLockfile(path: string): string[] {
  const { packages } = JSON.parse(readFileSync(path, 'utf8')) as { packages: Record<string, LockedPackage> };
  const problems: string[] = [];
  for (const [place, locked] of Object.entries(packages)) {
    if (locked.link) continue;
    if (locked.resolved !== undefined) problems.push(`${place} names a registry host`);
    if (place.includes('node_modules/') && locked.integrity === undefined) problems.push(`${place} has no checksum`);
    for (const [name, version] of Object.entries(locked.optionalDependencies ?? {})) {
      const found = findLocked(packages, place, name);
      const isRight = found !== undefined && (found.version === version.replace(/^npm:.+@/, '') || !isExact(version));
      if (!isRight) problems.push(`${place || 'the root'} lacks ${name} ${version}, which other platforms need`);
    }
  }
  return problems;
}

/** Searches upwards from `place`, as Node.js resolves packages. */
function findLocked(packages: Record<string, LockedPackage>, place: string, name: string): LockedPackage | undefined {
  for (let folder = place; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/')))) {
    const found = packages[folder === '' ? `node_modules/${name}` : `${folder}/node_modules/${name}`];
    if (found !== undefined || folder === '') return found;
  }
}

function isExact(version: string): boolean {
  return /^(npm:.+@)?\d+\.\d+\.\d+(-[\w.]+)?$/.test(version);
}

/** Versions in every package.json must be exact: the lockfile is law, also for the published packages. */
export function checkExactVersions(paths: string[]): string[] {
  return paths.flatMap((path) => {
    const content = JSON.parse(readFileSync(path, 'utf8')) as Record<string, Record<string, string> | undefined>;
    const groups = ['dependencies', 'devDependencies', 'optionalDependencies'].map((group) => content[group] ?? {});
    return groups
      .flatMap((group) => Object.entries(group))
      .filter(([, version]) => !isExact(version))
      .map(([name, version]) => `${path}: ${name} is not pinned exactly: ${version}`);
  });
}

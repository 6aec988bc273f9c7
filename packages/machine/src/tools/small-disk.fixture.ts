/** A disk of a few megabytes that tests can fill; only where mounting is allowed. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface SmallDisk extends Disposable {
  path: string;
  /** To the last byte. */
  fill(): void;
  free(): void;
}

/** `null` where it cannot be mounted. */
export const mountSmallDisk = (kibibytes: number): SmallDisk | null => {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return null;
  const path = realpathSync(mkdtempSync(join(tmpdir(), 'navis-disk-')));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${kibibytes}k,mode=700`, 'tmpfs', path], { stdio: 'ignore' });
  } catch {
    rmSync(path, { recursive: true });
    return null;
  }
  const fillers = (): string[] => readdirSync(path).filter((name) => name.startsWith('filler'));
  return {
    path,
    fill() {
      for (let size = 1024 * 1024, count = fillers().length; size >= 1; count += 1) {
        try {
          writeFileSync(join(path, `filler${count}`), Buffer.alloc(size));
        } catch {
          size = Math.floor(size / 4);
        }
      }
    },
    free: () => fillers().forEach((name) => rmSync(join(path, name))),
    [Symbol.dispose]() {
      execFileSync('umount', [path], { stdio: 'ignore' });
      rmSync(path, { recursive: true });
    },
  };
};

export const canMountDisk = ((): boolean => {
  using disk = mountSmallDisk(64);
  return disk !== null;
})();

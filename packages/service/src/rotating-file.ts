/** A log file of bounded size: when it is full it becomes `.1`, `.1` becomes `.2`, and the oldest goes. */
import { closeSync, fstatSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';

const maxFileBytes = 4 * 1024 * 1024;
const keptFiles = 4;

export interface RotatingFile extends Disposable {
  /** Never throws: a full disk costs log lines, not the program. */
  write(line: string): void;
  /** The last lines, oldest first. */
  tail(count: number): string[];
}

export const openRotatingFile = (path: string, maxBytes = maxFileBytes): RotatingFile => {
  let file = openQuietly(path);
  let bytes = file === undefined ? 0 : fstatSync(file).size;

  const rotate = (): void => {
    if (file !== undefined) closeSync(file);
    for (let index = keptFiles - 1; index >= 0; index -= 1) {
      attempt(() => renameSync(nameOf(path, index), nameOf(path, index + 1)));
    }
    file = openQuietly(path);
    bytes = 0;
  };

  return {
    write(line) {
      const content = Buffer.from(line);
      if (file === undefined || bytes + content.length > maxBytes) rotate();
      attempt(() => {
        if (file !== undefined) bytes += writeSync(file, content);
      });
    },
    tail(count) {
      const lines: string[] = [];
      for (let index = 0; index <= keptFiles && lines.length < count; index += 1) {
        const content = attempt(() => readFileSync(nameOf(path, index), 'utf8')) ?? '';
        const older = content.split('\n').filter((line) => line !== '');
        lines.unshift(...older.slice(-(count - lines.length)));
      }
      return lines;
    },
    [Symbol.dispose]() {
      if (file !== undefined) closeSync(file);
      file = undefined;
    },
  };
};

const nameOf = (path: string, index: number): string => (index === 0 ? path : `${path}.${index}`);

const openQuietly = (path: string): number | undefined => attempt(() => openSync(path, 'a', 0o600));

const attempt = <T>(work: () => T): T | undefined => {
  try {
    return work();
  } catch {
    return undefined;
  }
};

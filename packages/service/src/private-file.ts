/** Files that only the program's user may read, replaced as a whole so that nobody ever sees half of one. */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';

export const writePrivateFile = (path: string, content: string): void => {
  const temporary = `${path}.${process.pid}.new`;
  try {
    writeFileSync(temporary, content, { mode: 0o600, flush: true });
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
};

/** `undefined` when there is no such file. */
export const readFileIfThere = (path: string): string | undefined => {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
};

/** The parsed file; `undefined` when it is missing or no JSON. */
export const readJsonIfThere = (path: string): unknown => {
  const text = readFileIfThere(path);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

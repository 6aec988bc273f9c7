/** Writes a new private file, on disk when this returns. */
import { closeSync, fsyncSync, openSync, writeFileSync } from 'node:fs';

export const writeDurably = (path: string, text: string): void => {
  const descriptor = openSync(path, 'wx', 0o600);
  try {
    writeFileSync(descriptor, text);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
};

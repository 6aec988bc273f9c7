/** Where a program lies, as a login shell of the person would find it. */
import { accessSync, constants, statSync } from 'node:fs';
import { join } from 'node:path';

const usualPlaces = ['/usr/local/bin', '/usr/bin', '/bin', '/opt/homebrew/bin'];

/** The first of the names that is found; `null` when none is installed. */
export const findProgram = (environment: Readonly<Record<string, string>>, names: readonly string[]): string | null => {
  const listed = (environment['PATH'] ?? '').split(':').filter((place) => place.startsWith('/'));
  const places = [...new Set([...listed, ...usualPlaces])];
  for (const name of names) {
    const found = places.map((place) => join(place, name)).find(isProgram);
    if (found !== undefined) return found;
  }
  return null;
};

const isProgram = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
};

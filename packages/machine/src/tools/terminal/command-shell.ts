/** The shell that executes commands: `bash -c`, else `sh -c`, never as a login shell (T1). */
import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';

/** Where bash is looked for besides the PATH of the login. */
const usualPlaces = ['/bin', '/usr/bin', '/usr/local/bin', '/opt/homebrew/bin'];

export const commandShell = (
  environment: Readonly<Record<string, string>>,
  command: string,
): [file: string, ...args: string[]] => {
  const places = [...(environment['PATH'] ?? '').split(':').filter((place) => place.startsWith('/')), ...usualPlaces];
  return [places.map((place) => join(place, 'bash')).find(isExecutable) ?? '/bin/sh', '-c', command];
};

const isExecutable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

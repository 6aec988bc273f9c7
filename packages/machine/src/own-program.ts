/** Where the code of Navis itself lies: whoever can change it is Navis at its next start. */
import { existsSync, realpathSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';

/** This package, and with it the folder where packages lie beside each other, or the workspace. */
export const programPaths = (): string[] => {
  // One above, in the workspace and in a published package alike.
  const ownPackage = realpathSync(join(import.meta.dirname, '..'));
  const around = resolve(ownPackage, '../..');
  const isWorkspace = existsSync(join(around, 'packages', 'machine', 'src'));
  return [basename(around) === 'node_modules' || isWorkspace ? around : ownPackage];
};

/** What is never deleted or moved away, whatever the call says. */
import { realpath } from 'node:fs/promises';
import { refused } from './file-errors.ts';
import type { Place } from './file-access.ts';

/** Throws FILE_REFUSED for the root, what lies directly below it, and the home directory with all it lies in. */
export const refuseProtected = async (
  { realPath, field }: Pick<Place, 'realPath' | 'field'>,
  home: string,
): Promise<void> => {
  const realHome = await realpath(home).catch(() => home);
  const isSystem = realPath === '/' || /^\/[^/]+$/.test(realPath);
  const holdsHome = realHome === realPath || realHome.startsWith(`${realPath}/`);
  if (isSystem || holdsHome)
    throw refused(realPath, 'the root, home directories and what they lie in are never removed or moved', { field });
};

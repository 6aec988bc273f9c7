/** Where a copy or a move may go. */
import { conflict } from './file-errors.ts';
import type { Place } from './file-access.ts';
import { statsOf } from './replace-file.ts';

/** Throws FILE_CONFLICT or FILE_REFUSED. */
export const checkTarget = async (
  to: Place,
  { overwrite, isDirectory }: { overwrite: boolean; isDirectory: boolean },
): Promise<void> => {
  const there = await statsOf(to);
  if (there === null) return;
  if (there.isDirectory() || isDirectory)
    throw conflict(to.realPath, 'it exists, and directories are not replaced', to.field);
  if (!overwrite) throw conflict(to.realPath, 'it exists; overwrite replaces it', to.field);
};

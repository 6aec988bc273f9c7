/** Why a disk took something not, in words: the one home of them, for hosts too, which load little. */

export const diskFull = 'the disk is full';

/** The system's name of an error; empty for anything else. */
export const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';

/** Of an error of the system, or of its name. */
export const diskRefusal = (refused: unknown): string => {
  const code = typeof refused === 'string' ? refused : codeOf(refused);
  if (code === 'ENOSPC' || code === 'EDQUOT') return diskFull;
  return `the disk refused it: ${code === '' ? 'unknown' : code}`;
};

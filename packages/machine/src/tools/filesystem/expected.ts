/** The parameter `expected`: a change is made only to the file that the caller has seen. */
import type { BigIntStats } from 'node:fs';
import { conflict } from './file-errors.ts';
import type { Place } from './file-access.ts';
import { versionOf } from './regular-file.ts';

export interface Expectation {
  /** A version, a SHA-256 in hex, or `absent`. */
  expected: string | undefined;
  place: Pick<Place, 'realPath'>;
  now: { stats: BigIntStats; sha256?: string } | null;
}

/** Throws FILE_CONFLICT. */
export const checkExpected = ({ expected, place, now }: Expectation): void => {
  if (expected === undefined) return;
  if (now === null) {
    if (expected !== 'absent') throw conflict(place.realPath, 'it does not exist any more', 'expected');
    return;
  }
  if (expected === 'absent') throw conflict(place.realPath, 'it exists', 'expected');
  if (expected === versionOf(now.stats) || expected.toLowerCase() === now.sha256) return;
  throw conflict(place.realPath, 'it is not the version that was expected; read it again', 'expected');
};

export const isSha256 = (expected: string): boolean => /^[0-9a-f]{64}$/i.test(expected);

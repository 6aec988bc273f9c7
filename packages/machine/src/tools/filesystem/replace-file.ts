/** Puts a file in place as a whole: written beside its target, on disk, then renamed; a failure leaves what was there. */
import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import type { BigIntStats } from 'node:fs';
import { link, lstat, open, rename, rm, unlink } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { basename } from 'node:path';
import { codeOf } from '../../disk-words.ts';
import { conflict, isMissing } from './file-errors.ts';
import type { Place } from './file-access.ts';
import { modeOf, versionOf } from './regular-file.ts';

export interface Replacement {
  write(handle: FileHandle): Promise<void>;
  /** Permission bits; undefined: those of the file that is replaced, else 0644. */
  mode?: number | undefined;
  /** What was there when the new content was made; null: nothing. Undefined: whatever is there. */
  replaced?: BigIntStats | null | undefined;
  /** Told of the path of the new file before it is made. */
  noteTemporary?: ((path: string) => void) | undefined;
}

export interface Replaced {
  version: string;
  sizeBytes: number;
  warnings: string[];
}

const newFileMode = 0o644;
/** How the files begin that are not yet in place. */
export const temporaryPrefix = '.navis-';
export const newTemporaryName = (): string => `${temporaryPrefix}${randomBytes(8).toString('hex')}.tmp`;
const temporaryName = /^\.navis-[0-9a-f]{16}\.tmp$/;

/** What a program left that did not live to finish; nothing but what was made by `newTemporaryName`. Never rejects. */
export const removeLeftOver = async (paths: readonly string[]): Promise<void> => {
  const ours = paths.filter((path) => temporaryName.test(basename(path)));
  await Promise.all(ours.map((path) => rm(path, { recursive: true, force: true }).catch(() => undefined)));
};

/** File systems without hard links answer with one of these. */
const withoutLinks: ReadonlySet<string> = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK']);

export const replaceFile = async (place: Place, replacement: Replacement): Promise<Replaced> => {
  const { directory } = place;
  const name = newTemporaryName();
  const temporary = directory.entry(name);
  replacement.noteTemporary?.(directory.realPathOf(name));
  const flags = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
  const handle = await open(temporary, flags, 0o600);
  let isInPlace = false;
  try {
    await replacement.write(handle);
    const warnings = await takeOverFacts(handle, place, replacement);
    await handle.sync();
    isInPlace = await putInPlace(place, { temporary, replaced: replacement.replaced });
    const stats = await handle.stat({ bigint: true });
    await directory.sync();
    return { version: versionOf(stats), sizeBytes: Number(stats.size), warnings };
  } finally {
    await handle.close();
    if (!isInPlace) await unlink(temporary).catch(() => undefined);
  }
};

/** Mode and owner are those of the file that is replaced. */
const takeOverFacts = async (handle: FileHandle, place: Place, { mode }: Replacement): Promise<string[]> => {
  const before = await statsOf(place);
  if (before === null) {
    await handle.chmod(mode ?? newFileMode);
    return [];
  }
  const warnings: string[] = [];
  const own = await handle.stat({ bigint: true });
  if (own.uid !== before.uid || own.gid !== before.gid)
    await handle.chown(Number(before.uid), Number(before.gid)).catch(() => {
      warnings.push('The owner or group of the file could not be kept.');
    });
  if (before.nlink > 1n) warnings.push('The file had other hard links; they keep the old content.');
  await handle.chmod(mode ?? modeOf(before));
  return warnings;
};

/** True when it is; the temporary file is gone then. Rejects FILE_CONFLICT. */
export const putInPlace = async (
  place: Place,
  { temporary, replaced }: { temporary: string; replaced: BigIntStats | null | undefined },
): Promise<boolean> => {
  if (replaced === null) return putWhereNothingIs(place, temporary);
  if (replaced !== undefined) {
    const now = await statsOf(place);
    if (now === null || versionOf(now) !== versionOf(replaced))
      throw conflict(place.realPath, 'it was changed by someone else meanwhile', place.field);
  }
  await rename(temporary, place.path);
  return true;
};

/** A link fails where a rename would replace what has come meanwhile. */
const putWhereNothingIs = async (place: Place, temporary: string): Promise<boolean> => {
  try {
    await link(temporary, place.path);
    await unlink(temporary);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') throw conflict(place.realPath, 'it exists', place.field);
    if (!withoutLinks.has(codeOf(error))) throw error;
  }
  if ((await statsOf(place)) !== null) throw conflict(place.realPath, 'it exists', place.field);
  await rename(temporary, place.path);
  return true;
};

/** Of the entry itself, a link not followed; null when there is none. */
export const statsOf = async ({ path }: Pick<Place, 'path'>): Promise<BigIntStats | null> => {
  try {
    return await lstat(path, { bigint: true });
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
};

export const writeFully = async (handle: FileHandle, bytes: Uint8Array, position = 0): Promise<void> => {
  for (let done = 0; done < bytes.length;) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
};

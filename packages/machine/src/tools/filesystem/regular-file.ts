/** Regular files only: opened without following links and without waking devices or waiting for pipes. */
import type { BigIntStats } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { refused } from './file-errors.ts';
import type { Place } from './file-access.ts';
import { openForReading, openReference } from './open-directory.ts';

export interface OpenFile extends AsyncDisposable {
  handle: FileHandle;
  stats: BigIntStats;
}

const chunkBytes = 256 * 1024;

/** Rejects FILE_REFUSED for what is not a regular file, and with errors of the system. */
export const openRegularFile = async ({
  path,
  realPath,
  field,
}: Pick<Place, 'path' | 'realPath' | 'field'>): Promise<OpenFile> => {
  await using reference = await openReference(path);
  const facts = await reference.stat({ bigint: true });
  if (!facts.isFile()) throw refused(realPath, `it is ${kindOf(facts)}`, { field });
  const handle = await openForReading(reference, path);
  try {
    const stats = await handle.stat({ bigint: true });
    return { handle, stats, [Symbol.asyncDispose]: () => handle.close() };
  } catch (error) {
    await handle.close();
    throw error;
  }
};

type Kinds = Pick<BigIntStats, 'isDirectory' | 'isSymbolicLink' | 'isFIFO' | 'isSocket' | 'isFile'>;

export const kindOf = (facts: Kinds): string => {
  if (facts.isFile()) return 'a file';
  if (facts.isDirectory()) return 'a directory';
  if (facts.isSymbolicLink()) return 'a link';
  if (facts.isFIFO()) return 'a pipe';
  return facts.isSocket() ? 'a socket' : 'a device';
};

export const typeOf = (facts: Kinds): 'file' | 'directory' | 'link' | 'other' => {
  if (facts.isFile()) return 'file';
  if (facts.isDirectory()) return 'directory';
  return facts.isSymbolicLink() ? 'link' : 'other';
};

/** Another one as soon as the file was changed or replaced. */
export const versionOf = ({ ino, size, mtimeNs }: Pick<BigIntStats, 'ino' | 'size' | 'mtimeNs'>): string =>
  [mtimeNs, size, ino].map((part) => part.toString(36)).join('-');

export const modeOf = ({ mode }: Pick<BigIntStats, 'mode'>): number => Number(mode & 0o7777n);

/** At most `maxBytes` from `from` on; fewer only at the end. Sizes are not trusted: files of the kernel have none. */
export const readRange = async (handle: FileHandle, from: number, maxBytes: number): Promise<Buffer> => {
  const pieces: Buffer[] = [];
  for (let done = 0; done < maxBytes;) {
    const piece = Buffer.allocUnsafe(Math.min(chunkBytes, maxBytes - done));
    const { bytesRead } = await handle.read(piece, 0, piece.length, from + done);
    if (bytesRead === 0) break;
    pieces.push(piece.subarray(0, bytesRead));
    done += bytesRead;
  }
  return pieces.length === 1 && pieces[0] !== undefined ? pieces[0] : Buffer.concat(pieces);
};

export const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

export const hashFile = async (
  handle: FileHandle,
  check: () => void,
): Promise<{ sha256: string; sizeBytes: number }> => {
  const hash = createHash('sha256');
  const piece = Buffer.allocUnsafe(chunkBytes);
  for (let at = 0; ;) {
    check();
    const { bytesRead } = await handle.read(piece, 0, piece.length, at);
    if (bytesRead === 0) return { sha256: hash.digest('hex'), sizeBytes: at };
    hash.update(piece.subarray(0, bytesRead));
    at += bytesRead;
  }
};

/** The files of one terminal's byte log: `log-<offset of the first byte>`, each a run of bytes; runs may have gaps. */
import { readdirSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';

export interface LogSegment {
  start: number;
  end: number;
}

export interface LogSlice {
  /** May be after the asked offset: the bytes between are no longer (or never were) kept. */
  offset: number;
  bytes: Buffer;
}

const digits = 16;
const namePattern = /^log-(\d{16})$/;

export const segmentPath = (directory: string, start: number): string =>
  join(directory, `log-${String(start).padStart(digits, '0')}`);

/** What is on disk, oldest first; empty when the directory is missing. */
export const listSegments = (directory: string): LogSegment[] => {
  try {
    const starts = readdirSync(directory).flatMap((name) => namePattern.exec(name)?.[1] ?? []);
    return starts
      .toSorted()
      .map((start) => ({ start: Number(start), end: Number(start) + sizeOf(segmentPath(directory, Number(start))) }));
  } catch {
    return [];
  }
};

const sizeOf = (path: string): number => {
  try {
    return statSync(path).size;
  } catch {
    return 0;
  }
};

/** The first segment that has bytes at or after `from`. */
export const findSegment = (segments: readonly LogSegment[], from: number): LogSegment | undefined =>
  segments.find(({ start, end }) => end > Math.max(from, start));

/** Reads at most `maxBytes` from the first kept byte at or after `from`, not beyond its segment; `null` at the end. */
export const readSegments = async (
  { directory, segments }: { directory: string; segments: readonly LogSegment[] },
  { from, maxBytes }: { from: number; maxBytes: number },
): Promise<LogSlice | null> => {
  for (let at = from; ;) {
    const segment = findSegment(segments, at);
    if (segment === undefined) return null;
    const offset = Math.max(at, segment.start);
    const bytes = await readFilePart({
      path: segmentPath(directory, segment.start),
      position: offset - segment.start,
      length: Math.min(maxBytes, segment.end - offset),
    });
    if (bytes.length > 0) return { offset, bytes };
    // Dropped by retention since it was listed, or cut short by a crash.
    at = segment.end;
  }
};

const readFilePart = async (part: { path: string; position: number; length: number }): Promise<Buffer> => {
  try {
    await using file = await open(part.path, 'r');
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(part.length), 0, part.length, part.position);
    return buffer.subarray(0, bytesRead);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'ENOTDIR') return Buffer.alloc(0);
    throw error;
  }
};

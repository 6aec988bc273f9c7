/** Reads a log from its files: the newest one, and what was rotated away to `….1`, `….2` … */
import { constants } from 'node:fs';
import { open, readFile, type FileHandle } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

/** As many as hub and node keep. */
const rotatedFiles = 4;
const pollMs = 150;
const readBytes = 256 * 1024;

export interface LogTail {
  lines: string[];
  /** Where the newest file was read up to. */
  inode: bigint;
  position: number;
}

/** The last lines, oldest first; `undefined` when there is no log. */
export const readLogTail = async (path: string, count: number): Promise<LogTail | undefined> => {
  await using newest = await openIfThere(path);
  if (newest === undefined) return undefined;
  const { ino } = await newest.stat({ bigint: true });
  const content = await newest.readFile();
  // An unfinished last line belongs to what follows.
  const position = content.lastIndexOf(0x0a) + 1;
  const lines = linesOf(content.subarray(0, position).toString('utf8')).slice(-count);
  for (let index = 1; index <= rotatedFiles && lines.length < count; index += 1) {
    const older = linesOf(await readFile(`${path}.${index}`, 'utf8').catch(() => ''));
    lines.unshift(...older.slice(-(count - lines.length)));
  }
  return { lines, inode: ino, position };
};

export interface FollowRequest {
  path: string;
  /** Where to begin; without it at the beginning of the file, when there is one. */
  tail: LogTail | undefined;
  show: (line: string) => void;
  signal: AbortSignal;
}

/** Shows what is written from `tail` on, through rotation and restarts of the hub, until `signal`. */
export const followLog = async ({ path, tail, show, signal }: FollowRequest): Promise<void> => {
  let inode = tail?.inode;
  let position = tail?.position ?? 0;
  while (!signal.aborted) {
    await using file = await openIfThere(path);
    if (file !== undefined) {
      const stat = await file.stat({ bigint: true });
      if (stat.ino !== inode && inode !== undefined) await showRest({ path: `${path}.1`, inode, position }, show);
      if (stat.ino !== inode || Number(stat.size) < position) position = 0;
      inode = stat.ino;
      position += await showFrom(file, position, show);
    }
    await delay(pollMs, undefined, { signal }).catch(() => undefined);
  }
};

/** What came into a file before it was rotated away. */
const showRest = async (
  old: { path: string; inode: bigint; position: number },
  show: (line: string) => void,
): Promise<void> => {
  await using file = await openIfThere(old.path);
  if (file !== undefined && (await file.stat({ bigint: true })).ino === old.inode)
    await showFrom(file, old.position, show);
};

/** Whole lines from `position` on; answers how many bytes they were. */
const showFrom = async (file: FileHandle, position: number, show: (line: string) => void): Promise<number> => {
  let shown = 0;
  for (;;) {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(readBytes), 0, readBytes, position + shown);
    const end = buffer.subarray(0, bytesRead).lastIndexOf(0x0a) + 1;
    for (const line of linesOf(buffer.subarray(0, end).toString('utf8'))) show(line);
    shown += end;
    if (end === 0) return shown;
  }
};

const linesOf = (text: string): string[] => text.split('\n').filter((line) => line !== '');

const openIfThere = (path: string): Promise<FileHandle | undefined> =>
  open(path, constants.O_RDONLY).catch(() => undefined);

/** Whole directories: counted, copied and removed through directories that are held open. */
import { constants } from 'node:fs';
import { chmod, lstat, open, readlink, rmdir, symlink, unlink } from 'node:fs/promises';
import { maxTreeEntries, NavisError } from '@navisai/protocol';
import type { FileAccess } from './file-access.ts';
import { refused } from './file-errors.ts';
import type { OpenDirectory } from './open-directory.ts';
import { modeOf, openRegularFile } from './regular-file.ts';
import type { OpenFile } from './regular-file.ts';
import { writeFully } from './replace-file.ts';
import { direntType, newWalkReport, readEntries, walk } from './walk.ts';

export interface TreeCount {
  entries: number;
  bytes: number;
  /** Below the tree; the first ones. */
  paths: string[];
}

/** What is asked before each step; both throw. */
type Questions = Pick<FileAccess, 'check' | 'allow'>;

const maxShownPaths = 100;

/** Rejects FILE_REFUSED for what is too large, POLICY_DENIED for a tree with something that may not be changed. */
export const countTree = async (
  root: OpenDirectory,
  files: Questions,
  access: 'read' | 'write',
): Promise<TreeCount> => {
  const count: TreeCount = { entries: 0, bytes: 0, paths: [] };
  const report = newWalkReport();
  const allow = (realPath: string): void => files.allow(realPath, access);
  for await (const { directory, name, relativePath } of walk(root, { check: () => files.check(), allow }, report)) {
    const facts = await lstat(directory.entry(name)).catch(() => null);
    count.entries += 1;
    count.bytes += facts?.isFile() === true ? facts.size : 0;
    if (count.paths.length < maxShownPaths) count.paths.push(relativePath);
    if (count.entries > maxTreeEntries)
      throw refused(root.realPath, `it holds more than ${maxTreeEntries} entries; use the tool terminal`);
  }
  if (report.unnameable > 0) throw refused(root.realPath, 'it holds names that are not UTF-8; use the tool terminal');
  if (report.denied > 0)
    throw new NavisError(
      'POLICY_DENIED',
      `path: ${root.realPath} holds what the policy of this machine protects. Nothing was changed.`,
    );
  return count;
};

/** Removes everything in the directory; answers how many entries. Links are removed, not followed. */
export const emptyDirectory = async (root: OpenDirectory, files: Questions): Promise<number> => {
  let removed = 0;
  for (const entry of await readEntries(root, () => files.check())) {
    files.check();
    const { name } = entry;
    files.allow(root.realPathOf(name), 'write');
    if (direntType(entry) === 'directory') {
      await using child = await root.child(name);
      removed += await emptyDirectory(child, files);
      await rmdir(root.entry(name));
    } else await unlink(root.entry(name));
    removed += 1;
  }
  return removed;
};

export interface CopyReport {
  entries: number;
  bytes: number;
  /** Pipes, sockets and devices. */
  skipped: number;
}

/** Into an empty directory. Links are copied as links, special files left out. */
export const copyTree = async (
  { from, to }: { from: OpenDirectory; to: OpenDirectory },
  files: Questions,
  report: CopyReport,
): Promise<void> => {
  for (const entry of await readEntries(from, () => files.check())) {
    files.check();
    const { name } = entry;
    files.allow(from.realPathOf(name), 'read');
    const type = direntType(entry);
    if (type === 'other') {
      report.skipped += 1;
      continue;
    }
    report.entries += 1;
    if (type === 'link') await symlink(await readlink(from.entry(name)), to.entry(name));
    else if (type === 'directory') await copyDirectory({ from, to, name }, files, report);
    else report.bytes += await copyFileIn({ from, to, name }, files);
  }
};

interface CopiedName {
  from: OpenDirectory;
  to: OpenDirectory;
  name: string;
}

const copyDirectory = async ({ from, to, name }: CopiedName, files: Questions, report: CopyReport): Promise<void> => {
  await using source = await from.child(name);
  const facts = await lstat(from.entry(name), { bigint: true });
  await to.makeDirectory(name);
  await using target = await to.child(name);
  await copyTree({ from: source, to: target }, files, report);
  // At the end: it may forbid to write.
  await chmod(`${target.path}/.`, modeOf(facts));
};

const copyFileIn = async ({ from, to, name }: CopiedName, files: Questions): Promise<number> => {
  const place = { path: from.entry(name), realPath: from.realPathOf(name), field: 'path' };
  await using source = await openRegularFile(place);
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
  await using target = await open(to.entry(name), flags, 0o600);
  const bytes = await copyBytes(source, target, () => files.check());
  await target.chmod(modeOf(source.stats));
  await target.utimes(Number(source.stats.atimeMs) / 1000, Number(source.stats.mtimeMs) / 1000);
  return bytes;
};

const chunkBytes = 1024 * 1024;

/** Answers how many; not held in memory. */
export const copyBytes = async (
  source: OpenFile,
  target: Parameters<typeof writeFully>[0],
  check: () => void,
): Promise<number> => {
  const piece = Buffer.allocUnsafe(chunkBytes);
  for (let at = 0; ;) {
    check();
    const { bytesRead } = await source.handle.read(piece, 0, chunkBytes, at);
    if (bytesRead === 0) return at;
    await writeFully(target, piece.subarray(0, bytesRead), at);
    at += bytesRead;
  }
};

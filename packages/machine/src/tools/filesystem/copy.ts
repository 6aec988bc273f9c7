/** The action `copy` on one machine: a file, or a directory with all that is in it, put in place as a whole. */
import { chmod, lstat, readlink, rename, rmdir, symlink } from 'node:fs/promises';
import { NavisError } from '@navisai/protocol';
import type { ToolResult } from '@navisai/protocol';
import { succeeded } from '../terminal/call-result.ts';
import { fileError, refused } from './file-errors.ts';
import type { Place } from './file-access.ts';
import { modeOf, openRegularFile } from './regular-file.ts';
import { newTemporaryName, replaceFile, statsOf } from './replace-file.ts';
import { checkTarget } from './target.ts';
import { copyBytes, copyTree, countTree, emptyDirectory } from './tree.ts';
import type { CopyReport } from './tree.ts';
import type { CallOf, FileWork } from './work.types.ts';

type CopyCall = CallOf<'copy'>;

export const copyEntry = async (work: FileWork, call: CopyCall): Promise<ToolResult> => {
  const { files, invocation } = work;
  if (call.to_node_id !== undefined && call.to_node_id !== work.context.nodeId)
    throw new NavisError(
      'INVALID_ARGUMENT',
      'to_node_id: a copy to another node goes through the hub. Nothing was started.',
      {
        field: 'to_node_id',
      },
    );
  await using from = await files.place({ given: call.path, access: 'read' });
  const request = { given: call.to, access: 'write', field: 'to', mayBeMissing: true } as const;
  await using to = await files.place({ ...request, createParents: call.create_parents });
  try {
    const { overwrite = false, recursive = false } = call;
    const report = await copyPlace(work, { from, to, overwrite, recursive, link: 'follow' });
    if (report.skipped > 0) invocation.warnings.push(`${report.skipped} pipes, sockets or devices were left out.`);
    const { entries, bytes } = report;
    return succeeded(`Copied ${from.realPath} to ${to.realPath}: ${bytes} bytes.`, {
      path: to.realPath,
      entries,
      bytes,
    });
  } catch (error) {
    throw fileError(error, call.path);
  }
};

export interface CopyRequest {
  from: Place;
  to: Place;
  overwrite: boolean;
  recursive: boolean;
  link: 'follow' | 'keep';
}

export const copyPlace = async (work: FileWork, request: CopyRequest): Promise<CopyReport> => {
  const { from, to, overwrite, recursive } = request;
  const { files } = work;
  const facts = await lstat(from.path, { bigint: true });
  const isDirectory = facts.isDirectory();
  if (isDirectory && !recursive)
    throw refused(from.realPath, 'it is a directory; recursive copies it with all that is in it', {
      field: 'recursive',
    });
  if (to.realPath === from.realPath) throw refused(to.realPath, 'it is the same file', { field: 'to' });
  await checkTarget(to, { overwrite, isDirectory });
  if (isDirectory) return copyDirectory(work, request, modeOf(facts));
  if (facts.isSymbolicLink()) {
    await symlink(await readlink(from.path), to.path);
    return { entries: 1, bytes: 0, skipped: 0 };
  }
  await using source = await openRegularFile(from);
  let bytes = 0;
  const { warnings } = await replaceFile(to, {
    write: async (target) => {
      bytes = await copyBytes(source, target, () => files.check());
    },
    mode: modeOf(source.stats),
    replaced: overwrite ? undefined : null,
    noteTemporary: work.invocation.noteTemporary,
  });
  work.invocation.warnings.push(...warnings);
  return { entries: 1, bytes, skipped: 0 };
};

/** Made beside the target and renamed at the end; what is left of a failure is removed. */
const copyDirectory = async (
  { files, invocation }: FileWork,
  { from, to }: CopyRequest,
  mode: number,
): Promise<CopyReport> => {
  if (`${to.realPath}/`.startsWith(`${from.realPath}/`))
    throw refused(to.realPath, 'a directory cannot be copied into itself', { field: 'to' });
  await using source = await from.directory.child(from.name);
  await countTree(source, files, 'read');
  const temporary = newTemporaryName();
  invocation.noteTemporary?.(to.directory.realPathOf(temporary));
  await to.directory.makeDirectory(temporary);
  await using target = await to.directory.child(temporary);
  const report: CopyReport = { entries: 1, bytes: 0, skipped: 0 };
  try {
    await copyTree({ from: source, to: target }, files, report);
    await chmod(`${target.path}/.`, mode);
    if ((await statsOf(to)) !== null)
      throw refused(to.realPath, 'something else came there meanwhile', { field: 'to' });
    await rename(to.directory.entry(temporary), to.path);
    await to.directory.sync();
    return report;
  } catch (error) {
    await emptyDirectory(target, noQuestions).catch(() => undefined);
    await rmdir(to.directory.entry(temporary)).catch(() => undefined);
    throw error;
  }
};

/** Cleaning up goes on when the call was cancelled. */
const noQuestions = { check: () => undefined, allow: () => undefined };

/** The action `move`: a rename, or across file systems a copy that is removed at its origin afterwards. */
import { link, rename, rmdir, unlink } from 'node:fs/promises';
import { NavisError } from '@navisai/protocol';
import type { ToolResult } from '@navisai/protocol';
import { codeOf } from '../../disk-words.ts';
import { succeeded } from '../terminal/call-result.ts';
import { copyPlace } from './copy.ts';
import { checkExpectedFile } from './delete.ts';
import { fileError, refused } from './file-errors.ts';
import type { Place } from './file-access.ts';
import { refuseProtected } from './protected-paths.ts';
import { statsOf } from './replace-file.ts';
import { checkTarget } from './target.ts';
import { countTree, emptyDirectory } from './tree.ts';
import type { CallOf, FileWork } from './work.types.ts';

type MoveCall = CallOf<'move'>;

export const moveEntry = async (work: FileWork, call: MoveCall): Promise<ToolResult> => {
  const { files } = work;
  await using from = await files.place({ given: call.path, access: 'write', link: 'keep' });
  const request = { given: call.to, access: 'write', field: 'to', link: 'keep', mayBeMissing: true } as const;
  await using to = await files.place({ ...request, createParents: call.create_parents });
  try {
    await refuseProtected(from, files.home);
    const facts = await statsOf(from);
    if (facts === null) throw Object.assign(new Error('missing'), { code: 'ENOENT' });
    if (to.realPath === from.realPath) return succeeded(`${from.realPath} is there already.`, { path: to.realPath });
    if (`${to.realPath}/`.startsWith(`${from.realPath}/`))
      throw refused(to.realPath, 'a directory cannot be moved into itself', { field: 'to' });
    await checkExpectedFile(work, call, from);
    if (facts.isDirectory()) {
      await using root = await from.directory.child(from.name);
      await countTree(root, files, 'write');
    }
    await checkTarget(to, { overwrite: call.overwrite === true, isDirectory: facts.isDirectory() });
    await moveTo(work, { from, to, isDirectory: facts.isDirectory(), overwrite: call.overwrite === true });
    await Promise.all([from.directory.sync(), to.directory.sync()]);
    return succeeded(`Moved ${from.realPath} to ${to.realPath}.`, { path: to.realPath });
  } catch (error) {
    throw fileError(error, call.path);
  }
};

interface Move {
  from: Place;
  to: Place;
  isDirectory: boolean;
  overwrite: boolean;
}

const moveTo = async (work: FileWork, move: Move): Promise<void> => {
  const { from, to, isDirectory, overwrite } = move;
  try {
    if (isDirectory || overwrite) await rename(from.path, to.path);
    else await moveWhereNothingIs(from, to);
  } catch (error) {
    if (codeOf(error) !== 'EXDEV') throw error;
    await copyPlace(work, { from, to, overwrite, recursive: true, link: 'keep' });
    await removeOrigin(work, move);
  }
};

const moveWhereNothingIs = async (from: Place, to: Place): Promise<void> => {
  try {
    await link(from.path, to.path);
  } catch (error) {
    // File systems, and kinds of files, without hard links.
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'EMLINK'].includes(codeOf(error))) throw error;
    await rename(from.path, to.path);
    return;
  }
  await unlink(from.path);
};

const removeOrigin = async ({ files }: FileWork, { from, isDirectory }: Move): Promise<void> => {
  try {
    if (!isDirectory) return await unlink(from.path);
    await using root = await from.directory.child(from.name);
    await emptyDirectory(root, files);
    await rmdir(from.path);
  } catch (error) {
    const why = codeOf(error) || 'unknown';
    throw new NavisError(
      'FILE_REFUSED',
      `path: it was copied, but could not be removed at ${from.realPath} (${why}).`,
      {
        field: 'path',
        cause: error,
      },
    );
  }
};

/** The action `delete`: a file, a link, or a directory. */
import { rmdir, unlink } from 'node:fs/promises';
import { NavisError } from '@navisai/protocol';
import type { ToolResult } from '@navisai/protocol';
import { escapeForDisplay } from '../../plain-text/escape-for-display.ts';
import { succeeded } from '../terminal/call-result.ts';
import { checkExpected, isSha256 } from './expected.ts';
import { fileError, refused } from './file-errors.ts';
import type { Place } from './file-access.ts';
import { refuseProtected } from './protected-paths.ts';
import { hashFile, kindOf, openRegularFile } from './regular-file.ts';
import { statsOf } from './replace-file.ts';
import { countTree, emptyDirectory } from './tree.ts';
import { readEntries } from './walk.ts';
import type { CallOf, FileWork } from './work.types.ts';

type DeleteCall = CallOf<'delete'>;

export const deleteEntry = async (work: FileWork, call: DeleteCall): Promise<ToolResult> => {
  const { files } = work;
  await using place = await files.place({ given: call.path, access: 'write', link: 'keep' });
  try {
    await refuseProtected(place, files.home);
    const facts = await statsOf(place);
    if (facts === null) throw Object.assign(new Error('missing'), { code: 'ENOENT' });
    if (facts.isDirectory()) return await deleteDirectory(work, call, place);
    await checkExpectedFile(work, call, place);
    if (call.dry_run === true)
      return succeeded(`${place.realPath} would be removed.`, { path: place.realPath, would_remove: 1 });
    await unlink(place.path);
    return succeeded(`Removed ${kindOf(facts)}: ${place.realPath}`, { path: place.realPath, removed: 1 });
  } catch (error) {
    throw fileError(error, call.path);
  }
};

const deleteDirectory = async ({ files }: FileWork, call: DeleteCall, place: Place): Promise<ToolResult> => {
  const { realPath } = place;
  if (call.expected !== undefined)
    throw new NavisError('INVALID_ARGUMENT', 'expected: is for files. Nothing was changed.', { field: 'expected' });
  let removed = 0;
  {
    await using root = await place.directory.child(place.name);
    const isEmpty = (await readEntries(root, () => files.check())).length === 0;
    if (!isEmpty && call.recursive !== true)
      throw refused(realPath, 'the directory is not empty; recursive removes it with all that is in it', {
        field: 'recursive',
      });
    const { entries, bytes, paths } = await countTree(root, files, 'write');
    if (call.dry_run === true) {
      const shown = paths.map((path) => escapeForDisplay(path));
      const more = entries > paths.length ? [`[… ${entries - paths.length} more …]`] : [];
      const head = `${realPath} would be removed with ${entries} entries, ${bytes} bytes in files.`;
      return succeeded([head, ...shown, ...more].join('\n'), { path: realPath, would_remove: entries + 1, bytes });
    }
    removed = await emptyDirectory(root, files);
  }
  await rmdir(place.path);
  return succeeded(`Removed ${realPath} with ${removed} entries.`, { path: realPath, removed: removed + 1 });
};

/** Of a file that is deleted or moved. */
export const checkExpectedFile = async (
  { files }: FileWork,
  { expected }: { expected?: string | undefined },
  place: Place,
): Promise<void> => {
  if (expected === undefined) return;
  await using file = await openRegularFile(place);
  const sha256 = isSha256(expected) ? (await hashFile(file.handle, () => files.check())).sha256 : undefined;
  checkExpected({ expected, place, now: { stats: file.stats, sha256 } });
};

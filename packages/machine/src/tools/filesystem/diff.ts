/** The action `diff`: a file against another, or against a text. */
import { maxFileWriteBytes, NavisError } from '@navisai/protocol';
import type { ToolResult } from '@navisai/protocol';
import { succeeded } from '../terminal/call-result.ts';
import { fileDiff } from './file-diff.ts';
import { fileError, refused } from './file-errors.ts';
import { openRegularFile, readRange } from './regular-file.ts';
import type { CallOf, FileWork } from './work.types.ts';

type DiffCall = CallOf<'diff'>;

export const diffFiles = async (work: FileWork, call: DiffCall): Promise<ToolResult> => {
  const { path, to, content } = call;
  if ((to === undefined) === (content === undefined))
    throw new NavisError('INVALID_ARGUMENT', "to: 'diff' needs either to or content. Nothing was started.", {
      field: 'to',
    });
  const before = await contentOf(work, path, 'path');
  const after =
    to === undefined
      ? { bytes: Buffer.from(content ?? ''), name: `${before.name} (content)` }
      : await contentOf(work, to, 'to');
  const { text, truncated } = fileDiff({
    before: before.bytes,
    after: after.bytes,
    beforeName: before.name,
    afterName: after.name,
  });
  return succeeded(text === '' ? 'There is no difference.' : text, { is_equal: text === '', truncated });
};

const contentOf = async (
  { files }: FileWork,
  given: string,
  field: string,
): Promise<{ bytes: Buffer; name: string }> => {
  await using place = await files.place({ given, access: 'read', field });
  try {
    await using file = await openRegularFile(place);
    const bytes = await readRange(file.handle, 0, maxFileWriteBytes + 1);
    if (bytes.length > maxFileWriteBytes)
      throw refused(place.realPath, `it has more than ${maxFileWriteBytes} bytes`, { field });
    return { bytes, name: place.realPath };
  } catch (error) {
    throw fileError(error, given, field);
  }
};

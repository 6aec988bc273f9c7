/** The action `edit`: exact replacements in the bytes of a file, all or none, with the diff as the answer. */
import { maxFileEditBytes } from '@navisai/protocol';
import type { ToolResult } from '@navisai/protocol';
import { succeeded } from '../terminal/call-result.ts';
import { checkExpected } from './expected.ts';
import { fileDiff } from './file-diff.ts';
import { conflict, fileError, refused } from './file-errors.ts';
import { openRegularFile, readRange, sha256Of } from './regular-file.ts';
import { replaceFile, writeFully } from './replace-file.ts';
import { lineEndingOf } from './text.ts';
import type { CallOf, FileWork } from './work.types.ts';

type EditCall = CallOf<'edit'>;
type Edit = EditCall['edits'][number];

export const editFile = async ({ files, invocation }: FileWork, call: EditCall): Promise<ToolResult> => {
  await using place = await files.place({ given: call.path, access: 'write' });
  const { realPath } = place;
  try {
    await using file = await openRegularFile(place);
    const before = await readRange(file.handle, 0, maxFileEditBytes + 1);
    if (before.length > maxFileEditBytes) throw refused(realPath, `it has more than ${maxFileEditBytes} bytes`);
    if (isUtf16(before)) throw refused(realPath, 'it is text in UTF-16, which edit does not take');
    checkExpected({ expected: call.expected, place, now: { stats: file.stats, sha256: sha256Of(before) } });
    const ending = lineEndingOf(before);
    let after = before;
    for (const [index, edit] of call.edits.entries())
      after = replaced(after, edit, { realPath, field: `edits.${index}.find`, isCrlf: ending === 'crlf' });
    files.check();
    const facts = { path: realPath, sha256: sha256Of(after), line_ending: lineEndingOf(after) };
    if (after.equals(before)) return succeeded(`${realPath} is as it was.`, facts);
    const result = await replaceFile(place, {
      write: (handle) => writeFully(handle, after),
      replaced: file.stats,
      noteTemporary: invocation.noteTemporary,
    });
    invocation.warnings.push(...result.warnings);
    const { text, truncated } = fileDiff({ before, after, beforeName: realPath, afterName: realPath });
    return succeeded(text, { ...facts, size_bytes: result.sizeBytes, version: result.version, truncated });
  } catch (error) {
    throw fileError(error, call.path);
  }
};

const isUtf16 = (bytes: Buffer): boolean =>
  bytes.length >= 2 && ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff));

interface EditFacts {
  realPath: string;
  field: string;
  isCrlf: boolean;
}

/** Works on bytes, so that what is not text, a byte order mark and line ends stay as they are. */
const replaced = (bytes: Buffer, edit: Edit, { realPath, field, isCrlf }: EditFacts): Buffer => {
  const { count = 1 } = edit;
  let found = occurrences(bytes, Buffer.from(edit.find));
  let pair = { find: edit.find, replace: edit.replace };
  if (isCrlf) {
    // Callers see and write lines that end by \n.
    pair = { find: toCrlf(edit.find), replace: toCrlf(edit.replace) };
    found = occurrences(bytes, Buffer.from(pair.find));
  }
  if (found.length === 0) throw conflict(realPath, 'the text to replace does not occur in it', field);
  if (found.length !== count)
    throw conflict(
      realPath,
      `the text to replace occurs ${found.length} times, not ${count}; give more text around it, or count`,
      field,
    );
  const [findLength, replace] = [Buffer.byteLength(pair.find), Buffer.from(pair.replace)];
  const pieces: Buffer[] = [];
  let from = 0;
  for (const at of found) {
    pieces.push(bytes.subarray(from, at), replace);
    from = at + findLength;
  }
  const after = Buffer.concat([...pieces, bytes.subarray(from)]);
  if (after.length > maxFileEditBytes) throw refused(realPath, `it would have more than ${maxFileEditBytes} bytes`);
  return after;
};

const toCrlf = (text: string): string => text.replace(/\r?\n/g, '\r\n');

const occurrences = (bytes: Buffer, find: Buffer): number[] => {
  const found: number[] = [];
  for (let at = bytes.indexOf(find); at !== -1; at = bytes.indexOf(find, at + find.length)) found.push(at);
  return found;
};

/** The action `write`: a file as a whole, made or replaced. */
import type { BigIntStats } from 'node:fs';
import { maxFileWriteBytes, NavisError } from '@navisai/protocol';
import type { ToolResult } from '@navisai/protocol';
import { succeeded } from '../terminal/call-result.ts';
import { checkExpected } from './expected.ts';
import { fileDiff } from './file-diff.ts';
import { fileError, refused } from './file-errors.ts';
import type { Place } from './file-access.ts';
import { kindOf, openRegularFile, readRange, sha256Of } from './regular-file.ts';
import { replaceFile, statsOf, writeFully } from './replace-file.ts';
import type { CallOf, FileWork } from './work.types.ts';

type WriteCall = CallOf<'write'>;

export const writeFile = async ({ files, invocation }: FileWork, call: WriteCall): Promise<ToolResult> => {
  const bytes = contentOf(call);
  const request = {
    given: call.path,
    access: 'write',
    mayBeMissing: true,
    createParents: call.create_parents,
  } as const;
  await using place = await files.place(request);
  try {
    const before = await contentBefore(place, call.expected);
    files.check();
    const { version, sizeBytes, warnings } = await replaceFile(place, {
      write: (handle) => writeFully(handle, bytes),
      noteTemporary: invocation.noteTemporary,
      mode: call.mode === undefined ? undefined : Number.parseInt(call.mode, 8),
      // Without an expectation whatever is there is replaced.
      replaced: call.expected === undefined ? undefined : before.stats,
    });
    invocation.warnings.push(...warnings);
    const { realPath } = place;
    const facts = {
      path: realPath,
      size_bytes: sizeBytes,
      version,
      sha256: sha256Of(bytes),
      created: before.stats === null,
    };
    if (before.stats === null) return succeeded(`Made ${realPath}, ${sizeBytes} bytes.`, facts);
    if (before.bytes === null) return succeeded(`Replaced ${realPath}, ${sizeBytes} bytes.`, facts);
    const diff = fileDiff({ before: before.bytes, after: bytes, beforeName: realPath, afterName: realPath });
    return succeeded(diff.text === '' ? `${realPath} is as it was.` : diff.text, {
      ...facts,
      truncated: diff.truncated,
    });
  } catch (error) {
    throw fileError(error, call.path);
  }
};

const base64Pattern = /^[A-Za-z0-9+/]*={0,2}$/;

const contentOf = ({ content, encoding }: WriteCall): Buffer => {
  const invalid = (why: string): NavisError =>
    new NavisError('INVALID_ARGUMENT', `content: ${why}. Nothing was started.`, { field: 'content' });
  const text = encoding === 'base64' ? content.replace(/\s/g, '') : content;
  if (encoding === 'base64' && (!base64Pattern.test(text) || text.length % 4 !== 0)) throw invalid('is not base64');
  if (encoding !== 'base64' && !text.isWellFormed()) throw invalid('is not well-formed Unicode');
  const bytes = Buffer.from(text, encoding === 'base64' ? 'base64' : 'utf8');
  if (bytes.length > maxFileWriteBytes) throw invalid(`must be at most ${maxFileWriteBytes} bytes`);
  return bytes;
};

/** `bytes` is null for a file that is too large to compare. */
const contentBefore = async (
  place: Place,
  expected: string | undefined,
): Promise<{ stats: BigIntStats | null; bytes: Buffer | null }> => {
  const facts = await statsOf(place);
  if (facts === null) {
    checkExpected({ expected, place, now: null });
    return { stats: null, bytes: null };
  }
  if (!facts.isFile()) throw refused(place.realPath, `it is ${kindOf(facts)}`);
  await using file = await openRegularFile(place).catch((error: unknown) => {
    // Who may write but not read is shown no diff.
    if (expected === undefined) return null;
    throw error;
  });
  if (file === null || (file.stats.size > maxFileWriteBytes && expected === undefined))
    return { stats: facts, bytes: null };
  const bytes = await readRange(file.handle, 0, Number(file.stats.size));
  checkExpected({ expected, place, now: { stats: file.stats, sha256: sha256Of(bytes) } });
  return { stats: file.stats, bytes: bytes.length > maxFileWriteBytes ? null : bytes };
};

/** Lines that a change takes away and adds, with some around them. */
import type { StructuredPatchHunk } from 'diff';
import { parseHunks } from './parse-hunks.ts';
import type { DiffLine } from './parse-hunks.ts';

export interface FileChange {
  path: string;
  /** Pairs of what stood there and what stands there now. */
  parts: readonly { before: string; after: string }[];
  /** The whole file is given: what stood there before is not known. */
  isWhole: boolean;
}

/** What `filesystem` was asked to change; `undefined` for what changes no text. */
export const changeOf = (given: Record<string, unknown>): FileChange | undefined => {
  const path = typeof given['path'] === 'string' ? given['path'] : '';
  const { action, content, edits } = given;
  if (action === 'write' && typeof content === 'string' && given['encoding'] !== 'base64')
    return { path, parts: [{ before: '', after: content }], isWhole: true };
  if (action !== 'edit' || !Array.isArray(edits)) return undefined;
  const parts = edits.flatMap((edit: unknown) => {
    if (typeof edit !== 'object' || edit === null) return [];
    const { find, replace } = edit as { find?: unknown; replace?: unknown };
    return typeof find === 'string' ? [{ before: find, after: typeof replace === 'string' ? replace : '' }] : [];
  });
  return parts.length === 0 ? undefined : { path, parts, isWhole: false };
};

/** Loads the comparison, and makes the lines of every part. */
export const diffLines = async ({ parts }: FileChange): Promise<DiffLine[]> => {
  const { structuredPatch } = await import('diff');
  return parts.flatMap(({ before, after }, index) => {
    const { hunks } = structuredPatch('', '', ended(before), ended(after), '', '', { context: 3 });
    const lines = hunks.flatMap((hunk, at) => [...(at > 0 ? [gap] : []), ...linesOf(hunk)]);
    return index > 0 ? [gap, ...lines] : lines;
  });
};

const gap: DiffLine = { kind: 'gap', text: '' };
const ended = (text: string): string => (text === '' || text.endsWith('\n') ? text : `${text}\n`);

const linesOf = ({ oldStart, newStart, lines }: StructuredPatchHunk): DiffLine[] =>
  parseHunks([`@@ -${oldStart} +${newStart} @@`, ...lines]).slice(1);

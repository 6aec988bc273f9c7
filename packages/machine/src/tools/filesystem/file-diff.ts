/** What changed in a file, as a unified diff of bounded size. */
import { FILE_HEADERS_ONLY, createTwoFilesPatch } from 'diff';
import { maxDiffBytes } from '@navisai/protocol';
import { decodeRange } from '../../plain-text/decode-range.ts';
import { isText } from './text.ts';

export interface DiffSides {
  before: Buffer;
  after: Buffer;
  beforeName: string;
  afterName: string;
}

export interface FileDiff {
  /** Empty when nothing differs. */
  text: string;
  truncated: boolean;
}

const contextLines = 3;
/** Comparing takes no longer and no more changes than this; then only the fact is told. */
const patienceMs = 300;
const maxChanges = 4000;

export const fileDiff = ({ before, after, beforeName, afterName }: DiffSides): FileDiff => {
  if (before.equals(after)) return { text: '', truncated: false };
  if (!isText(before) || !isText(after)) {
    const text = `Files that are not text differ (${before.length} and ${after.length} bytes).\n`;
    return { text, truncated: false };
  }
  const options = {
    context: contextLines,
    timeout: patienceMs,
    maxEditLength: maxChanges,
    headerOptions: FILE_HEADERS_ONLY,
  };
  const patch = createTwoFilesPatch(beforeName, afterName, before.toString(), after.toString(), '', '', options);
  if (patch === undefined) {
    const text = `The files differ in too many lines to show (${before.length} and ${after.length} bytes).\n`;
    return { text, truncated: true };
  }
  const bytes = Buffer.from(patch);
  if (bytes.length <= maxDiffBytes) return { text: patch, truncated: false };
  const shown = decodeRange(bytes.subarray(0, maxDiffBytes), { start: false, end: true });
  return { text: `${shown}\n[… the diff goes on for ${bytes.length - maxDiffBytes} bytes …]\n`, truncated: true };
};

/** Searches terminal output for a pattern while it arrives: in linear time, across chunk borders, as a person reads it (T30). */
import { NavisError } from '@navisai/protocol';
import { RE2JS } from 're2js';
import { createReadableText } from './plain-text/readable-text.ts';

/** Throws INVALID_ARGUMENT for a pattern that is not RE2 syntax or would grow too large. */
export const compilePattern = (
  pattern: string,
  { field = 'wait_for.pattern', ignoreCase = false }: { field?: string; ignoreCase?: boolean } = {},
): RE2JS => {
  try {
    return RE2JS.compile(pattern, RE2JS.MULTILINE | (ignoreCase ? RE2JS.CASE_INSENSITIVE : 0));
  } catch (error) {
    const problem = error instanceof Error ? error.message.replace(/^error parsing regexp: /, '') : 'not RE2 syntax';
    throw new NavisError(
      'INVALID_ARGUMENT',
      `${field}: is not a valid RE2 expression (${problem}). Nothing was started.`,
      { field, cause: error },
    );
  }
};

export interface PatternSearch {
  push(bytes: Uint8Array): void;
  /** True when the text so far holds a match. Text before the last search is kept for `overlapLength` characters. */
  found(): boolean;
  /** Characters that were pushed since the last `found`. */
  unsearched(): number;
}

/** A match that is longer than this and comes in several chunks may be missed. */
const overlapLength = 32 * 1024;

export const createPatternSearch = (expression: RE2JS): PatternSearch => {
  const decoder = new TextDecoder();
  const readable = createReadableText({ keepOverwritten: true });
  let finished = '';
  let unsearched = 0;
  return {
    push(bytes) {
      readable.push(decoder.decode(bytes, { stream: true }));
      unsearched += bytes.length;
    },
    unsearched: () => unsearched,
    found() {
      finished += readable.take();
      const isFound = expression.test(finished + readable.pending());
      unsearched = 0;
      finished = endFromLineStart(finished);
      return isFound;
    },
  };
};

/** The end of `text`, beginning at a line so that `^` does not match where the text was cut. */
const endFromLineStart = (text: string): string => {
  if (text.length <= overlapLength) return text;
  const end = text.slice(-overlapLength);
  return end.slice(end.indexOf('\n') + 1);
};

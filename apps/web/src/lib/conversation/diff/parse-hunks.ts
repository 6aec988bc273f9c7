/** Reads the hunks of a unified diff, and finds such diffs in what a tool answered. */

export type DiffLine =
  | { kind: 'same' | 'added' | 'removed'; before: number | null; after: number | null; text: string }
  /** Lines are left out here; the text says where one is, when the diff knows. */
  | { kind: 'gap'; text: string };

/** What is no line of a hunk is left out. */
export const parseHunks = (rows: readonly string[]): DiffLine[] => {
  let [before, after] = [0, 0];
  return rows.flatMap((row): DiffLine[] => {
    const start = /^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@(.*)$/.exec(row);
    if (start !== null) {
      [before, after] = [Number(start[1]), Number(start[2])];
      return [{ kind: 'gap', text: (start[3] ?? '').trim() }];
    }
    const text = row.slice(1);
    if (row.startsWith('+')) return [{ kind: 'added', before: null, after: after++, text }];
    if (row.startsWith('-')) return [{ kind: 'removed', before: before++, after: null, text }];
    if (row.startsWith(' ') || row === '') return [{ kind: 'same', before: before++, after: after++, text }];
    return [];
  });
};

export type AnswerPart = { kind: 'text'; text: string } | { kind: 'diff'; path: string; lines: DiffLine[] };

/** An answer in its order: the files that it tells changes of, and what stands around them. */
export const splitAnswer = (answer: string): AnswerPart[] => {
  const rows = answer.split('\n');
  const parts: AnswerPart[] = [];
  let words: string[] = [];
  const tell = () => {
    const text = words.join('\n').trim();
    if (text !== '') parts.push({ kind: 'text', text });
    words = [];
  };
  for (let at = 0; at < rows.length;) {
    const end = endOfDiff(rows, at);
    if (end === at) words.push(rows[at] ?? '');
    else {
      tell();
      const path = (rows[at + 1] ?? '').slice(4).replace(/\t.*$/, '');
      parts.push({ kind: 'diff', path, lines: parseHunks(rows.slice(at + 2, end)) });
    }
    at = Math.max(end, at + 1);
  }
  tell();
  return parts;
};

/** After its last hunk, as its heads count the lines; `at` where none begins. */
const endOfDiff = (rows: readonly string[], at: number): number => {
  if (rows[at]?.startsWith('--- ') !== true || rows[at + 1]?.startsWith('+++ ') !== true) return at;
  let end = at + 2;
  for (;;) {
    const counts = /^@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@/.exec(rows[end] ?? '');
    if (counts === null) return end > at + 2 ? end : at;
    let [before, after] = [Number(counts[1] ?? 1), Number(counts[2] ?? 1)];
    for (end += 1; end < rows.length && (before > 0 || after > 0 || rows[end]?.startsWith('\\') === true); end += 1) {
      const first = rows[end]?.charAt(0) ?? '';
      if (first === '+') after -= 1;
      else if (first === '-') before -= 1;
      else if (first !== '\\') [before, after] = [before - 1, after - 1];
    }
  }
};

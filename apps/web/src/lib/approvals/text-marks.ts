/** Cuts a text so that the parts that matter can be shown as such. */

export interface MarkedPart {
  text: string;
  isMarked: boolean;
}

/** Every place where one of the parts stands; the whole text comes out unchanged. */
export const markParts = (text: string, parts: readonly string[]): MarkedPart[] => {
  const isMarked = new Uint8Array(text.length);
  for (const part of parts) {
    if (part.trim() === '') continue;
    for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + part.length)) {
      isMarked.fill(1, at, at + part.length);
    }
  }
  return cut(text, isMarked);
};

/** Words that are not in the other text, in their order. */
export const markDifferences = (text: string, before: string): MarkedPart[] => {
  const words = wordsOf(text);
  const kept = longestCommon(words, wordsOf(before));
  const parts: MarkedPart[] = [];
  for (const [index, word] of words.entries()) {
    const isNew = !kept.has(index) && word.trim() !== '';
    const last = parts.at(-1);
    if (last !== undefined && last.isMarked === isNew) last.text += word;
    else parts.push({ text: word, isMarked: isNew });
  }
  return parts;
};

/** More words than this are not compared one by one. */
const maxWords = 2_000;

const wordsOf = (text: string): string[] => text.split(/(\s+|[;&|()<>"'=/,]+)/).filter((word) => word !== '');

/** Indexes of the words of `a` that are in `b` too, in the same order. */
const longestCommon = (a: readonly string[], b: readonly string[]): Set<number> => {
  if (a.length > maxWords || b.length > maxWords) return new Set();
  const width = b.length + 1;
  const lengths = new Uint16Array((a.length + 1) * width);
  const at = (row: number, column: number): number => lengths[row * width + column] ?? 0;
  for (let row = a.length - 1; row >= 0; row -= 1)
    for (let column = b.length - 1; column >= 0; column -= 1)
      lengths[row * width + column] =
        a[row] === b[column] ? at(row + 1, column + 1) + 1 : Math.max(at(row + 1, column), at(row, column + 1));
  const kept = new Set<number>();
  for (let row = 0, column = 0; row < a.length && column < b.length;) {
    if (a[row] === b[column]) {
      kept.add(row);
      row += 1;
      column += 1;
    } else if (at(row + 1, column) >= at(row, column + 1)) row += 1;
    else column += 1;
  }
  return kept;
};

const cut = (text: string, isMarked: Uint8Array): MarkedPart[] => {
  const parts: MarkedPart[] = [];
  for (let from = 0; from < text.length;) {
    let to = from + 1;
    while (to < text.length && isMarked[to] === isMarked[from]) to += 1;
    parts.push({ text: text.slice(from, to), isMarked: isMarked[from] === 1 });
    from = to;
  }
  return parts;
};

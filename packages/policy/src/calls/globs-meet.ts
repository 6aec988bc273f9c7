/** Whether some text could match two globs at once; `*` is any text, `?` any character. */

/** Longer ones are taken to meet. */
const maxLength = 300;

export const globsMeet = (one: string, other: string): boolean => {
  if (one.length > maxLength || other.length > maxLength) return true;
  // Most are plain names, and most of them differ.
  if (!isWild(one) && !isWild(other)) return one === other;
  let row = startRow(other);
  for (const letter of one) row = nextRow(row, letter, other);
  return row.at(-1) === true;
};

const isWild = (text: string): boolean => text.includes('*') || text.includes('?');

/** What `other` can match of nothing: only leading stars. */
const startRow = (other: string): boolean[] => {
  const row = [true];
  for (let at = 0; at < other.length; at += 1) row.push(row[at] === true && other[at] === '*');
  return row;
};

const nextRow = (before: readonly boolean[], letter: string, other: string): boolean[] => {
  const row = [letter === '*' && before[0] === true];
  for (let at = 0; at < other.length; at += 1) {
    const mark = other[at] ?? '';
    const isStar = letter === '*' || mark === '*';
    const meets = isStar
      ? row[at] === true || before[at + 1] === true || before[at] === true
      : (letter === mark || letter === '?' || mark === '?') && before[at] === true;
    row.push(meets);
  }
  return row;
};

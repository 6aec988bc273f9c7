/** Finds what a person means by a few letters: every word must occur, better places come first. */

export interface PaletteEntry {
  id: string;
  /** What is shown first and counts most. */
  label: string;
  detail: string;
  /** Further words that find it. */
  keywords: string;
}

/** Entries that match, best first; all in their order for an empty query. */
export const searchPalette = <E extends PaletteEntry>(entries: readonly E[], query: string): E[] => {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return [...entries];
  return entries
    .map((entry, index) => ({ entry, index, score: scoreOf(entry, words) }))
    .filter(({ score }) => score > 0)
    .toSorted((a, b) => b.score - a.score || a.index - b.index)
    .map(({ entry }) => entry);
};

/** 0 when a word is nowhere. */
const scoreOf = (entry: PaletteEntry, words: string[]): number => {
  const label = entry.label.toLowerCase();
  const rest = `${entry.detail} ${entry.keywords}`.toLowerCase();
  const scores = words.map((word) => {
    if (label === word) return 16;
    if (label.startsWith(word)) return 8;
    if (label.includes(word)) return 4;
    if (rest.includes(word)) return 2;
    return isSubsequence(word, label) ? 1 : 0;
  });
  return scores.includes(0) ? 0 : scores.reduce<number>((sum, score) => sum + score, 0);
};

const isSubsequence = (word: string, text: string): boolean => {
  let at = 0;
  for (const letter of text) if (letter === word[at]) at += 1;
  return at === word.length;
};

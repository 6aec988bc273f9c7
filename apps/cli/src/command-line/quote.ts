/** Makes shell text of the words of a command line, as ssh and tmux users expect. */

const needsNoQuotes = /^[A-Za-z0-9_@%+:,./-]+$/;

/** The word so that a POSIX shell reads it back unchanged. */
export const quoteWord = (word: string): string =>
  needsNoQuotes.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;

/** One word is shell text and runs as it is; several are a program with its arguments, each kept as one word. */
export const shellText = (words: readonly string[]): string => {
  const [first = '', ...others] = words;
  if (others.length === 0) return first;
  const program = words.findIndex((word) => !assignment.test(word));
  return words.map((word, index) => (index < program ? quoteAssignment(word) : quoteWord(word))).join(' ');
};

/** `NAME=value` before the program sets a variable for it, as it does when typed. */
const assignment = /^[A-Za-z_][A-Za-z0-9_]*=/;
const quoteAssignment = (word: string): string => {
  const end = word.indexOf('=') + 1;
  return word.slice(0, end) + (word.length === end ? '' : quoteWord(word.slice(end)));
};

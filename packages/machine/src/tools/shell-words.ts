/** Words as a POSIX shell reads them back; for judging and showing what is started without a shell. */

const plainWord = /^[A-Za-z0-9_@%+=:,./-]+$/;

export const shellWord = (word: string): string =>
  plainWord.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;

export const shellLine = (words: readonly string[]): string => words.map(shellWord).join(' ');

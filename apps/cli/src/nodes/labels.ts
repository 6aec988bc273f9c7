/** Labels of nodes on a command line: `role=web` sets one, `role-` removes it. */
import { labelsSchema, type Labels } from '@navisai/protocol';
import { usageError } from '../output/command-error.ts';
import { printable } from '../output/printable.ts';

const keyPattern = /^[A-Za-z0-9._/-]{1,64}$/;

/** As they are typed and shown: `env=prod`. */
export const labelWords = (labels: Labels): string[] =>
  Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .toSorted();

/** `role=web` words as labels; throws a usage error naming the word. */
export const parseLabels = (words: readonly string[], shown: string): Labels => {
  const labels = Object.fromEntries(words.map((word) => parseLabel(word, shown)));
  const judged = labelsSchema.safeParse(labels);
  if (judged.success) return judged.data;
  throw usageError(`${shown}: ${judged.error.issues[0]?.message ?? 'not labels'}.`);
};

/** `role=web` and `role-` words as changes, where null removes; of one key the last word counts. */
export const parseLabelChanges = (words: readonly string[], shown: string): Record<string, string | null> =>
  Object.fromEntries(
    words.map((word) => {
      const isRemoval = !word.includes('=') && word.endsWith('-');
      return isRemoval ? [checkKey(word.slice(0, -1), word, shown), null] : parseLabel(word, shown);
    }),
  );

const parseLabel = (word: string, shown: string): [key: string, value: string] => {
  const equals = word.indexOf('=');
  if (equals === -1) throw labelError(word, shown, 'has no value');
  const value = word.slice(equals + 1);
  if (value.length > 64) throw labelError(word, shown, 'has a value of more than 64 characters');
  if (/\p{Cc}/u.test(value)) throw labelError(word, shown, 'has a control character in its value');
  return [checkKey(word.slice(0, equals), word, shown), value];
};

const checkKey = (key: string, word: string, shown: string): string => {
  if (keyPattern.test(key) && key !== '__proto__') return key;
  throw labelError(word, shown, 'has a key that is not 1 to 64 characters of A-Z a-z 0-9 . _ / -');
};

const labelError = (word: string, shown: string, problem: string) =>
  usageError(
    `${shown}: "${printable(word, 60)}" ${problem}.`,
    'Write role=web to set a label, or role- to remove it (nodes label).',
  );

/** Judges one value given on the command line. */
import { usageError } from '../output/command-error.ts';
import { printable } from '../output/printable.ts';
import type { Flag, TextFormat, TextsFlag } from './command.types.ts';
import { nearest } from './suggest.ts';

export type Value = string | number | boolean | readonly string[] | undefined;

/** Bounds every text value; the hub judges the rest. Larger texts go through a file or stdin. */
const defaultMaxLength = 4 * 1024 * 1024;

/** The value of a flag that is no switch; throws a usage error naming the flag. */
export const parseFlagValue = (flag: Flag, shown: string, given: string, before?: Value): Value => {
  switch (flag.type) {
    case 'boolean':
      return given !== 'false';
    case 'number':
      return wholeNumber(shown, given, flag);
    case 'choice':
      return oneOf(shown, given, flag.choices);
    case 'text':
      return checkText(shown, given, flag);
    case 'texts':
      return addText(shown, given, { before: Array.isArray(before) ? before : [], flag });
  }
};

const addText = (
  shown: string,
  given: string,
  { before, flag }: { before: readonly string[]; flag: TextsFlag },
): readonly string[] => {
  if (before.length >= flag.maxCount) throw usageError(`${shown} may be given at most ${flag.maxCount} times.`);
  return [...before, checkText(shown, given, flag)];
};

/** A whole number in a range, written in digits only. */
export const wholeNumber = (shown: string, given: string, range: { min: number; max: number }): number => {
  const value = /^\d{1,15}$/.test(given) ? Number(given) : Number.NaN;
  if (value >= range.min && value <= range.max) return value;
  throw usageError(`${shown} must be a whole number from ${range.min} to ${range.max}, not ${quoted(given)}.`);
};

/** One of the choices; a mistyped one gets a suggestion. */
export const oneOf = (shown: string, given: string, choices: readonly string[]): string => {
  if (choices.includes(given)) return given;
  const meant = nearest(given, choices);
  throw usageError(
    `${shown} must be one of ${choices.join(', ')}, not ${quoted(given)}.`,
    meant === undefined ? undefined : `Did you mean ${meant}?`,
  );
};

/** Text as it is, if it is not empty, not too long, without NUL and of the form that is asked for. */
export const checkText = (
  shown: string,
  given: string,
  limits: { maxLength?: number; format?: TextFormat },
): string => {
  const maxLength = limits.maxLength ?? defaultMaxLength;
  if (given.length > maxLength)
    throw usageError(`${shown} is too long: ${given.length} characters, at most ${maxLength} are taken.`);
  if (given.includes('\0')) throw usageError(`${shown} must not contain a NUL character.`);
  if (given === '') throw usageError(`${shown} must not be empty.`);
  const { format } = limits;
  if (format !== undefined && !format.pattern.test(given))
    throw usageError(`${shown} must be ${format.meaning}.`, format.remedy);
  return given;
};

const quoted = (text: string): string => `"${printable(text, 60)}"`;

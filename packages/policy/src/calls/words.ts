/** The words of a simple command as they are judged. */
import type { Argument } from '../argument.ts';
import type { SimpleCommand } from '../analyse-command.ts';
import type { Place } from './places.ts';
import type { RiskFinding } from './risk.ts';

export interface JudgedWords {
  /** The program without its directory. */
  name: string;
  args: readonly Argument[];
  /** As far as they are known, with wildcards; null: only known when it runs. */
  texts: readonly (string | null)[];
  place: Place;
  standardInput: SimpleCommand['standardInput'];
}

export type Judge = (words: JudgedWords) => RiskFinding[];

export const textOf = (argument: Argument): string | null =>
  argument.kind === 'known' ? argument.text : (argument.pattern ?? null);

export const finding = (risk: RiskFinding['risk'], text: string, reason: string): RiskFinding => ({
  risk,
  text,
  reason,
});

/** Words that are no options; what follows `--` is none. */
export const operandsOf = ({ texts }: Pick<JudgedWords, 'texts'>): (string | null)[] => {
  const end = texts.indexOf('--');
  const before = end < 0 ? texts : texts.slice(0, end);
  return [...before.filter((text) => text === null || !/^-./.test(text)), ...(end < 0 ? [] : texts.slice(end + 1))];
};

export const optionsOf = ({ texts }: Pick<JudgedWords, 'texts'>): string[] => {
  const end = texts.indexOf('--');
  return (end < 0 ? texts : texts.slice(0, end)).filter((text) => text !== null && /^-./.test(text)) as string[];
};

/** Paths that a word may name: itself, the value of `--option=path`, of `-Cpath`, of `name:path`. */
export const pathsIn = (text: string): string[] => {
  if (text === '' || text === '-') return [];
  const paths = text.startsWith('-') ? [] : [text];
  const value = /^[^=]*=(.+)$/s.exec(text)?.[1];
  if (value !== undefined) paths.push(value);
  const attached = /^-[^/~.]*([/~.].*)$/s.exec(text)?.[1];
  if (attached !== undefined) paths.push(attached);
  const colon = /^[^/]*:(.+)$/s.exec(text)?.[1];
  if (colon !== undefined && !colon.startsWith('//')) paths.push(colon);
  if (/^@./.test(text)) paths.push(text.slice(1));
  return paths;
};

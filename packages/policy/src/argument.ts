/** What is known of a word before the shell runs: its text, or that it is only known then. */
import type { Assignment, CommandArgument, Word, WordPart } from 'unbash';

export type Argument =
  | { kind: 'known'; text: string }
  /** Becomes any number of words, whose first begins with `prefix`. */
  | {
      kind: 'dynamic';
      prefix: string;
      source: string;
      /** Where only wildcards and `$HOME` are not known: with `*`, `?` for those, `~` for the home directory. */
      pattern?: string;
      /** A word after the first may begin with anything. */
      fallsApart?: boolean;
    };

export const known = (text: string): Argument => ({ kind: 'known', text });

/** A word that somebody else fills in, such as `{}` of `find -exec`. */
export const filledIn = (source: string): Argument => ({ kind: 'dynamic', prefix: '', source });

export const argumentOf = (node: CommandArgument): Argument =>
  node.type === 'Word' ? wordArgument(node) : assignmentArgument(node);

export const wordArgument = (word: Word): Argument => {
  if (word.parts === undefined) return known(word.value);
  let text = '';
  for (const part of word.parts) {
    const partText = literalText(part);
    if (partText === null) {
      const pattern = patternOf(word.parts);
      const rest = pattern === null ? { fallsApart: word.parts.some(splits) } : { pattern };
      return { kind: 'dynamic', prefix: text, source: word.text, ...rest };
    }
    text += partText;
  }
  return known(text);
};

/** What stands unquoted is split where it holds blanks; lists are split in quotes too. */
const splits = (part: WordPart): boolean => {
  switch (part.type) {
    case 'SimpleExpansion':
      return !/^\$[#?$!]$/.test(part.text);
    case 'ParameterExpansion':
    case 'CommandExpansion':
      return true;
    case 'DoubleQuoted':
    case 'LocaleString':
      return part.parts.some(({ type, text }) => /^(Simple|Parameter)Expansion$/.test(type) && text.includes('@'));
    case 'BraceExpansion':
    case 'ExtendedGlob':
    case 'Glob':
      return holdsExpansion(part);
    default:
      return false;
  }
};

const holdsExpansion = ({ text }: WordPart): boolean => /[$`]/.test(text);

/** Null where it may become just any text. */
const patternOf = (parts: readonly WordPart[]): string | null => {
  let pattern = '';
  for (const [index, part] of parts.entries()) {
    const text =
      part.type === 'Glob' && !holdsExpansion(part)
        ? part.kind === 'star'
          ? '*'
          : '?'
        : (literalText(part) ?? pipeOf(part) ?? homeOf(part, index));
    if (text === null) return null;
    pattern += text;
  }
  return pattern;
};

/** The shell gives the name of a pipe. */
const pipeOf = (part: WordPart): string | null =>
  part.type === 'ProcessSubstitution' && part.operator === '<' ? '/dev/fd/63' : null;

const homeOf = (part: WordPart, index: number): string | null => {
  const texts = part.type === 'DoubleQuoted' ? part.parts.map((inner) => inner.text) : [part.text];
  const [first = '', ...rest] = texts;
  const isPlain = index === 0 && /^\$(HOME|\{HOME\})$/.test(first);
  return isPlain && rest.every((text) => !/[$`\\]/.test(text)) ? `~${rest.join('')}` : null;
};

const assignmentArgument = ({ name, append, index, value, text }: Assignment): Argument => {
  const prefix = `${name}${append === true ? '+' : ''}=`;
  if (index !== undefined) return { kind: 'dynamic', prefix: name, source: text };
  if (value.type === 'ArrayValue') return { kind: 'dynamic', prefix, source: text };
  const argument = wordArgument(value);
  return argument.kind === 'known'
    ? known(prefix + argument.text)
    : { kind: 'dynamic', prefix: prefix + argument.prefix, source: text };
};

const literalText = (part: WordPart): string | null => {
  switch (part.type) {
    case 'Literal':
    case 'SingleQuoted':
    case 'AnsiCQuoted':
      return part.value;
    case 'DoubleQuoted':
      return part.parts.every((inner) => inner.type === 'Literal')
        ? part.parts.map((inner) => (inner.type === 'Literal' ? inner.value : '')).join('')
        : null;
    default:
      return null;
  }
};

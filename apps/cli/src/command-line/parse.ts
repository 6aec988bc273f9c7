/** Turns the words after a command's name into its flags, arguments and rest, or says which word is wrong (exit code 2). */
import { usageError } from '../output/command-error.ts';
import { printable } from '../output/printable.ts';
import type { AnyCommand, Flag, Flags, Positional } from './command.types.ts';
import { nearest } from './suggest.ts';
import { checkText, oneOf, parseFlagValue, type Value } from './values.ts';

export interface Parsed {
  flags: Record<string, Value>;
  positionals: Record<string, string>;
  rest: string[];
  isHelp: boolean;
}

/** Flags of every command. */
export const globalFlags = {
  json: { type: 'boolean', summary: 'Print one JSON value for scripts.' },
  hub: {
    type: 'text',
    placeholder: '<name>',
    completes: 'hubs',
    maxLength: 64,
    summary: 'Hub to use, as named by navisai login --list; "local" is the one of this machine.',
  },
  help: { type: 'boolean', short: 'h', summary: 'Show this help.' },
} as const satisfies Flags;

/** Throws a usage error (exit code 2) for whatever the definition does not allow. */
export const parseWords = (command: AnyCommand, words: readonly string[], name: string): Parsed => {
  const flags: Flags = { ...command.flags, ...globalFlags };
  const parsed: Parsed = { flags: defaults(flags), positionals: {}, rest: [], isHelp: false };
  const values: string[] = [];
  const declared = command.positionals ?? [];
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? '';
    if (word === '--') {
      (command.rest === undefined ? values : parsed.rest).push(...words.slice(index + 1));
      break;
    }
    if (isFlag(word)) {
      index += takeFlag({ flags, parsed, name }, word, words[index + 1]);
    } else if (values.length === declared.length && command.rest !== undefined) {
      if (command.rest.isOwn === true) {
        parsed.rest.push(word);
        continue;
      }
      parsed.rest.push(...words.slice(index));
      break;
    } else values.push(word);
  }
  parsed.isHelp = parsed.flags.help === true;
  if (!parsed.isHelp) takePositionals(command, parsed, values, name);
  return parsed;
};

const isFlag = (word: string): boolean => word.startsWith('-') && word !== '-';

const defaults = (flags: Flags): Record<string, Value> =>
  Object.fromEntries(Object.entries(flags).map(([name, { type }]) => [name, defaultValues[type]]));

const defaultValues: Record<Flag['type'], Value> = {
  boolean: false,
  text: undefined,
  texts: [],
  number: undefined,
  choice: undefined,
};

interface Target {
  flags: Flags;
  parsed: Parsed;
  name: string;
}

/** How many of the following words belong to this flag. */
const takeFlag = (target: Target, word: string, next: string | undefined): number =>
  word.startsWith('--') ? takeLong(target, word, next) : takeShort(target, word, next);

const takeLong = ({ flags, parsed, name }: Target, word: string, next: string | undefined): number => {
  const equals = word.indexOf('=');
  const key = word.slice(2, equals === -1 ? undefined : equals);
  const flag = Object.hasOwn(flags, key) ? flags[key] : undefined;
  if (flag === undefined) throw unknownFlag(flags, `--${key}`, name);
  const given = equals === -1 ? undefined : word.slice(equals + 1);
  if (flag.type === 'boolean') {
    if (given !== undefined && given !== 'true' && given !== 'false')
      throw usageError(`--${key} is a switch and takes no value.`, `Write --${key} alone.`);
    parsed.flags[key] = given !== 'false';
    return 0;
  }
  const shown = `--${key}`;
  parsed.flags[key] = parseFlagValue(flag, shown, given ?? valueAfter(shown, next, flag), parsed.flags[key]);
  return given === undefined ? 1 : 0;
};

const takeShort = ({ flags, parsed, name }: Target, word: string, next: string | undefined): number => {
  for (let index = 1; index < word.length; index += 1) {
    const letter = word[index] ?? '';
    const key = Object.keys(flags).find((candidate) => flags[candidate]?.short === letter);
    const flag = key === undefined ? undefined : flags[key];
    if (key === undefined || flag === undefined) throw unknownFlag(flags, `-${letter}`, name);
    if (flag.type === 'boolean') {
      parsed.flags[key] = true;
      continue;
    }
    const attached = word.slice(index + 1).replace(/^=/, '');
    const value = attached || valueAfter(`-${letter}`, next, flag);
    parsed.flags[key] = parseFlagValue(flag, `-${letter}`, value, parsed.flags[key]);
    return attached === '' ? 1 : 0;
  }
  return 0;
};

const valueAfter = (shown: string, next: string | undefined, flag: Flag): string => {
  if (next === undefined || (isFlag(next) && flag.type !== 'number')) {
    const hint =
      next === undefined ? '' : ` For a value that begins with a dash write ${shown}=${printable(next, 40)}.`;
    throw usageError(`${shown} needs a value.${hint}`);
  }
  return next;
};

const unknownFlag = (flags: Flags, shown: string, name: string) => {
  const known = Object.keys(flags).filter((key) => flags[key]?.hidden !== true);
  const meant = shown.startsWith('--') ? nearest(shown.slice(2), known) : undefined;
  const remedy = meant === undefined ? `See: navisai ${name} --help` : `Did you mean --${meant}?`;
  return usageError(`Unknown flag ${printable(shown, 60)}.`, remedy);
};

const takePositionals = (command: AnyCommand, parsed: Parsed, values: readonly string[], name: string): void => {
  const declared: readonly Positional[] = command.positionals ?? [];
  for (const [index, positional] of declared.entries()) {
    const value = values[index];
    if (value !== undefined) parsed.positionals[positional.name] = checkPositional(positional, value);
    else if (positional.optional !== true)
      throw usageError(`<${positional.name}> is missing: ${positional.summary}`, `See: navisai ${name} --help`);
  }
  const extra = values[declared.length];
  if (extra !== undefined)
    throw usageError(`Unexpected argument ${printable(extra, 60)}.`, `See: navisai ${name} --help`);
  if (command.rest !== undefined && command.rest.optional !== true && parsed.rest.length === 0)
    throw usageError(`<${command.rest.name}> is missing: ${command.rest.summary}`, `See: navisai ${name} --help`);
};

const checkPositional = (positional: Positional, value: string): string => {
  const shown = `<${positional.name}>`;
  return positional.choices === undefined
    ? checkText(shown, value, positional)
    : oneOf(shown, value, positional.choices);
};

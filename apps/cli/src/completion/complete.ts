/** Candidates for the last word of an unfinished command line: `word<TAB>meaning` lines, or `:files`, `:directories`. */
import { commandAliases, commands } from '../commands/index.ts';
import { isGroup, type AnyCommand, type Completion, type Flag, type Flags } from '../command-line/command.types.ts';
import { readEnvironment } from '../environment.ts';
import { readKnownHubs } from '../hub/known-hubs.ts';
import { globalFlags } from '../command-line/parse.ts';
import { printable } from '../output/printable.ts';
import { candidatesFromHub, type Candidate } from './candidates.ts';

/** `words` without `navisai`; the last one is being typed and may be empty. Never rejects: no candidates instead. */
export const complete = async (words: readonly string[]): Promise<string[]> => {
  const current = words.at(-1) ?? '';
  const before = words.slice(0, -1);
  try {
    const found = await candidatesFor(before, current);
    if (typeof found === 'string') return [`:${found}`];
    return found
      .filter(({ word }) => word.startsWith(current))
      .map(({ word, meaning }) => `${word}\t${printable(meaning, 80)}`);
  } catch {
    return [];
  }
};

type Found = readonly Candidate[] | 'files' | 'directories';

const candidatesFor = async (before: readonly string[], current: string): Promise<Found> => {
  const words = before.filter((word, index) => !(word === '--json' && index === 0));
  const [first, ...others] = words;
  if (first === undefined) return current.startsWith('-') ? flagsOf(globalFlags) : commandNames();
  const name = commandAliases[first] ?? first;
  const node = Object.hasOwn(commands, name) ? await commands[name]?.load() : undefined;
  if (node === undefined) return [];
  if (!isGroup(node)) return ofCommand(node, others, current);
  const [second, ...rest] = others;
  if (second === undefined)
    return Object.entries(node.commands).map(([word, { summary }]) => ({ word, meaning: summary }));
  const command = Object.hasOwn(node.commands, second) ? node.commands[second] : undefined;
  return command === undefined ? [] : ofCommand(command, rest, current);
};

const commandNames = (): Candidate[] =>
  Object.entries(commands).map(([word, { summary }]) => ({ word, meaning: summary }));

const ofCommand = async (command: AnyCommand, before: readonly string[], current: string): Promise<Found> => {
  // A command line of somebody else: programs and files.
  if (before.includes('--')) return 'files';
  const flags: Flags = { ...command.flags, ...globalFlags };
  const open = flagOf(flags, before.at(-1));
  if (open !== undefined && open.type !== 'boolean') return ofFlag(open, before, command);
  if (current.startsWith('-'))
    return current.includes('=') ? ofAttached(flags, current, before, command) : flagsOf(flags);
  const given = positionalsIn(flags, before);
  const positional = command.positionals?.[given.length];
  if (positional?.completes === 'places') return ofPlace(current);
  if (positional !== undefined) return ofCompletion(positional.completes, before, command);
  if (command.rest?.isOwn === true) return ofCompletion(command.rest.completes, before, command);
  return command.rest === undefined ? [] : [{ word: '--', meaning: command.rest.summary }];
};

/** `--flag=value`: the whole word is replaced, so the candidates carry the flag too. */
const ofAttached = async (
  flags: Flags,
  current: string,
  before: readonly string[],
  command: AnyCommand,
): Promise<Found> => {
  const [name = ''] = current.split('=', 1);
  const flag = flagOf(flags, name);
  const found = flag === undefined ? [] : await ofFlag(flag, before, command);
  return typeof found === 'string' ? found : found.map(({ word, meaning }) => ({ word: `${name}=${word}`, meaning }));
};

const flagOf = (flags: Flags, word: string | undefined): Flag | undefined => {
  if (word === undefined || !word.startsWith('-')) return undefined;
  if (word.startsWith('--')) return Object.hasOwn(flags, word.slice(2)) ? flags[word.slice(2)] : undefined;
  return Object.values(flags).find(({ short }) => short === word.slice(1));
};

const flagsOf = (flags: Flags): Candidate[] =>
  Object.entries(flags)
    .filter(([, { hidden }]) => hidden !== true)
    .map(([name, { summary }]) => ({ word: `--${name}`, meaning: summary }));

const ofFlag = async (flag: Flag, before: readonly string[], command: AnyCommand): Promise<Found> => {
  if (flag.type === 'choice') return flag.choices.map((word) => ({ word, meaning: flag.summary }));
  return flag.type === 'text' || flag.type === 'texts' ? ofCompletion(flag.completes, before, command) : [];
};

const ofCompletion = async (
  completion: Completion | undefined,
  before: readonly string[],
  command: AnyCommand,
): Promise<Found> => {
  if (completion === undefined) return [];
  if (completion === 'files' || completion === 'directories') return completion;
  if (completion === 'hubs') return knownHubNames();
  if (typeof completion !== 'string') return completion.map((word) => ({ word, meaning: '' }));
  return candidatesFromHub(completion, sessionIn({ ...command.flags, ...globalFlags }, before));
};

/** Of a file here: no hub is asked. */
const knownHubNames = async (): Promise<Candidate[]> => {
  const { hubs } = await readKnownHubs(readEnvironment().home);
  return hubs.map(({ name, origin }) => ({ word: name, meaning: origin }));
};

/** A node that begins like this, else a file. */
const ofPlace = async (current: string): Promise<Found> => {
  if (current === '' || current.includes('/')) return 'files';
  const nodes = await candidatesFromHub('places', undefined).catch((): Candidate[] => []);
  return nodes.some(({ word }) => word.startsWith(current)) ? nodes : 'files';
};

/** The session that the line names so far. */
const sessionIn = (flags: Flags, before: readonly string[]): string | undefined => {
  const attached = before.findLast((word) => word.startsWith('--session='));
  if (attached !== undefined) return attached.slice('--session='.length);
  const index = before.findLastIndex((word) => flagOf(flags, word) === flags.session && flags.session !== undefined);
  return index === -1 ? undefined : before[index + 1];
};

const positionalsIn = (flags: Flags, before: readonly string[]): string[] =>
  before.filter((word, index) => {
    const previous = flagOf(flags, before[index - 1]);
    const isValue = previous !== undefined && previous.type !== 'boolean';
    return !isValue && (!word.startsWith('-') || word === '-');
  });

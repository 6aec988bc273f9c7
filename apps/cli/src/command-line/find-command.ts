/** Finds the command that the first words name, loading no other. */
import { usageError } from '../output/command-error.ts';
import type { CommandError } from '../output/command-error.ts';
import { printable } from '../output/printable.ts';
import { commandAliases, commands } from '../commands/index.ts';
import { isGroup, type CommandGroup, type CommandNode } from './command.types.ts';
import { nearest } from './suggest.ts';

export interface Found {
  node: CommandNode;
  /** As in the help: `terminal open`. */
  name: string;
  /** What follows the name. */
  words: string[];
}

/** Throws a usage error for a word that names no command. */
export const findCommand = async (words: readonly string[]): Promise<Found> => {
  const [first = '', ...others] = words;
  const name = commandAliases[first] ?? first;
  const entry = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (entry === undefined) throw unknownCommand(first, [...Object.keys(commands), ...Object.keys(commandAliases)], '');
  const node = await entry.load();
  return isGroup(node) ? findInGroup(node, name, others) : { node, name, words: others };
};

const findInGroup = (group: CommandGroup, name: string, words: readonly string[]): Found => {
  const index = words.findIndex((word) => !word.startsWith('-'));
  const word = index === -1 ? undefined : words[index];
  if (word === undefined) return withoutWord(group, name, words);
  const node = Object.hasOwn(group.commands, word) ? group.commands[word] : undefined;
  if (node === undefined) throw unknownCommand(word, Object.keys(group.commands), `${name} `);
  return { node, name: `${name} ${word}`, words: words.toSpliced(index, 1) };
};

const withoutWord = (group: CommandGroup, name: string, words: readonly string[]): Found => {
  const isHelp = words.some((word) => word === '--help' || word === '-h');
  const node = isHelp || group.defaultCommand === undefined ? undefined : group.commands[group.defaultCommand];
  return {
    node: node ?? group,
    name: node === undefined ? name : `${name} ${group.defaultCommand}`,
    words: [...words],
  };
};

const unknownCommand = (word: string, known: readonly string[], before: string): CommandError => {
  const meant = nearest(word, known);
  return usageError(
    `There is no command "${printable(`${before}${word}`, 60)}".`,
    meant === undefined ? `See: navisai ${before}--help` : `Did you mean: navisai ${before}${meant}?`,
  );
};

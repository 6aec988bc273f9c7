/** One run of `navisai`: finds the command, parses its words, runs it, and tells the exit code. */
import { Output } from '../output/output.ts';
import { usageError } from '../output/command-error.ts';
import { reportError } from '../output/report-error.ts';
import { isGroup, type AnyCommand, type Command } from './command.types.ts';
import { findCommand, type Found } from './find-command.ts';
import { globalFlags, parseWords } from './parse.ts';
import { checkText } from './values.ts';

export interface Program {
  words: readonly string[];
  stdout: NodeJS.WriteStream;
  stderr: NodeJS.WriteStream;
  environment: NodeJS.ProcessEnv;
}

/** Resolves with the exit code; never rejects. */
export const runProgram = async (program: Program): Promise<number> => {
  const { words, stdout, stderr, environment } = program;
  const isJson = beforeSeparator(words).some((word) => word === '--json' || word === '--json=true');
  const output = new Output({ stdout, stderr, isJson, environment });
  try {
    const { hub, others } = takeLeading(words);
    return await dispatch(others, { output, environment, hub });
  } catch (error) {
    return reportError(error, output);
  }
};

/** Flags of every command may stand before its name. */
const takeLeading = (words: readonly string[]): { hub: string | undefined; others: readonly string[] } => {
  let hub: string | undefined;
  let index = 0;
  for (; index < words.length; index += 1) {
    const word = words[index] ?? '';
    if (word === '--hub') hub = words[(index += 1)] ?? '';
    else if (word.startsWith('--hub=')) hub = word.slice('--hub='.length);
    else if (word !== '--json') break;
  }
  if (hub !== undefined) checkText('--hub', hub, globalFlags.hub);
  return { hub, others: words.slice(index) };
};

/** What stands behind `--` belongs to somebody else's command line. */
const beforeSeparator = (words: readonly string[]): readonly string[] => {
  const end = words.indexOf('--');
  return end === -1 ? words : words.slice(0, end);
};

interface Surroundings {
  output: Output;
  environment: NodeJS.ProcessEnv;
  /** Given before the command's name. */
  hub: string | undefined;
}

const dispatch = async (words: readonly string[], surroundings: Surroundings): Promise<number> => {
  const { output } = surroundings;
  const [first] = words;
  if (first === undefined || first === '--help' || first === '-h' || first === 'help') {
    if (words.length > 1 && first === 'help') return showHelp(await findCommand(words.slice(1)), output);
    const { overview } = await import('./overview.ts');
    output.line(overview(output.colors));
    return first === undefined ? 2 : 0;
  }
  if (first === '__complete') {
    const { complete } = await import('../completion/complete.ts');
    for (const line of await complete(words.slice(1))) output.line(line);
    return 0;
  }
  const found = await findCommand(words);
  if (isGroup(found.node)) return showHelp(found, output);
  return runFound(found.node, found, surroundings);
};

const runFound = async (command: AnyCommand, found: Found, surroundings: Surroundings): Promise<number> => {
  const { output, environment } = surroundings;
  const { flags, positionals, rest, isHelp } = parseWords(command, found.words, found.name);
  if (isHelp) return showHelp(found, output);
  const hub = flags.hub ?? surroundings.hub;
  if (hub !== undefined && command.isLocal === true)
    throw usageError(
      `navisai ${found.name} is about this machine and takes no --hub.`,
      'Run it on the machine of that hub.',
    );
  // One place decides which hub is meant: the environment, as for whoever sets NAVIS_HUB.
  if (hub !== undefined) environment.NAVIS_HUB = String(hub);
  // The parser has filled the flags by this very definition, so they have the types that it declares.
  const { run } = command as unknown as Command;
  return (await run.call(command, { flags: flags as never, positionals, rest, output })) ?? 0;
};

/** A group named alone is wrong usage that shows the way: exit code 2, unless help was asked for. */
const showHelp = async ({ node, name, words }: Found, output: Output): Promise<number> => {
  const { helpOf } = await import('./help.ts');
  output.line(helpOf(node, name, output.colors));
  return isGroup(node) && !words.some((word) => word === '--help' || word === '-h') ? 2 : 0;
};

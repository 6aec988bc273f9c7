/** One run of `navisai`: finds the command, parses its words, runs it, and tells the exit code. */
import { Output } from '../output/output.ts';
import { reportError } from '../output/report-error.ts';
import { isGroup, type AnyCommand, type Command } from './command.types.ts';
import { findCommand, type Found } from './find-command.ts';
import { parseWords } from './parse.ts';

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
    const leading = words.findIndex((word) => word !== '--json');
    return await dispatch(leading === -1 ? [] : words.slice(leading), output);
  } catch (error) {
    return reportError(error, output);
  }
};

/** What stands behind `--` belongs to somebody else's command line. */
const beforeSeparator = (words: readonly string[]): readonly string[] => {
  const end = words.indexOf('--');
  return end === -1 ? words : words.slice(0, end);
};

const dispatch = async (words: readonly string[], output: Output): Promise<number> => {
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
  return runFound(found.node, found, output);
};

const runFound = async (command: AnyCommand, found: Found, output: Output): Promise<number> => {
  const { flags, positionals, rest, isHelp } = parseWords(command, found.words, found.name);
  if (isHelp) return showHelp(found, output);
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

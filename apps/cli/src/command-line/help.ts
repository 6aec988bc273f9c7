/** The text of `--help`, made from the definition of the command. */
import type { Output } from '../output/output.ts';
import type { AnyCommand, CommandGroup, CommandNode, Example, Flag, Flags, Rest } from './command.types.ts';
import { isGroup } from './command.types.ts';
import { globalFlags } from './parse.ts';

type Colors = Output['colors'];
type Row = readonly [term: string, meaning: string];

/** Help of one command or group; `name` is what follows `navisai`. */
export const helpOf = (node: CommandNode, name: string, colors: Colors): string =>
  isGroup(node) ? groupHelp(node, name, colors) : commandHelp(node, name, colors);

const commandHelp = (command: AnyCommand, name: string, colors: Colors): string => {
  const declared: Flags = { ...command.flags, ...globalFlags };
  const flags = Object.entries(declared).filter(([, flag]) => flag.hidden !== true);
  const argumentRows: Row[] = (command.positionals ?? []).map(({ name: term, summary }) => [`<${term}>`, summary]);
  if (command.rest !== undefined) argumentRows.push([restWords(command.rest), command.rest.summary]);
  return sections([
    command.summary,
    wrap(command.details),
    `${colors.bold('Usage')}\n  ${usageLine(command, name)}`,
    argumentRows.length === 0 ? undefined : block('Arguments', argumentRows, colors),
    block('Flags', flags.map(flagRow), colors),
    exampleBlock(command.examples, colors),
  ]);
};

const groupHelp = (group: CommandGroup, name: string, colors: Colors): string =>
  sections([
    group.summary,
    wrap(group.details),
    `${colors.bold('Usage')}\n  navisai ${name} <command>`,
    block(
      'Commands',
      Object.entries(group.commands).map(([key, { summary }]): Row => [key, summary]),
      colors,
    ),
    exampleBlock(group.examples, colors),
    `More about one: navisai ${name} <command> --help`,
  ]);

/** `navisai terminal send <name> [text] [flags]`. */
export const usageLine = (command: AnyCommand, name: string): string => {
  const positionals = (command.positionals ?? []).map((one) => (one.optional ? `[${one.name}]` : `<${one.name}>`));
  const { rest } = command;
  const last = rest === undefined ? [] : [rest.optional ? `[${restWords(rest)}]` : restWords(rest)];
  if (rest?.isOwn === true) return ['navisai', name, ...positionals, ...last, '[flags]'].join(' ');
  return ['navisai', name, ...positionals, '[flags]', ...last].join(' ');
};

const restWords = ({ name, isOwn }: Rest): string => (isOwn === true ? `<${name}>…` : `-- <${name}>`);

const flagRow = ([key, flag]: [string, Flag]): Row => {
  const value =
    flag.type === 'boolean' ? '' : flag.type === 'choice' ? ` <${flag.choices.join('|')}>` : ` ${flag.placeholder}`;
  return [`${flag.short === undefined ? '    ' : `-${flag.short}, `}--${key}${value}`, flag.summary];
};

const exampleBlock = (examples: readonly Example[], colors: Colors): string | undefined =>
  examples.length === 0
    ? undefined
    : [
        colors.bold('Examples'),
        ...examples.flatMap(({ command, note }) => [`  ${colors.dim(`# ${note}`)}`, `  ${command}`]),
      ].join('\n');

/** A heading with aligned rows below it. */
export const block = (title: string, rows: readonly Row[], colors: Colors): string => {
  const width = Math.max(...rows.map(([term]) => term.length));
  return [colors.bold(title), ...rows.map(([term, meaning]) => `  ${term.padEnd(width)}  ${meaning}`)].join('\n');
};

const sections = (parts: readonly (string | undefined)[]): string =>
  parts.filter((part): part is string => part !== undefined).join('\n\n');

const paragraphColumns = 90;

/** Breaks a paragraph between words. */
const wrap = (text: string | undefined): string | undefined =>
  text?.replaceAll(new RegExp(`(?=.{${paragraphColumns + 1},})(.{1,${paragraphColumns}})[ ]`, 'gu'), '$1\n');

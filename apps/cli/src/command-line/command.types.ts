/** What one command is: its flags, arguments, help and action, in one definition that parsing, help and completion share. */
import type { Output } from '../output/output.ts';

interface FlagBase {
  /** One line for the help. */
  summary: string;
  /** One letter: `-f`. */
  short?: string;
  /** Left out of help and completion. */
  hidden?: boolean;
}
export interface BooleanFlag extends FlagBase {
  type: 'boolean';
}
/** What a text must look like; `meaning` completes "must be …" and may name where to find one. */
export interface TextFormat {
  pattern: RegExp;
  meaning: string;
  remedy?: string;
}

export interface TextFlag extends FlagBase {
  type: 'text';
  format?: TextFormat;
  /** Name of the value in the help, such as `<directory>`. */
  placeholder: string;
  /** Names what can be completed here. */
  completes?: Completion;
  maxLength?: number;
}
/** May be given several times; its value is the list of them, in order. */
export interface TextsFlag extends Omit<TextFlag, 'type'> {
  type: 'texts';
  maxCount: number;
}
export interface NumberFlag extends FlagBase {
  type: 'number';
  placeholder: string;
  min: number;
  max: number;
}
export interface ChoiceFlag extends FlagBase {
  type: 'choice';
  choices: readonly string[];
}
export type Flag = BooleanFlag | TextFlag | TextsFlag | NumberFlag | ChoiceFlag;
export type Flags = Readonly<Record<string, Flag>>;

/** What the shell offers for a value: asked from the hub, or from the file system. */
export type Completion =
  | 'hubs'
  | 'terminals'
  | 'sessions'
  | 'devices'
  | 'approvals'
  | 'recalls'
  | 'projects'
  | 'tools'
  | 'nodes'
  | 'labels'
  /** `node:`, or a file. */
  | 'places'
  | 'files'
  | 'directories'
  | readonly string[];

export interface Positional {
  name: string;
  summary: string;
  optional?: boolean;
  completes?: Completion;
  /** Nothing else is taken. */
  choices?: readonly string[];
  format?: TextFormat;
  maxLength?: number;
}

/** Words after `--` (or after the last positional): a command line for somebody else, never parsed here. */
export interface Rest {
  name: string;
  summary: string;
  optional?: boolean;
  /** These words are this command's own: flags may stand among them, and no `--` is needed. */
  isOwn?: boolean;
  completes?: Completion;
}

export interface Example {
  command: string;
  note: string;
}

type FlagValue<F extends Flag> = F extends BooleanFlag
  ? boolean
  : F extends NumberFlag
    ? number | undefined
    : F extends ChoiceFlag
      ? F['choices'][number] | undefined
      : F extends TextsFlag
        ? readonly string[]
        : string | undefined;
export type FlagValues<F extends Flags> = { [K in keyof F]: FlagValue<F[K]> };

export interface Invocation<F extends Flags = Flags> {
  flags: FlagValues<F>;
  /** By name; an optional one that was not given is absent. */
  positionals: Readonly<Record<string, string>>;
  rest: readonly string[];
  output: Output;
}

export interface Command<F extends Flags = Flags> {
  summary: string;
  /** Paragraphs below the usage line. */
  details?: string;
  examples: readonly Example[];
  flags: F;
  /** About this machine: another hub cannot be meant. */
  isLocal?: true;
  positionals?: readonly Positional[];
  rest?: Rest;
  /** Resolves with the exit code, 0 when it resolves with nothing. */
  run(invocation: Invocation<F>): Promise<number | void>;
}

/** A command that only groups others: `navisai terminal open`. */
export interface CommandGroup {
  summary: string;
  details?: string;
  examples: readonly Example[];
  commands: Readonly<Record<string, AnyCommand>>;
  /** Runs when none is named: `navisai devices` lists them. */
  defaultCommand?: string;
}

/** A command of which only the shape matters, not the types of its flags. */
export type AnyCommand = Omit<Command, 'run'> & { run(invocation: never): Promise<number | void> };
export type CommandNode = AnyCommand | CommandGroup;

export const isGroup = (node: CommandNode): node is CommandGroup => 'commands' in node;

/** Keeps the literal types of the flags, so that `run` sees each value with its own type. */
export const defineCommand = <const F extends Flags>(command: Command<F>): Command<F> => command;

/** Skips the options of a program that runs another one, to find where the other begins. */
import type { Argument } from './argument.ts';
import { isAssignment, isSteeringVariable, variableOf } from './variables.ts';

export interface OptionGrammar {
  /** Letters of options without and with a value. */
  flags?: string;
  values?: string;
  longFlags?: readonly string[];
  longValues?: readonly string[];
  /** A value of theirs stands only after `=`. */
  longAttached?: readonly string[];
  /** `-10` is an option. */
  numeric?: boolean;
  /** Operands before the program, such as the duration of `timeout`. */
  operands?: number;
  /** `NAME=value` words may stand before the program. */
  assignments?: boolean;
}

/** Where the program begins, or why that cannot be told. */
export type InnerCommand = { kind: 'found'; index: number } | { kind: 'unclear'; reason: string };

const unclear = (reason: string): InnerCommand => ({ kind: 'unclear', reason });

export const findInnerCommand = (args: readonly Argument[], grammar: OptionGrammar): InnerCommand => {
  const options = skipOptions(args, grammar);
  if (options.kind === 'unclear') return options;
  let index = options.index;
  for (let skipped = 0; skipped < (grammar.operands ?? 0); skipped += 1, index += 1) {
    const operand = args[index];
    if (operand?.kind === 'dynamic') return unclear(`${operand.source} is only known when it runs`);
  }
  return grammar.assignments === true ? skipAssignments(args, index) : { kind: 'found', index };
};

const skipOptions = (args: readonly Argument[], grammar: OptionGrammar): InnerCommand => {
  for (let index = 0; ; index += 1) {
    const argument = args[index];
    if (argument === undefined) return { kind: 'found', index };
    if (argument.kind === 'dynamic') {
      // A dynamic first word is the program; the caller says so.
      return argument.prefix.startsWith('-')
        ? unclear(`${argument.source} is only known when it runs`)
        : { kind: 'found', index };
    }
    const { text } = argument;
    if (text === '--') return { kind: 'found', index: index + 1 };
    if (!text.startsWith('-') || text === '-') return { kind: 'found', index };
    const taken = text.startsWith('--') ? longOption(text, grammar) : shortOptions(text, grammar);
    if (taken === null) return unclear(`the option ${text} is not understood here`);
    const value = taken === 2 ? args[index + 1] : undefined;
    if (value?.kind === 'dynamic') return unclear(`${value.source} is only known when it runs`);
    index += taken - 1;
  }
};

const skipAssignments = (args: readonly Argument[], from: number): InnerCommand => {
  for (let index = from; ; index += 1) {
    const argument = args[index];
    if (argument?.kind !== 'known' || !argument.text.includes('=')) return { kind: 'found', index };
    if (!isAssignment(argument.text)) return unclear(`${argument.text} is not an assignment of a usual form`);
    const variable = variableOf(argument.text);
    if (isSteeringVariable(variable)) return unclear(`it sets ${variable}, which changes what runs`);
  }
};

/** How many words the option takes, or `null` when it is not known. */
const longOption = (
  text: string,
  { longFlags = [], longValues = [], longAttached = [] }: OptionGrammar,
): 1 | 2 | null => {
  const [name = '', value] = text.slice(2).split(/=(.*)/s);
  if (longFlags.includes(name)) return value === undefined ? 1 : null;
  if (longAttached.includes(name)) return 1;
  if (longValues.includes(name)) return value === undefined ? 2 : 1;
  return null;
};

const shortOptions = (text: string, { flags = '', values = '', numeric = false }: OptionGrammar): 1 | 2 | null => {
  if (numeric && /^-\d+$/.test(text)) return 1;
  for (let at = 1; at < text.length; at += 1) {
    const letter = text.charAt(at);
    if (values.includes(letter)) return at === text.length - 1 ? 2 : 1;
    if (!flags.includes(letter)) return null;
  }
  return 1;
};

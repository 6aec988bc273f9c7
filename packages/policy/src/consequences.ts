/** What a simple command runs beyond the program that it names. */
import { filledIn, known } from './argument.ts';
import type { Argument } from './argument.ts';
import { findInnerCommand } from './option-grammar.ts';
import type { OptionGrammar } from './option-grammar.ts';
import { isSteeringVariable, variableOf } from './variables.ts';
import {
  namingBuiltins,
  otherShells,
  plainShells,
  readableShells,
  redefiningBuiltins,
  runningOptions,
  unreadRunners,
  wrapperGrammars,
} from './wrappers.ts';

/** What a program reads when it reads its standard input. */
export type StandardInput = { kind: 'inherited' } | { kind: 'text'; text: string } | { kind: 'dynamic' };

export interface Invocation {
  /** The last part of the program's path. */
  name: string;
  args: readonly Argument[];
  standardInput: StandardInput;
}

export type Consequence =
  | { kind: 'command'; words: readonly Argument[] }
  | {
      kind: 'text';
      text: string;
      inSameShell: boolean;
      /** For a shell that may know less than bash. */
      isPlainShell?: boolean;
    }
  | { kind: 'unknown'; reason: string };

const unknown = (reason: string): Consequence[] => [{ kind: 'unknown', reason }];

export const consequencesOf = (invocation: Invocation): Consequence[] => {
  const { name, args } = invocation;
  const special = Object.hasOwn(specialForms, name) ? specialForms[name] : undefined;
  if (special !== undefined) return special(invocation);
  if (readableShells.has(name)) return shellText(invocation);
  if (otherShells.has(name)) return otherShellText(invocation);
  if (Object.hasOwn(wrapperGrammars, name)) return wrapped(name, args);
  if (unreadRunners.has(name) && args.length > 0) return unknown(`what ${name} runs is not understood`);
  if (redefiningBuiltins.has(name) && args.length > 0) return unknown(`${name} gives names another meaning`);
  if (namingBuiltins.has(name)) return namedVariables(invocation);
  return optionsThatRun(invocation);
};

const wrapped = (name: string, args: readonly Argument[]): Consequence[] => {
  const inner = findInnerCommand(args, wrapperGrammars[name] ?? {});
  if (inner.kind === 'unclear') return unknown(`${name}: ${inner.reason}`);
  const words = args.slice(inner.index);
  return words.length === 0 ? [] : [{ kind: 'command', words }];
};

const xargs = ({ args }: Invocation): Consequence[] => {
  const inner = findInnerCommand(args, wrapperGrammars['xargs'] ?? {});
  if (inner.kind === 'unclear') return unknown(`xargs: ${inner.reason}`);
  const words = args.slice(inner.index);
  if (words.length === 0) return [{ kind: 'command', words: [known('echo')] }];
  const replaced = replacedStrings(args.slice(0, inner.index));
  const filled = words.map((word) => (holdsOneOf(replaced, word) ? filledIn('xargs -I') : word));
  // One option may undo another, and then the line comes last.
  return [{ kind: 'command', words: [...filled, filledIn('a line read by xargs')] }];
};

/** Every string that one of the options may mean. */
const replacedStrings = (options: readonly Argument[]): string[] =>
  options.flatMap((option, index) => {
    const given = option.kind === 'known' ? /^(?:-[0oprtx]*I|--replace=?)(.*)$/s.exec(option.text)?.[1] : undefined;
    if (given === undefined) return [];
    const next = options[index + 1];
    return given === '' ? ['{}', ...(next?.kind === 'known' ? [next.text] : [])] : [given];
  });

const holdsOneOf = (replaced: readonly string[], word: Argument): boolean =>
  word.kind === 'dynamic' ? replaced.length > 0 : replaced.some((text) => word.text.includes(text));

const find = ({ args }: Invocation): Consequence[] => {
  const consequences: Consequence[] = [];
  for (let index = 0; index < args.length; index += 1) {
    const argument = args[index];
    if (argument?.kind === 'dynamic' && (argument.fallsApart === true || !/^[^-(!\\]/.test(argument.prefix)))
      return unknown(`${argument.source} may become an -exec`);
    if (argument?.kind !== 'known' || !/^-(exec|execdir|ok|okdir)$/.test(argument.text)) continue;
    const end = args.findIndex((word, at) => at > index && word.kind === 'known' && /^[;+]$/.test(word.text));
    const words = args.slice(index + 1, end < 0 ? args.length : end);
    const filled = words.map((word) =>
      word.kind === 'known' && word.text.includes('{}') ? filledIn('a path found by find') : word,
    );
    consequences.push({ kind: 'command', words: filled });
    index = end < 0 ? args.length : end;
  }
  return consequences;
};

const shellOptions: OptionGrammar = {
  flags: 'abcefhiklmnprstuvxBCDEHPT',
  values: 'oO',
  longFlags: ['login', 'noediting', 'noprofile', 'norc', 'posix', 'restricted', 'verbose'],
};

export type ShellCall =
  | { kind: 'unclear'; reason: string }
  | { kind: 'clear'; takesText: boolean; readsInput: boolean; operand: Argument | undefined };

/** Whether a shell runs a text, its input or a file is said before its first operand. */
export const readShellCall = (args: readonly Argument[]): ShellCall => {
  const options = args.map((word) =>
    word.kind === 'known' && word.text.startsWith('+') ? known(`-${word.text.slice(1)}`) : word,
  );
  const inner = findInnerCommand(options, shellOptions);
  if (inner.kind === 'unclear') return inner;
  const [operand, given] = [args[inner.index], args.slice(0, inner.index)];
  const readsInput = operand === undefined || given.some((word) => isOption(word, /^-[a-zA-Z]*s/));
  return { kind: 'clear', takesText: given.some((word) => isOption(word, /^-[a-zA-Z]*c/)), readsInput, operand };
};

const isOption = (word: Argument, pattern: RegExp): boolean => word.kind === 'known' && pattern.test(word.text);

/** `bash -c text`, `bash file`, `bash` with its text on standard input. */
const shellText = ({ name, args, standardInput }: Invocation): Consequence[] => {
  const call = readShellCall(args);
  if (call.kind === 'unclear') return unknown(`${name}: ${call.reason}`);
  const { takesText, readsInput, operand } = call;
  const isPlainShell = plainShells.has(name);
  if (takesText) {
    return operand?.kind === 'known'
      ? [{ kind: 'text', text: operand.text, inSameShell: false, isPlainShell }]
      : unknown(`the text for ${name} -c is only known when it runs`);
  }
  if (!readsInput && operand !== undefined) return scriptFile(name, operand);
  if (standardInput.kind === 'inherited') return [];
  return standardInput.kind === 'text'
    ? [{ kind: 'text', text: standardInput.text, inSameShell: false, isPlainShell }]
    : unknown(`what ${name} reads from its input is only known when it runs`);
};

/** A script in a file counts as what the listed interpreter may do; text that arrives by another way does not. */
const scriptFile = (name: string, operand: Argument): Consequence[] => {
  const isFile = operand.kind === 'known' && !/^(-|\/dev\/(stdin|fd\/.*)|\/proc\/.*)$/.test(operand.text);
  return isFile ? [] : unknown(`what ${name} runs is only known when it runs`);
};

const otherShellText = ({ name, args, standardInput }: Invocation): Consequence[] => {
  const operand = args[0];
  if (operand === undefined)
    return standardInput.kind === 'inherited' ? [] : unknown(`text for ${name} is not read here`);
  const isOption = operand.kind === 'dynamic' || operand.text.startsWith('-');
  return isOption && !(args.length === 1 && operand.kind === 'known' && /^-[il]$/.test(operand.text))
    ? unknown(`text for ${name} is not read here`)
    : scriptFile(name, operand);
};

/** Programs whose `-c` takes text for a shell: su, runuser, script, flock. */
const textOption = ({ name, args }: Invocation): Consequence[] => {
  const consequences: Consequence[] = [];
  for (const [index, argument] of args.entries()) {
    if (argument.kind === 'dynamic') return unknown(`${argument.source} is only known when it runs`);
    const attached = /^--(session-)?command=(.*)$/s.exec(argument.text)?.[2];
    if (attached !== undefined) consequences.push({ kind: 'text', text: attached, inSameShell: false });
    if (!/^(-[a-zA-Z]*c|--(session-)?command)$/.test(argument.text)) {
      if (/^-[a-zA-Z]*c./.test(argument.text))
        return unknown(`${name}: the option ${argument.text} is not understood here`);
      continue;
    }
    const text = args[index + 1];
    if (text?.kind !== 'known') return unknown(`the text for ${name} -c is only known when it runs`);
    consequences.push({ kind: 'text', text: text.text, inSameShell: false });
  }
  return consequences;
};

const flock = (invocation: Invocation): Consequence[] => {
  const texts = textOption(invocation);
  if (texts.length > 0) return texts;
  const grammar = {
    flags: 'enosuxF',
    values: 'Ew',
    operands: 1,
    longFlags: ['exclusive', 'nonblock', 'shared', 'unlock'],
  };
  const inner = findInnerCommand(invocation.args, grammar);
  if (inner.kind === 'unclear') return unknown(`flock: ${inner.reason}`);
  const words = invocation.args.slice(inner.index);
  return words.length === 0 ? [] : [{ kind: 'command', words }];
};

const watch = ({ args }: Invocation): Consequence[] => {
  const inner = findInnerCommand(args, { flags: 'bcdegprtwx', values: 'nq' });
  if (inner.kind === 'unclear') return unknown(`watch: ${inner.reason}`);
  const texts = joinedText('watch', args.slice(inner.index), false);
  return texts.map((text) => (text.kind === 'text' ? { ...text, isPlainShell: true } : text));
};

const joinedText = (name: string, words: readonly Argument[], inSameShell: boolean): Consequence[] => {
  const texts = words.map((word) => (word.kind === 'known' ? word.text : null));
  if (texts.includes(null)) return unknown(`the text for ${name} is only known when it runs`);
  return texts.length === 0 ? [] : [{ kind: 'text', text: texts.join(' '), inSameShell }];
};

const trap = ({ args }: Invocation): Consequence[] => {
  const operands = args[0]?.kind === 'known' && args[0].text === '--' ? args.slice(1) : args;
  const [action] = operands;
  if (action?.kind === 'known' && (/^-[lpP]?$/.test(action.text) || operands.length === 1)) return [];
  return joinedText('trap', operands.slice(0, 1), true);
};

const source = ({ name, args }: Invocation): Consequence[] => (args[0] === undefined ? [] : scriptFile(name, args[0]));

/** Every word may name a variable, so every word is judged like one. */
const namedVariables = ({ name, args }: Invocation): Consequence[] => {
  for (const argument of args) {
    const text = argument.kind === 'known' ? argument.text : argument.prefix;
    if (isSteeringVariable(variableOf(text)))
      return unknown(`${name} sets ${variableOf(text)}, which changes what runs`);
    if (name !== 'printf' && argument.kind === 'dynamic' && !argument.prefix.includes('='))
      return unknown(`${name}: ${argument.source} is only known when it runs`);
    const makesReference = /^(declare|local|typeset)$/.test(name) && /^-[a-zA-Z0-9]*n/.test(text);
    if (makesReference) return unknown(`${name} -n makes another name for a variable`);
    if (/^(mapfile|readarray)$/.test(name) && /^-[a-zA-Z0-9]*C/.test(text)) return unknown(`${name} -C runs a text`);
  }
  return [];
};

const optionsThatRun = ({ name, args }: Invocation): Consequence[] => {
  const pattern = Object.hasOwn(runningOptions, name) ? runningOptions[name] : undefined;
  if (pattern === undefined) return [];
  const option = args.find((word) => pattern.test(word.kind === 'known' ? word.text : word.prefix));
  return option === undefined ? [] : unknown(`an option of ${name} names a program to run`);
};

/** Only before the name they ask what it means. */
const command = ({ args }: Invocation): Consequence[] => {
  const name = args.findIndex((word) => word.kind === 'dynamic' || !/^-[pvV]+$/.test(word.text));
  const options = name < 0 ? args : args.slice(0, name);
  return options.some((word) => word.kind === 'known' && /[vV]/.test(word.text)) ? [] : wrapped('command', args);
};

/** With `-x` it runs the words after it. */
const jobs = ({ args }: Invocation): Consequence[] =>
  args.some((word) => /^(-[a-zA-Z]*x|$)/.test(word.kind === 'known' ? word.text : word.prefix))
    ? wrapped('jobs', args)
    : [];

const specialForms: Readonly<Record<string, (invocation: Invocation) => Consequence[]>> = {
  '.': source,
  command,
  eval: ({ args }) => joinedText('eval', args, true),
  find,
  flock,
  jobs,
  runuser: textOption,
  script: textOption,
  source,
  su: textOption,
  trap,
  watch,
  xargs,
};

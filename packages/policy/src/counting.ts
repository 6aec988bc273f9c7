/** Where bash counts, it runs a substitution that stands in the value, as in `a[$(…)]`: which values may hold one (A1). */
import type { ArithmeticExpression, Assignment, ParameterExpansionPart, SyntaxNode, Word } from 'unbash';
import type { Argument } from './argument.ts';
import { isSteeringVariable, variableOf } from './variables.ts';

export interface CountingDoubt {
  text: string;
  reason: string;
}

/** Sees every node of a text, and the words of every command in it. */
export class CountedValues {
  readonly #counted = new Set<string>();
  /** Names with a value that is not seen to be a number. */
  readonly #filled = new Set<string>();
  readonly #doubts: CountingDoubt[] = [];
  /** Whatever such a variable is given is counted. */
  #hasIntegers = false;
  /** Names that hold lists, and those that are declared with a value that is not known. */
  readonly #lists = new Set<string>();
  readonly #declared = new Map<string, string>();
  readonly #steered: CountingDoubt[] = [];

  see(node: SyntaxNode): void {
    switch (node.type) {
      case 'ArithmeticWord':
        return this.#count(node.value);
      case 'ArithmeticBinary':
        if (/(?<![=!<>])=$|(<<|>>)=$/.test(node.operator)) this.#set(node.left);
        return;
      case 'ArithmeticUnary':
        if (/^(\+\+|--)$/.test(node.operator)) this.#set(node.operand);
        return;
      case 'ArithmeticCommandExpansion':
        return this.#count(node.text);
      case 'TestBinary':
        if (/^-(eq|ne|lt|le|gt|ge)$/.test(node.operator))
          for (const { text } of [node.left, node.right]) this.#count(text);
        return;
      case 'TestUnary':
        if (!/^-[vR]$/.test(node.operator)) return;
        if (node.operand.parts !== undefined) this.#doubt(node.operand.text);
        return this.#count(subscriptOf(node.operand.text));
      case 'ParameterExpansion':
        return this.#expand(node);
      case 'FileDescriptorVariable':
        if (isSteeringVariable(variableOf(node.name))) this.#steer(node.name);
        return this.#count(subscriptOf(node.name));
      case 'Coproc':
        if (isSteeringVariable(node.name?.value ?? '')) this.#steer(node.name?.value ?? '');
        return;
      case 'Assignment':
        return this.#assign(node);
      case 'For':
      case 'Select':
        if (node.wordlist === undefined || !node.wordlist.every(isNumber)) this.#filled.add(node.name.value);
        return;
      default:
    }
  }

  seeWords(name: string, args: readonly Argument[]): void {
    const texts = args.map((argument) => (argument.kind === 'known' ? argument.text : argument.prefix));
    const dynamic = args.find((argument) => argument.kind === 'dynamic');
    if (name === 'let') texts.forEach((text) => this.#count(text));
    const takesName = name === 'printf' ? texts.includes('-v') : /^(let|read|unset|mapfile|readarray)$/.test(name);
    const looksUp = /^(test|\[)$/.test(name) && texts.some((text) => /^-[vR]$/.test(text));
    if ((takesName || looksUp) && dynamic?.kind === 'dynamic') this.#doubt(dynamic.source);
    if (takesName || looksUp || /^(getopts|wait|declare|local|typeset|export|readonly)$/.test(name))
      texts.forEach((text) => this.#count(subscriptOf(text)));
    if (/^(read|mapfile|readarray|getopts|printf)$/.test(name)) texts.forEach((text) => this.#filled.add(text));
    if (/^(read|mapfile|readarray)$/.test(name)) texts.forEach((text) => this.#lists.add(text));
    if (!/^(declare|local|typeset|export|readonly)$/.test(name)) return;
    for (const text of texts) {
      const [, variable = '', value = ''] = /^([A-Za-z_]\w*)\+?=(.*)$/s.exec(text) ?? [];
      if (variable !== '' && !/^-?\d+$/.test(value)) this.#filled.add(variable);
    }
    this.#declare(
      args,
      texts.some((text) => /^-[a-zA-Z]*[aA]/.test(text)),
    );
    this.#hasIntegers ||= texts.some((text) => /^-[a-zA-Z]*i/.test(text));
  }

  /** A list that is declared by a text is read like a part of the command line. */
  #declare(args: readonly Argument[], isList: boolean): void {
    for (const argument of args) {
      const text = argument.kind === 'known' ? argument.text : argument.prefix;
      const [, name = '', value = ''] = /^([A-Za-z_]\w*)\+?=(.*)$/s.exec(text) ?? [];
      if (isList) this.#lists.add(name || text);
      if (name === '') continue;
      if (/^\s*\(/.test(value)) this.#count(value);
      if (/^\s*\(.*[$`]/s.test(value)) this.#doubts.push({ text, reason: listReason });
      if (argument.kind === 'dynamic' && /^(\s*\(|$)/.test(value)) this.#declared.set(name, argument.source);
    }
  }

  doubts(): CountingDoubt[] {
    const lists = [...this.#declared].filter(([name]) => this.#lists.has(name));
    const names = [
      ...[...this.#filled].filter((name) => this.#hasIntegers || this.#counted.has(name) || integers.has(name)),
      ...[...givenByBash].filter((name) => this.#counted.has(name) && !this.#filled.has(name)),
    ];
    return [
      ...this.#doubts,
      ...names.map((name) => ({ text: name, reason })),
      ...lists.map(([, text]) => ({ text, reason: listReason })),
    ];
  }

  /** Sums that set a variable which decides what runs. */
  steered(): readonly CountingDoubt[] {
    return this.#steered;
  }

  #set(target: ArithmeticExpression): void {
    const name = target.type === 'ArithmeticWord' ? variableOf(target.value.replaceAll(/["'\\\s]/g, '')) : '';
    if (isSteeringVariable(name)) this.#steer(name);
  }

  #steer(name: string): void {
    this.#steered.push({ text: name, reason: `it sets ${name}, which changes what runs` });
  }

  #expand({ text, parameter, operation }: ParameterExpansionPart): void {
    this.#count(countedIn(text));
    const fills = operation?.type === 'Default' && operation.operator.endsWith('=');
    if (fills && !isNumber(operation.operand)) this.#filled.add(parameter);
  }

  #count(text: string): void {
    const names = [...text.matchAll(/(?<!\w)[A-Za-z_]\w*/g)].map(([name]) => name);
    const setting = setsSomething(text) ? names.find(isSteeringVariable) : undefined;
    if (setting !== undefined) this.#steer(setting);
    if (/\$\(|`|\$\{?[\d@*]/.test(text)) this.#doubt(text);
    for (const name of names) this.#counted.add(name);
  }

  #doubt(text: string): void {
    this.#doubts.push({ text, reason });
  }

  #assign({ name, value, index }: Assignment): void {
    if (index !== undefined && !/^[@*]$/.test(index.text)) this.#count(index.text);
    if (value.type === 'ArrayValue')
      for (const { text } of value.elements) this.#count(/^\[(.*)\]\+?=/s.exec(text)?.[1] ?? '');
    if (value.type === 'ArrayValue' || !isNumber(value)) this.#filled.add(name);
    if (value.type === 'ArrayValue' || index !== undefined) this.#lists.add(name);
  }
}

/** What they are given is counted. */
const integers: ReadonlySet<string> = new Set(
  'BASHPID EUID HISTCMD LINENO OPTIND PPID RANDOM SECONDS SRANDOM UID'.split(' '),
);

/** Nobody assigns them, and they may hold any text. */
const givenByBash: ReadonlySet<string> = new Set(
  '_ BASH_ARGV BASH_COMMAND BASH_EXECUTION_STRING BASH_REMATCH COPROC DIRSTACK MAPFILE OLDPWD OPTARG PWD REPLY'.split(
    ' ',
  ),
);

const setsSomething = (sum: string): boolean => /=|\+\+|--/.test(sum.replaceAll(/[=!]=|(?<![<>])[<>]=/g, ''));

const subscriptOf = (text: string): string => /^[A-Za-z_]\w*\[(.*)/s.exec(text)?.[1] ?? '';

const listReason = 'bash reads the value as a list, and runs a substitution in it.';
const reason = 'bash counts with it, and runs a substitution that its value may hold.';

const isNumber = ({ value, parts }: Word): boolean =>
  /^(-?\d*|\{-?\d+\.\.-?\d+(\.\.-?\d+)?\})$/.test(value) ||
  (parts?.length === 1 && parts[0]?.type === 'ArithmeticExpansion');

/** Subscripts, and where a part begins and how long it is. */
const countedIn = (text: string): string => {
  const subscript = /^\$\{[!#]?\w+\[([^\]]*)\]/s.exec(text)?.[1] ?? '';
  const slice = /^\$\{[\w@*]+(?:\[[^\]]*\])?:([^-=?+].*)\}$/s.exec(text)?.[1] ?? '';
  return /^[@*]$/.test(subscript) ? slice : `${subscript} ${slice}`;
};

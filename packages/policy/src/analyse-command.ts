/**
 * Reads a command line as bash would and tells every program that it names, also inside substitutions, functions,
 * heredocs for a shell and the words of programs that run others. Reading informs and refuses early; it does not contain.
 */
import { forEachChild, parse } from 'unbash';
import type {
  Command,
  Function as FunctionNode,
  HereDoc,
  ParameterExpansionPart,
  Redirect,
  Redirection,
  SyntaxNode,
} from 'unbash';
import { argumentOf, wordArgument } from './argument.ts';
import type { Argument } from './argument.ts';
import { consequencesOf } from './consequences.ts';
import type { StandardInput } from './consequences.ts';
import { CountedValues } from './counting.ts';
import type { CountingDoubt } from './counting.ts';
import { changeBy } from './reading-programs.ts';
import { hidesSubstitution, isSteeringVariable } from './variables.ts';
import { stateBuiltins } from './wrappers.ts';

export interface CommandAnalysis {
  /** As spelled for the look-up, each once, in the order of the text. */
  programs: string[];
  /** What cannot be told before it runs. */
  unknown: { text: string; reason: string }[];
  /** Values by which bash may run a substitution where it counts. */
  counted: CountingDoubt[];
  /** What may change something outside of the shell; empty when the command is seen to only read. */
  changes: { text: string; reason: string }[];
  /** Every simple command that would run, also inside of others, with its words; calls of functions are not among them. */
  commands: SimpleCommand[];
  /** Files that the shell itself opens. */
  files: { target: Argument; access: 'read' | 'write' }[];
  assignments: AnalysedAssignment[];
  /** Names get another meaning than that of a program. */
  definesFunctions: boolean;
}

export interface SimpleCommand {
  /** Program or builtin first. */
  words: Argument[];
  standardInput: StandardInput['kind'];
}

export interface AnalysedAssignment {
  name: string;
  /** For one program only: it gets the value in its environment. */
  isPrefix: boolean;
}

/** Commands within commands (`sudo env bash -c "bash -c …"`) are read this deep. */
const maxDepth = 16;
/** Some hostile texts take the parser time that grows with the square of their length. */
const maxTextLength = 32 * 1024;
const maxShownLength = 120;

interface Scope {
  /** Functions that are certainly defined here. */
  functions: Set<string>;
  standardInput: StandardInput;
  depth: number;
  /** The shell that reads it may know less than bash. */
  isPlainShell?: boolean | undefined;
}

export const analyseCommand = (command: string): CommandAnalysis => {
  const reader = new CommandReader();
  reader.readText(command, { functions: new Set(), standardInput: { kind: 'inherited' }, depth: 0 });
  return reader.result();
};

class CommandReader {
  readonly #programs = new Set<string>();
  readonly #unknown: CommandAnalysis['unknown'] = [];
  readonly #changes: CommandAnalysis['changes'] = [];
  /** Names that ran as functions: `unset` may have made them names of programs again. */
  readonly #calledFunctions = new Set<string>();
  readonly #commands: SimpleCommand[] = [];
  readonly #files: CommandAnalysis['files'] = [];
  readonly #assignments: AnalysedAssignment[] = [];
  /** Functions whose body is being read. */
  readonly #defining: string[] = [];
  readonly #counting = new CountedValues();
  #definesFunctions = false;
  #unsets = false;

  result(): CommandAnalysis {
    const called = this.#unsets ? this.#calledFunctions : [];
    const programs = [...new Set([...this.#programs, ...called])];
    return {
      programs,
      unknown: [...this.#unknown, ...this.#counting.steered().map(({ text, reason }) => cannotTell(text, reason))],
      counted: this.#counting.doubts(),
      changes: this.#changes,
      commands: this.#commands,
      files: this.#files,
      assignments: this.#assignments,
      definesFunctions: this.#definesFunctions,
    };
  }

  readText(text: string, scope: Scope): void {
    if (text.length > maxTextLength) return this.#giveUp(text, `it is longer than ${maxTextLength} characters`);
    try {
      this.#read(parse(text), scope);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.#giveUp(text, 'it is nested too deeply');
    }
  }

  #giveUp(text: string, reason: string): void {
    this.#unknown.push(cannotTell(text, reason));
  }

  #read(node: SyntaxNode, scope: Scope): void {
    switch (node.type) {
      case 'Script':
        for (const { message } of ('errors' in node ? node.errors : undefined) ?? [])
          this.#giveUp(message, 'syntax error');
        return this.#readChildren(node, scope);
      case 'Pipeline':
        return node.commands.forEach((command, index) =>
          this.#read(command, index === 0 ? inner(scope) : { ...inner(scope), standardInput: { kind: 'dynamic' } }),
        );
      case 'AndOr':
        return node.commands.forEach((command, index) => this.#read(command, index === 0 ? scope : inner(scope)));
      case 'Statement':
        return this.#readChildren(node, node.background === true ? inner(scope) : scope);
      case 'CompoundList':
      case 'BraceGroup':
        return this.#readChildren(node, scope);
      case 'Redirected':
        return this.#readChildren(node, { ...scope, standardInput: inputOf(node.redirects, scope.standardInput) });
      case 'Coproc':
        this.#counting.see(node);
        return this.#readChildren(node, { ...inner(scope), standardInput: { kind: 'dynamic' } });
      case 'ProcessSubstitution':
        return this.#readChildren(
          node,
          node.operator === '>' ? { ...inner(scope), standardInput: { kind: 'dynamic' } } : inner(scope),
        );
      case 'Function':
        return this.#readFunction(node, scope);
      case 'Command':
        return this.#readCommand(node, scope);
      default:
        this.#judgeText(node);
        if (scope.isPlainShell === true) this.#judgePlain(node);
        return this.#readChildren(node, inner(scope));
    }
  }

  #readChildren(node: SyntaxNode, scope: Scope): void {
    forEachChild(node, (child) => this.#read(child, scope));
  }

  /** The body is read where it is defined, with any input: how it will be called is not known there. */
  #readFunction({ name, body }: FunctionNode, scope: Scope): void {
    const argument = wordArgument(name);
    if (argument.kind === 'dynamic')
      return this.#giveUp(argument.source, 'the name of a function is only known when it runs');
    const own = inner(scope);
    own.functions.add(argument.text);
    this.#definesFunctions = true;
    this.#defining.push(argument.text);
    this.#read(body, { ...own, standardInput: { kind: 'dynamic' } });
    this.#defining.pop();
    scope.functions.add(argument.text);
  }

  /** Expansions, loops and assignments that change what later text means. */
  #judgeText(node: SyntaxNode): void {
    this.#counting.see(node);
    switch (node.type) {
      case 'Redirect':
        return this.#judgeRedirect(node);
      case 'HereDoc':
        // Shells disagree on where it ends.
        if (node.delimiter?.value.includes('\n') === true)
          this.#giveUp(node.delimiter.text, 'its end has several lines');
        else if (node.closing === undefined) this.#giveUp(`<<${node.delimiter?.text ?? ''}`, 'it has no end');
        else if (holdsUnfinished(node)) this.#giveUp(node.delimiter?.text ?? '', 'a substitution in it has no end');
        return;
      case 'Assignment':
        this.#assignments.push({ name: node.name, isPrefix: false });
        if (isSteeringVariable(node.name)) this.#giveUp(node.text, `it sets ${node.name}, which changes what runs`);
        return;
      case 'For':
      case 'Select':
        if (isSteeringVariable(node.name.value))
          this.#giveUp(node.name.text, `it sets ${node.name.value}, which changes what runs`);
        return;
      case 'ParameterExpansion':
        return this.#judgeExpansion(node);
      case 'Word': {
        const argument = wordArgument(node);
        if (argument.kind === 'known' && hidesSubstitution(argument.text))
          this.#giveUp(node.text, 'bash may run the substitution in it');
        return;
      }
      default:
    }
  }

  /** `sh` may take for commands what bash takes for a test, a sum, quotes or a file. */
  #judgePlain(node: SyntaxNode): void {
    if (isReadOtherwise(node)) this.#giveUp(node.type, 'sh may read it differently than bash');
  }

  #judgeRedirect(node: Redirect): void {
    if (node.target !== undefined && opensFile(node))
      this.#files.push({ target: wordArgument(node.target), access: node.operator === '<' ? 'read' : 'write' });
    if (writesFile(node)) this.#changes.push({ text: shown(node.target?.text ?? ''), reason: 'It writes a file.' });
  }

  #judgeExpansion({ text, prefix, parameter, operation }: ParameterExpansionPart): void {
    const listsNames = operation?.type === 'Names' || /\[[@*]\]\}$/.test(text);
    if (prefix === '!' && !listsNames) this.#giveUp(text, 'it names a variable by another');
    if (
      operation?.type === 'Transform' &&
      wordArgument(operation.operand).kind === 'known' &&
      operation.operand.value === 'P'
    )
      this.#giveUp(text, 'bash runs the substitutions in its value');
    if (operation?.type === 'Default' && operation.operator.endsWith('=') && isSteeringVariable(parameter))
      this.#giveUp(text, `it sets ${parameter}, which changes what runs`);
  }

  #readCommand(node: Command, scope: Scope): void {
    forEachChild(node, (child) => this.#read(child, inner(scope)));
    const standardInput = inputOf(node.redirects, scope.standardInput);
    if (node.name === undefined) return;
    for (const part of node.prefix)
      if (part.type === 'Assignment') this.#assignments.push({ name: part.name, isPrefix: true });
    this.#runWords([wordArgument(node.name), ...node.args.map(argumentOf)], { ...scope, standardInput });
    if (node.name.value === 'exec' && standardInput !== scope.standardInput)
      this.#giveUp('exec', 'it changes the input of what follows');
  }

  #runWords(words: readonly Argument[], scope: Scope): void {
    const [program, ...args] = words;
    if (program === undefined) return;
    if (scope.depth > maxDepth) return this.#giveUp('…', 'commands are nested too deeply');
    if (program.kind === 'dynamic')
      return this.#giveUp(program.source, 'the name of the program is only known when it runs');
    if (program.text === '') return this.#giveUp('""', 'the name of the program is empty');
    if (this.#defining.includes(program.text)) return this.#giveUp(program.text, 'the function calls itself');
    if (scope.functions.has(program.text)) return void this.#calledFunctions.add(program.text);
    this.#counting.seeWords(program.text, args);
    this.#commands.push({ words: [...words], standardInput: scope.standardInput.kind });
    if (!stateBuiltins.has(program.text)) this.#programs.add(program.text);
    if (program.text === 'unset') this.#unsets = true;
    const name = program.text.slice(program.text.lastIndexOf('/') + 1);
    const change = stateBuiltins.has(program.text) ? null : changeBy(program.text, args);
    if (change !== null) this.#changes.push({ text: shown(program.text), reason: change });
    const { standardInput, functions, depth } = scope;
    for (const consequence of consequencesOf({ name, args, standardInput })) {
      if (consequence.kind === 'unknown') this.#giveUp(program.text, consequence.reason);
      // Only builtins know the functions of this shell.
      else if (consequence.kind === 'command')
        this.#runWords(consequence.words, { ...scope, depth: depth + 1, functions: new Set() });
      else
        this.readText(consequence.text, {
          standardInput,
          depth: depth + 1,
          functions: consequence.inSameShell ? functions : new Set(),
          isPlainShell: consequence.inSameShell ? scope.isPlainShell : consequence.isPlainShell,
        });
    }
  }
}

const isReadOtherwise = (node: SyntaxNode): boolean => {
  switch (node.type) {
    case 'AnsiCQuoted':
      return node.text.includes("\\'");
    case 'ParameterExpansion':
      return /['"\\]/.test(node.text);
    case 'Redirect':
      return node.operator.startsWith('&>');
    default:
      return /^(TestCommand|ArithmeticCommand)$/.test(node.type);
  }
};

/** What the parser saw no end of stands as text, or goes on to the end of the body; a shell may see an end. */
const holdsUnfinished = ({ delimiter, body }: HereDoc): boolean =>
  delimiter?.quoted !== true && (body.parts ?? [{ type: 'Literal' as const, text: body.text }]).some(isUnfinished);

const isUnfinished = ({ type, text }: { type: string; text: string }): boolean => {
  if (type === 'Literal') return /(?<!\\)(?:\\\\)*(?:`|\$[({])/.test(text);
  if (type === 'ArithmeticExpansion') return !/(?:\)\)|\])$/.test(text);
  return /^(?:\$[({]|`)/.test(text) && !/[)}`]$/.test(text);
};

const cannotTell = (text: string, reason: string): CommandAnalysis['unknown'][number] => ({
  text: shown(text),
  reason: `It cannot be told what would run: ${reason}.`,
});

const shown = (text: string): string => (text.length > maxShownLength ? `${text.slice(0, maxShownLength)}…` : text);

/** Not a copy of a descriptor. */
const opensFile = ({ operator, target }: Redirect): boolean =>
  operator !== '<&' && !(operator === '>&' && /^(\d+|-)$/.test(target?.value ?? ''));

const writesFile = ({ operator, target }: Redirect): boolean => {
  if (operator === '<' || operator === '<&') return false;
  const argument = target === undefined ? undefined : wordArgument(target);
  if (argument?.kind !== 'known') return true;
  return !(
    /^\/dev\/(null|stdout|stderr|tty)$/.test(argument.text) ||
    (operator === '>&' && /^(\d+|-)$/.test(argument.text))
  );
};

/** What is defined in a part that may not run, or runs in a shell of its own, is not certain after it. */
const inner = (scope: Scope): Scope => ({ ...scope, functions: new Set(scope.functions) });

const inputOf = (redirections: readonly Redirection[], before: StandardInput): StandardInput => {
  const input = redirections.findLast((redirection) => isInput(redirection));
  if (input === undefined) return before;
  if (input.type === 'Redirect')
    return input.target?.value === '/dev/null' ? { kind: 'text', text: '' } : { kind: 'dynamic' };
  if (input.type === 'HereDoc') {
    const isLiteral = input.body.parts === undefined || input.body.parts.every(({ type }) => type === 'Literal');
    return isLiteral ? { kind: 'text', text: input.body.text } : { kind: 'dynamic' };
  }
  const argument = input.target === undefined ? undefined : wordArgument(input.target);
  return argument?.kind === 'known' ? { kind: 'text', text: argument.text } : { kind: 'dynamic' };
};

const isInput = (redirection: Redirection): boolean => {
  const { descriptor } = redirection;
  if (descriptor?.type === 'FileDescriptorVariable') return false;
  if (descriptor !== undefined) return descriptor.value === 0;
  return redirection.type !== 'Redirect' || redirection.operator.startsWith('<');
};

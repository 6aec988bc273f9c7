import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CommandError } from '../output/command-error.ts';
import { defineCommand, type AnyCommand } from './command.types.ts';
import { parseWords } from './parse.ts';

const command = defineCommand({
  summary: 'A command for tests.',
  examples: [],
  flags: {
    port: { type: 'number', short: 'p', placeholder: '<n>', min: 1, max: 65_535, summary: 'Port.' },
    name: { type: 'text', short: 'n', placeholder: '<text>', maxLength: 20, summary: 'Name.' },
    scope: { type: 'choice', choices: ['viewer', 'operator', 'admin'], summary: 'Scope.' },
    follow: { type: 'boolean', short: 'f', summary: 'Follow.' },
  },
  positionals: [
    { name: 'first', summary: 'The first.' },
    { name: 'second', summary: 'The second.', optional: true },
  ],
  run: async () => undefined,
});
const withRest: AnyCommand = { ...command, positionals: [], rest: { name: 'command', summary: 'What to run.' } };

const parse = (...words: string[]) => parseWords(command, words, 'test');
const failure = (work: () => unknown): CommandError => {
  try {
    work();
  } catch (error) {
    if (error instanceof CommandError) return error;
  }
  throw new Error('no usage error');
};

test('I12: flags are read in every usual form', () => {
  for (const words of [
    ['--port', '80', 'x'],
    ['--port=80', 'x'],
    ['-p', '80', 'x'],
    ['-p80', 'x'],
    ['x', '-fp', '80'],
  ])
    expect(parse(...words).flags.port).toBe(80);
  expect(parse('x', '-fp', '80').flags.follow).toBe(true);
  expect(parse('x').flags).toEqual({
    port: undefined,
    name: undefined,
    scope: undefined,
    follow: false,
    json: false,
    help: false,
  });
});

test('I12: unknown flags are errors with a suggestion and exit code 2', () => {
  const error = failure(() => parse('--prot', '80'));
  expect(error.message).toBe('Unknown flag --prot.');
  expect(error.facts).toMatchObject({ exitCode: 2, remedy: 'Did you mean --port?' });
  expect(failure(() => parse('-x')).message).toBe('Unknown flag -x.');
  for (const hostile of ['--__proto__', '--constructor=1', '--toString'])
    expect(failure(() => parse(hostile, 'x')).message).toContain('Unknown flag');
});

test('I5: values are judged with their range in the message', () => {
  for (const value of ['0', '65536', 'abc', '1e3', '-1', '8080 ', '٨٠', '99999999999999999999'])
    expect(failure(() => parse(`--port=${value}`, 'x')).message).toContain('must be a whole number from 1 to 65535');
  expect(failure(() => parse('--scope=admn', 'x')).facts.remedy).toBe('Did you mean admin?');
  expect(failure(() => parse('--name', 'x'.repeat(21), 'x')).message).toContain('--name is too long');
  expect(failure(() => parse('--name=', 'x')).message).toContain('must not be empty');
  expect(failure(() => parse('--name=a\0b', 'x')).message).toContain('NUL');
  expect(failure(() => parse('--name')).message).toContain('needs a value');
  expect(failure(() => parse('--name', '--follow', 'x')).message).toContain('--name=--follow');
  expect(failure(() => parse('--follow=yes', 'x')).message).toContain('takes no value');
});

test('I12: a value shown in an error cannot act on the terminal', () => {
  const { message } = failure(() => parse('--port=\x1b[2J\u202e1', 'x'));
  expect(message).toContain('\\x1b[2J\\u{202e}1');
});

test('I12: arguments that are missing or too many are named', () => {
  expect(failure(() => parse()).message).toContain('<first> is missing');
  expect(failure(() => parse('a', 'b', 'c')).message).toBe('Unexpected argument c.');
  expect(parse('a', '--', '-b').positionals).toEqual({ first: 'a', second: '-b' });
  expect(parse('-').positionals).toEqual({ first: '-' });
  expect(failure(() => parse('a'.repeat(10 * 1024 * 1024))).message).toContain('too long');
});

test('I12: help needs no arguments', () => {
  expect(parse('--help').isHelp).toBe(true);
  expect(parse('-h').isHelp).toBe(true);
});

test('I12: what follows -- or the first word belongs to the other command', () => {
  expect(parseWords(withRest, ['-f', '--', 'ls', '--port', 'x'], 'test').rest).toEqual(['ls', '--port', 'x']);
  expect(parseWords(withRest, ['-f', 'ls', '-la', '--', 'x'], 'test').rest).toEqual(['ls', '-la', '--', 'x']);
  expect(failure(() => parseWords(withRest, ['--'], 'test')).message).toContain('<command> is missing');
});

test('I12: no words at all can break the parser: it answers, or it says what is wrong', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.string(), fc.constantFrom('--', '-f', '--name', '--port=1'))), (words) => {
      try {
        parse(...words);
      } catch (error) {
        expect(error).toBeInstanceOf(CommandError);
      }
    }),
  );
});

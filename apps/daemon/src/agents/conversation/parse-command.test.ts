/** What is a command and what is said to the agent (A4). */
import { NavisError } from '@navisai/protocol';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { commandHelp, isCommand, parseCommand } from './parse-command.ts';

test('A4: commands are read as they are written', () => {
  expect(parseCommand(' !ls -l | wc')).toEqual({ name: 'run', command: 'ls -l | wc' });
  expect(parseCommand('/open web npm run dev\n')).toEqual({ name: 'open', terminal: 'web', command: 'npm run dev' });
  expect(parseCommand('/close web')).toEqual({ name: 'close', terminal: 'web' });
  expect(parseCommand('/list')).toEqual({ name: 'list' });
  expect(parseCommand('/model ollama/qwen3:8b')).toEqual({ name: 'model', value: 'ollama/qwen3:8b' });
});

test('A4: paths and sentences are said to the agent', () => {
  for (const text of ['/etc/hosts', '/unknown x', 'use !x', 'a /list', '/Open x y', '/constructor']) {
    expect(isCommand(text), text).toBe(false);
  }
});

test('A4: what is written wrongly says how it is written', () => {
  for (const text of ['!', '/open web', '/close', '/close a b', '/list all', '/node']) {
    expect(isCommand(text), text).toBe(true);
    expect(() => parseCommand(text)).toThrow(NavisError);
  }
  for (const line of commandHelp().split('\n').slice(1, -1)) expect(isCommand(line.split(':')[0] ?? '')).toBe(true);
});

test('A4: any text is either a command or refused with a reason', () => {
  fc.assert(
    fc.property(fc.constantFrom('!', '/open ', '/close ', '/status ', '/'), fc.string(), (start, rest) => {
      const text = start + rest;
      if (!isCommand(text)) return;
      try {
        expect(parseCommand(text).name).toBeTypeOf('string');
      } catch (error) {
        expect(error).toBeInstanceOf(NavisError);
      }
    }),
  );
});

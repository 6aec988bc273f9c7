import { expect, test } from 'vitest';
import { keysToInput } from './key-names.ts';

test('T22: names of keys are those of tmux', () => {
  expect(keysToInput('C-c')).toBe('\x03');
  expect(keysToInput('^D')).toBe('\x04');
  expect(keysToInput('Escape Enter')).toBe('\x1b\r');
  expect(keysToInput('M-x M-Enter')).toBe('\x1bx\x1b\r');
  expect(keysToInput('Up F5 C-?')).toBe('\x1b[A\x1b[15~\x7f');
  expect(keysToInput('')).toBe('');
});

test('T22: an unknown key is an error with a suggestion', () => {
  expect(() => keysToInput('Entr')).toThrow('there is no key "Entr"');
  expect(() => keysToInput('constructor')).toThrow('there is no key');
});

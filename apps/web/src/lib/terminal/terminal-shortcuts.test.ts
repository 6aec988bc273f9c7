/** Behaviour of the keys that the page keeps. */
import { expect, test } from 'vitest';
import { judgeShortcut } from './terminal-shortcuts.ts';

const key = (name: string, held: object = {}) => ({
  key: name,
  ctrlKey: false,
  metaKey: false,
  shiftKey: false,
  altKey: false,
  ...held,
});

test('T22: the program gets every plain, Ctrl and Alt key', () => {
  for (const name of ['c', 'v', 'f', 'k', 'r', 'w', 'd', 'z', 'PageUp', 'Escape', 'Tab']) {
    expect(judgeShortcut(key(name), true)).toBeUndefined();
    expect(judgeShortcut(key(name, { ctrlKey: true }), true)).toBeUndefined();
    expect(judgeShortcut(key(name, { altKey: true }), true)).toBeUndefined();
  }
});

test('copy, paste and search are where other terminals have them', () => {
  expect(judgeShortcut(key('C', { ctrlKey: true, shiftKey: true }), true)).toBe('copy');
  expect(judgeShortcut(key('c', { metaKey: true }), true)).toBe('copy');
  expect(judgeShortcut(key('c', { metaKey: true }), false)).toBeUndefined();
  expect(judgeShortcut(key('V', { ctrlKey: true, shiftKey: true }), false)).toBe('paste');
  expect(judgeShortcut(key('f', { metaKey: true }), false)).toBe('search');
  expect(judgeShortcut(key('PageUp', { shiftKey: true }), false)).toBe('scrollUp');
});

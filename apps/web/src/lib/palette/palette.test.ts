/** Behaviour of the command palette's search and keys. */
import { expect, test } from 'vitest';
import { searchPalette } from './palette.ts';
import { opensPalette } from './shortcut.ts';

const entry = (label: string, detail = '', keywords = '') => ({ id: label, label, detail, keywords });
const entries = [
  entry('web', 'dev server'),
  entry('webhooks', 'listener'),
  entry('db', 'web database'),
  entry('Settings'),
];
const find = (query: string) => searchPalette(entries, query).map(({ label }) => label);
const key = (change: object) => ({
  key: 'k',
  ctrlKey: false,
  metaKey: false,
  shiftKey: false,
  altKey: false,
  ...change,
});

test('an empty query shows everything in its order', () => {
  expect(find(' ')).toEqual(['web', 'webhooks', 'db', 'Settings']);
});

test('an exact name comes before a beginning, a beginning before a mention', () => {
  expect(find('web')).toEqual(['web', 'webhooks', 'db']);
  expect(find('WEB data')).toEqual(['db']);
  expect(find('stgs')).toEqual(['Settings']);
  expect(find('nothing')).toEqual([]);
});

test('plain Ctrl-K belongs to the shell inside a terminal and opens the palette elsewhere', () => {
  expect(opensPalette(key({ ctrlKey: true }), false)).toBe(true);
  expect(opensPalette(key({ ctrlKey: true }), true)).toBe(false);
  expect(opensPalette(key({ ctrlKey: true, shiftKey: true, key: 'K' }), true)).toBe(true);
  expect(opensPalette(key({ metaKey: true }), true)).toBe(true);
  expect(opensPalette(key({}), false)).toBe(false);
});

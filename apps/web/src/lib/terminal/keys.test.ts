/** Behaviour of the key bar's keys. */
import { expect, test } from 'vitest';
import { applyModifiers, encodeSpecialKey, noModifiers } from './keys.ts';

const ctrl = { isCtrl: true, isAlt: false };
const alt = { isCtrl: false, isAlt: true };

test('T22: arrows follow the mode that the program chose', () => {
  expect(encodeSpecialKey('up', noModifiers, false)).toBe('\x1b[A');
  expect(encodeSpecialKey('up', noModifiers, true)).toBe('\x1bOA');
  expect(encodeSpecialKey('left', ctrl, true)).toBe('\x1b[1;5D');
});

test('T22: editing keys and plain keys send what a keyboard sends', () => {
  expect(encodeSpecialKey('pageDown', noModifiers, false)).toBe('\x1b[6~');
  expect(encodeSpecialKey('delete', alt, false)).toBe('\x1b[3;3~');
  expect(encodeSpecialKey('escape', noModifiers, false)).toBe('\x1b');
  expect(encodeSpecialKey('tab', alt, false)).toBe('\x1b\t');
});

test('T22: sticky Ctrl turns the next character into a control character, Alt puts Escape before it', () => {
  expect(['c', 'C', '[', ' ', '?', '1'].map((key) => applyModifiers(key, ctrl))).toEqual([
    '\x03',
    '\x03',
    '\x1b',
    '\0',
    '\x7f',
    '1',
  ]);
  expect(applyModifiers('b', alt)).toBe('\x1bb');
  expect(applyModifiers('c', { isCtrl: true, isAlt: true })).toBe('\x1b\x03');
});

test('T22: a paste is not changed by sticky keys', () => {
  expect(applyModifiers('cat', ctrl)).toBe('cat');
  expect(applyModifiers('ä', ctrl)).toBe('ä');
});

/** Hostile text, shown. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeRange } from './decode-range.ts';
import { escapeForDisplay, shortForDisplay } from './escape-for-display.ts';

test('T20: controls, directions and hidden characters are shown escaped', () => {
  expect(escapeForDisplay('a\x1b[31m\r\n\t\x07\u202e\u200b\u009b\ufeff\u2066é漢😀')).toBe(
    'a\\x1b[31m\\r\\n\\t\\x07\\u202e\\u200b\\x9b\\ufeff\\u2066é漢😀',
  );
  expect(escapeForDisplay('\ud800x')).toBe('\ufffdx');
});

test('T20: shortened text is never longer than asked, whatever it holds', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), fc.integer({ min: 1, max: 100 }), (text, length) => {
      const shown = shortForDisplay(text, length);
      expect(shown.length).toBeLessThanOrEqual(length);
      expect(shown).toBe(escapeForDisplay(shown));
    }),
  );
});

test('T3: a range cut out of text never begins or ends with half a character', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 40 }), fc.nat(100), fc.nat(100), (text, from, length) => {
      const bytes = new TextEncoder().encode(text);
      const range = bytes.subarray(from, from + length);
      const decoded = decodeRange(range, { start: true, end: true });
      expect(text).toContain(decoded);
      expect(range.length - new TextEncoder().encode(decoded).length).toBeLessThanOrEqual(6);
    }),
  );
});

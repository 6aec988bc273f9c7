import fc from 'fast-check';
import { expect, test } from 'vitest';
import { printable, printableLines, toJson } from './printable.ts';

const acting = /[\0-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/;

test('issue 2: text of others cannot move the cursor, colour or reorder what is printed', () => {
  expect(printable('a\x1b[2Jb\r\n\u202ec\x9b31m')).toBe('a\\x1b[2Jb\\r\\n\\u{202e}c\\x9b31m');
  expect(printable('grün 漢字 👨‍👩‍👧 ❤️')).toBe('grün 漢字 👨‍👩‍👧 ❤️');
  expect(printable('\ud800x')).toBe('\\u{d800}x');
  expect(printable('tag\u{e0041}')).toBe('tag\\u{e0041}');
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(printable(text)).not.toMatch(acting);
    }),
  );
});

test('issue 2: long text is cut', () => {
  expect(printable('x'.repeat(10 * 1024 * 1024)).length).toBe(2000);
});

test('issue 2: in several lines only line ends and tabs stay', () => {
  expect(printableLines('a\r\nb\tc\x1b]0;x\x07\nd\re')).toBe('a\nb\tc\\x1b]0;x\\x07\nd\\re');
});

test('I12: JSON is one line without acting characters, and reads back the same', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const json = toJson({ text });
      expect(json).not.toMatch(acting);
      expect(JSON.parse(json)).toEqual({ text });
    }),
  );
});

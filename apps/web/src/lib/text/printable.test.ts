/** Behaviour of showing text that others chose. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { printable, readable } from './printable.ts';

test('A8: control characters, escape sequences and direction overrides lose their power', () => {
  expect(printable('a\u001b[31mb')).toBe('a\ufffd[31mb');
  expect(printable('invoice\u202efdp.exe')).toBe('invoice\ufffdfdp.exe');
  expect(printable('two\r\nlines')).toBe('two lines');
  expect(printable('zero\u200bwidth')).toBe('zero\ufffdwidth');
});

test('A8: ordinary text of every writing stays as it is', () => {
  for (const text of ['dev server', 'Müller & Söhne <b>', 'שלום', 'مرحبا', '日本語', '👩‍💻 builds']) {
    expect(printable(text)).toBe(text);
  }
});

test('A8: whatever comes in, what comes out is bounded and has no control character', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 2000 }), (text) => {
      const shown = printable(text);
      expect(shown.length).toBeLessThanOrEqual(501);
      expect(shown).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
    }),
  );
});

test('A2: the text that a person decides about is whole, and nothing in it hides or reorders', () => {
  const text = 'rm -rf /\u202e # txt.\u200b\r\n\tok \u{1f600} \u{e0041}';
  expect(readable(text)).toBe('rm -rf /\\u{202e} # txt.\\u{200b}\\u{d}\n\tok \u{1f600} \\u{e0041}');
  const long = `${'x'.repeat(5_000)}; rm y`;
  expect(readable(long)).toBe(long);
});

/** Terminal output as a person reads it. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createReadableText, readableText } from './readable-text.ts';

describe('readable text', () => {
  test.each([
    ['line ends', 'a\r\nb\nc', 'a\nb\nc'],
    ['several carriage returns', 'a\r\r\nb', 'a\nb'],
    ['progress', '10%\r99%\r\n', '99%\n'],
    ['a shorter line over a longer one', 'abcdef\rxy', 'xycdef'],
    ['erase to the end of the line', 'abcdef\rxy\x1b[K', 'xy'],
    ['erase the whole line', 'abcdef\x1b[2K\rxy', 'xy'],
    ['backspace', 'abc\b\bX', 'aXc'],
    ['backspace, space, backspace', 'ab\b \b', 'a '],
    ['colours and titles', '\x1b[1;31mred\x1b[0m\x1b]0;title\x07!\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\', 'red!link'],
    ['character sets and keypad', '\x1b(B\x1b=a\x1b>\x1bM', 'a'],
    ['device control strings', 'a\x1bPq#1\x1b\\b\x1b_x\x1b\\c', 'abc'],
    ['cursor right', 'a\x1b[3Cb', 'a   b'],
    ['cursor to a column', 'abc\x1b[2GX', 'aXc'],
    ['cursor up and down', 'one\r\ntwo\r\x1b[AONE\x1b[B\rTWO', 'ONE\nTWO'],
    ['insert and delete', 'abc\r\x1b[2@\x1b[1P', ' abc'],
    ['erase below', 'a\r\nb\r\nc\x1b[2A\x1b[J', 'a'],
    ['an unfinished sequence', 'a\x1b[12', 'a'],
    ['a tab', 'a\tb', 'a\tb'],
    ['8-bit CSI', '\u009b31mred', 'red'],
  ])('T21: %s', (_name, output, expected) => {
    expect(readableText(output)).toBe(expected);
  });

  test('T30: with overwritten lines kept, nothing passes unseen', () => {
    const readable = createReadableText({ keepOverwritten: true });
    readable.push('10%\r50%\rready\r\x1b[K\x1b[2Kdone\n');
    expect(readable.take() + readable.pending()).toBe('10%\n50%\nready\nready\ndone\n');
  });

  test('is the same however the output is cut', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        '\r\n',
        '\n',
        '\r',
        '\b',
        '\x1b[K',
        '\x1b[2A',
        '\x1b[1B',
        '\x1b[5G',
        '\x1b]0;t\x07',
        '\x1b[31m',
        '\x1b[H',
        '\x1b[2J',
        'é漢😀',
      ),
      fc.string({ maxLength: 8 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), fc.array(fc.nat(200), { maxLength: 10 }), (pieces, cuts) => {
        const text = pieces.join('');
        const readable = createReadableText();
        let at = 0;
        let taken = '';
        for (const cut of cuts.toSorted((a, b) => a - b)) {
          readable.push(text.slice(at, cut));
          taken += readable.take();
          at = Math.max(at, Math.min(cut, text.length));
        }
        readable.push(text.slice(at));
        expect(taken + readable.take() + readable.pending()).toBe(readableText(text));
        expect(readableText(text)).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f]/);
      }),
    );
  });

  test('stays fast and bounded on one huge line and on hostile movements', () => {
    const readable = createReadableText();
    const startedAt = performance.now();
    for (let index = 0; index < 2000; index += 1) readable.push(`${'x'.repeat(1000)}\x1b[9999C\x1b[9999A\x1b[9999P\b`);
    expect(performance.now() - startedAt).toBeLessThan(5000);
    expect(readable.pending().length).toBeLessThan(200_000);
  });
});

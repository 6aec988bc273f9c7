/** Marks in output that arrives in pieces. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CommandMarks } from './command-marks.ts';

const nonce = '0123456789abcdef0123456789abcdef';
const begin = `\x1b]133;C;navis=${nonce}\x07`;
const end = (code: number): string => `\x1b]133;D;${code};navis=${nonce}\x07`;

test('T24: marks are found at their offsets wherever the output is cut', () => {
  const before = '$ \x1b[?2004h \\. /x\r\n\x1b[?2004l\r';
  const body = 'out \x1b]133;D;0\x07 \x1b]133;D;0;navis=ffffffffffffffffffffffffffffffff\x07\r\n';
  const text = Buffer.from(`${before}${begin}${body}${end(42)}\x1b[?2004h$ `);
  fc.assert(
    fc.property(fc.array(fc.nat(text.length), { maxLength: 20 }), (cuts) => {
      const marks = new CommandMarks(nonce);
      const places = [0, ...cuts.toSorted((a, b) => a - b), text.length];
      for (const [index, start] of places.slice(0, -1).entries())
        marks.push({ offset: 1000 + start, bytes: text.subarray(start, places[index + 1]) });
      const from = 1000 + before.length + begin.length;
      expect(marks.begin).toBe(from);
      expect(marks.end).toEqual({ offset: from + body.length, exitCode: 42 });
      expect(marks.tellsPrompts).toBe(true);
      expect(marks.prompt).toBe(from + body.length + end(42).length);
      expect(marks.position).toBe(1000 + text.length);
    }),
  );
});

test('T24: the first end counts, and a prompt that is left again is none', () => {
  const marks = new CommandMarks(nonce);
  marks.push({ offset: 0, bytes: Buffer.from(`${begin}\x1b[?2004hvim\x1b[?2004l${end(1)}${end(2)}`) });
  expect(marks.end?.exitCode).toBe(1);
  expect(marks.prompt).toBeNull();
  expect(marks.tellsPrompts).toBe(false);
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { HeadlessScreen } from './headless-screen.ts';
import { findPlainSkip } from './skip-plain.ts';

const listener = { onReply: () => undefined, onTitle: () => undefined };
const size = { offset: 0, columns: 40, rows: 8 };

const line = fc.oneof(
  { weight: 10, arbitrary: fc.string({ unit: fc.constantFrom(...'abc 09', '\t', 'é', '字', '─'), maxLength: 60 }) },
  { weight: 3, arbitrary: fc.constantFrom('\x1b[31mred', '\x1b[1;44mblue', '\x1b[m', '\x1b[0mplain', '\x1b[38;5;9mx') },
);
const before = fc.constantFrom(
  '',
  'prompt$ ',
  '\x1b[33m',
  '\x1b[?1049h',
  '\x1b[5;5Hhere',
  '\x1b[2;4r\x1b[3;1H',
  '\x1b[4h',
  '\x1b[?6h',
);
const after = fc.constantFrom('', 'tail', '\x1b[2;2Hmark', '\x1b[31mc\x1b[K', '\x1b[', '\u00e9'.slice(0, 1));
const ending = fc.constantFrom('\r\n', '\r\n', '\r\n', '\n');

test('a flood of plain lines gives the same screen when most of it is skipped', () => {
  fc.assert(
    fc.property(fc.array(line, { minLength: 5, maxLength: 40 }), before, after, ending, (lines, head, tail, end) => {
      const block = lines.map((text) => text + end).join('');
      const flood = head + block.repeat(Math.ceil(400_000 / block.length)) + tail;
      const bytes = Buffer.from(flood);
      const exact = new HeadlessScreen(size, listener);
      for (let at = 0; at < bytes.length;)
        at += exact.feed(bytes.subarray(at, at + 50_000), { answers: false, maxBytes: 50_000 });
      const skipping = new HeadlessScreen(size, listener);
      for (let at = 0; at < bytes.length;)
        at += skipping.feed(bytes.subarray(at), { answers: false, maxBytes: 32_768 });
      expect(skipping.parsedOffset).toBe(bytes.length);
      expect(skipping.state(2000)).toEqual(exact.state(2000));
    }),
    { numRuns: 40 },
  );
});

test('plain lines are skipped, others are not', () => {
  const limits = { leadLines: 2, keepLines: 3 };
  const skip = (text: string) => findPlainSkip(Buffer.from(text), 0, limits);
  expect(skip('a\r\n'.repeat(20))).toEqual({ from: 9, to: 51, attributes: '' });
  expect(skip('a\r\n'.repeat(6))).toBeNull();
  expect(skip('a\n'.repeat(20))).toBeNull();
  expect(skip('\x1b[Ka\r\n'.repeat(20))).toBeNull();
  expect(skip('\u009b2Ja\r\n'.repeat(20))).toBeNull();
  expect(skip('\x1b[31ma\x1b[1m\r\n'.repeat(20))?.attributes).toMatch(/^(\x1b\[31m\x1b\[1m)+$/);
  expect(skip('\x1b[31ma\x1b[m\r\n'.repeat(20))?.attributes).toBe('\x1b[m');
});

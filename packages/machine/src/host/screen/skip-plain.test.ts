import fc from 'fast-check';
import { expect, test } from 'vitest';
import { HeadlessScreen } from './headless-screen.ts';
import { findPlainSkip } from './skip-plain.ts';

const listener = { onReply: () => undefined, onTitle: () => undefined };
const size = { offset: 0, columns: 40, rows: 8 };

const line = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.string({ unit: fc.constantFrom(...'abc 09', '\t', '\b', 'é', '字', '─'), maxLength: 60 }),
  },
  { weight: 10, arbitrary: fc.string({ unit: fc.constantFrom(...'abc 09'), maxLength: 200 }) },
  { weight: 3, arbitrary: fc.constantFrom('\x1b[31mred', '\x1b[1;44mblue', '\x1b[m', '\x1b[0mplain', '\x1b[38;5;9mx') },
  { weight: 2, arbitrary: fc.constantFrom('50%\r\x1b[K60%', 'abc\x1b[1K', '\x1b[2Kx', 'over\rwritten') },
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
  '\x1b[?7l',
  'x'.repeat(40),
);
const after = fc.constantFrom('', 'tail', '\x1b[2;2Hmark', '\x1b[31mc\x1b[K', '\x1b[', 'x'.repeat(40));
const ending = fc.constantFrom('\r\n', '\r\n', '\n', '', '\r\n\r\n');

test('a flood of plain text gives the same screen when most of it is skipped', () => {
  let skipped = 0;
  const property = fc.property(
    fc.array(line, { minLength: 5, maxLength: 40 }),
    before,
    after,
    ending,
    (lines, head, tail, end) => {
      const block = lines.map((text) => text + end).join('') || 'x';
      const bytes = Buffer.from(head + block.repeat(Math.ceil(200_000 / block.length)) + tail);
      const exact = new HeadlessScreen(size, listener);
      for (let at = 0; at < bytes.length;)
        at += exact.feed(bytes.subarray(at, at + 50_000), { answers: false, maxBytes: 50_000 });
      const skipping = new HeadlessScreen(size, listener);
      for (let at = 0; at < bytes.length;) {
        const taken = skipping.feed(bytes.subarray(at), { answers: false, maxBytes: 32_768 });
        if (taken > 100_000) skipped += 1;
        at += taken;
      }
      expect(skipping.parsedOffset).toBe(bytes.length);
      expect(skipping.state(2000)).toEqual(exact.state(2000));
    },
  );
  const numRuns = 40;
  fc.assert(property, { numRuns });
  expect(skipped).toBeGreaterThan(numRuns / 4);
});

test('plain text is skipped, other text is not', () => {
  const skip = (text: string) =>
    findPlainSkip({ bytes: Buffer.from(text), column: 0, columns: 80, leadRows: 2, keepRows: 3 });
  const wide = `${'a'.repeat(70)}\r\n`;
  expect(skip(wide.repeat(20))).toEqual({ from: 3 * 72, to: 17 * 72, attributes: '' });
  expect(skip(wide.repeat(5))).toBeNull();
  expect(skip('a'.repeat(2000))).toEqual({ from: 320, to: 1760, attributes: '' });
  expect(skip(`${'a'.repeat(70)}\n`.repeat(50))).not.toBeNull();
  expect(skip(`\x1b[2J${wide}`.repeat(20))).toBeNull();
  expect(skip(`\u009b2J${wide}`.repeat(20))).toBeNull();
  expect(skip(`\x1b[K${wide}`.repeat(20))?.attributes).toBe('');
  expect(skip(`\x1b[31ma\x1b[1m${wide}`.repeat(20))?.attributes).toMatch(/^(\x1b\[31m\x1b\[1m)+$/);
  expect(skip(`\x1b[31ma\x1b[m${wide}`.repeat(20))?.attributes).toBe('\x1b[m');
});

import fc from 'fast-check';
import headless from '@xterm/headless';
import type { Terminal } from '@xterm/headless';
import { expect, test } from 'vitest';
import { attributesKey } from './cell-attributes.ts';
import { plainLines } from './plain-lines.ts';
import { serializeScreen } from './serialize-screen.ts';
import { internalsOf, newCell, type Cell, type ScreenBuffer, type TerminalInternals } from './xterm-internals.ts';

const columns = 20;
const rows = 6;
const scrollback = 12;

const create = (): Terminal =>
  new headless.Terminal({ cols: columns, rows, scrollback, allowProposedApi: true, logLevel: 'off' });

const write = (terminal: Terminal, text: string): void => internalsOf(terminal)._inputHandler.parse(text);

/** The first row may continue one that is gone; that cannot be told, and moves with the row. */
const describeBuffer = (buffer: ScreenBuffer, withWraps: boolean) => ({
  rows: Array.from({ length: buffer.lines.length }, (_, index) => {
    const line = buffer.lines.get(index);
    const cell = newCell(buffer);
    const cells = Array.from({ length: columns }, (_unused, column) => {
      line?.loadCell(column, cell);
      const blank = cell.getWidth() === 0 ? '' : ' ';
      // A hyperlink's number differs from terminal to terminal.
      return `${cell.getChars() || blank}${cell.getWidth() === 0 ? '' : attributesKey(cell).replace(/(:\d+:-?\d+):\d+$/, '$1')}`;
    });
    return `${withWraps && index > 0 && line?.isWrapped === true ? '↳' : ''}${cells.join('|')}`;
  }),
});

const describeTerminal = (terminal: TerminalInternals, withWraps = true) => {
  const { active, normal } = terminal.buffers;
  return {
    normal: describeBuffer(normal, withWraps),
    active: describeBuffer(active, withWraps),
    isAlternate: active !== normal,
    cursor: [active.x, active.y],
    margins: [active.scrollTop, active.scrollBottom, normal.scrollTop, normal.scrollBottom],
    attributes: attributesKey(terminal._inputHandler._curAttrData),
    dec: terminal.coreService.decPrivateModes,
    insert: terminal.coreService.modes.insertMode,
    hidden: terminal.coreService.isCursorHidden,
    mouse: [terminal.coreMouseService.activeProtocol, terminal.coreMouseService.activeEncoding],
    eol: terminal.options.convertEol,
  };
};

/** Editing inside of a wide character leaves halves behind that no sequence can make on purpose. */
const hasHalves = ({ buffers }: TerminalInternals): boolean =>
  [buffers.normal, buffers.active].some((buffer) =>
    Array.from({ length: buffer.lines.length }, (_, index) => buffer.lines.get(index)).some((line) => {
      const widths = Array.from({ length: columns }, (_, at) => line?.loadCell(at, newCell(buffer)).getWidth());
      return widths.some((width, at) => (width === 0) !== (widths[at - 1] === 2));
    }),
  );

/** A link ends with the rows it was written on; text of it that was moved elsewhere still names it, and leads nowhere. */
const hasDeadLinks = ({ buffers, _oscLinkService: links }: TerminalInternals): boolean =>
  [buffers.normal, buffers.active].some((buffer) =>
    cellsOf(buffer).some((cell) => cell.hasExtendedAttrs() !== 0 && isDead(cell.extended.urlId, links)),
  );

const isDead = (linkId: number, links: TerminalInternals['_oscLinkService']): boolean =>
  linkId !== 0 && links.getLinkData(linkId) === undefined;

const cellsOf = (buffer: ScreenBuffer): Cell[] =>
  Array.from({ length: buffer.lines.length * columns }, (_, at) => {
    const cell = newCell(buffer);
    return buffer.lines.get(Math.floor(at / columns))?.loadCell(at % columns, cell) ?? cell;
  });

const small = fc.integer({ min: 1, max: 8 });
const numbered = (finals: string) =>
  fc.tuple(small, fc.constantFrom(...finals)).map(([number, final]) => `\x1b[${number}${final}`);
const text = fc.oneof(
  fc.string({ unit: fc.constantFrom(...'abcxyz 0189#_'), minLength: 1, maxLength: 50 }),
  fc.constantFrom('字', '漢字', 'e\u0301', 'ü', '😀', 'q', '─'),
);
const attributes = fc.constantFrom(
  ...' 0 1 2;3 4 5;9 7 8 53 31 97 38;5;200 38;2;1;2;3 41 48;5;30 48;2;9;9;9 39;49 22;24 1;4;33;44'.split(' '),
);
const extended = fc.constantFrom(
  ['\x1b[4:3m', '\x1b[m'],
  ['\x1b[4:2;58:5:9m', '\x1b[m'],
  ['\x1b(0', '\x1b(B'],
  ['\x1b)0\x0e', '\x0f'],
  ['\x1b[58:2::9:8:7;4m', '\x1b[m'],
  ['\x1b]8;;http://a\x1b\\', '\x1b]8;;\x1b\\'],
  ['\x1b]8;id=1;http://b\x1b\\\x1b[4m', '\x1b]8;;\x1b\\\x1b[m'],
);
const sequence = fc.oneof(
  { weight: 8, arbitrary: text },
  { weight: 5, arbitrary: attributes.map((codes) => `\x1b[${codes}m`) },
  // The terminal itself mixes these up when a saved cursor is restored between them, so they come whole.
  { weight: 2, arbitrary: fc.tuple(extended, text).map(([[open, close], inside]) => open + inside + close) },
  { weight: 5, arbitrary: fc.constantFrom('\r\n', '\n', '\r', '\b', '\t', '\r\n\r\n\r\n') },
  { weight: 5, arbitrary: numbered('ABCDEFGIZ@PLMXSTbd') },
  { weight: 3, arbitrary: fc.tuple(small, small).map(([row, column]) => `\x1b[${row};${column * 3}H`) },
  { weight: 3, arbitrary: fc.constantFrom('\x1b[J', '\r\x1b[1J', '\x1b[2J', '\x1b[K', '\x1b[1K', '\x1b[2K') },
  { weight: 2, arbitrary: fc.constantFrom('\x1b[2;4r', '\x1b[3;6r', '\x1b[r', '\x1b[1;3r') },
  { weight: 2, arbitrary: fc.constantFrom('\x1b7', '\x1b8', '\x1bM', '\x1bD', '\x1bE', '\x1bH', '\x1b[g', '\x1b[3g') },
  {
    weight: 2,
    arbitrary: fc.constantFrom('\x1b[1"q', '\x1b[0"q'),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(
        fc.constantFrom(
          '?1',
          '?6',
          '?7',
          '?25',
          '?45',
          '?66',
          '?1000',
          '?1002',
          '?1006',
          '?1004',
          '?2004',
          '4',
          '20',
          '?12',
        ),
        fc.constantFrom('h', 'l'),
      )
      .map(([mode, final]) => `\x1b[${mode}${final}`),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom('\x1b[?47h', '\x1b[?47l', '\x1b[?1047h', '\x1b[?1049h', '\x1b[?1049l', '\x1b[!p'),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom('\x1b[4 q', '\x1b[5 q'),
  },
);
const stream = fc.array(sequence, { minLength: 1, maxLength: 60 });

const attach = (reference: Terminal): Terminal => {
  const copy = create();
  write(copy, serializeScreen(internalsOf(reference), { scrollback: 1000, title: '', colors: [] }));
  return copy;
};

test('a screen rebuilt from its snapshot is equal, and stays equal under whatever follows', () => {
  fc.assert(
    fc.property(stream, stream, (before, after) => {
      const reference = create();
      write(reference, before.join(''));
      fc.pre(!hasHalves(internalsOf(reference)) && !hasDeadLinks(internalsOf(reference)));
      const copy = attach(reference);
      expect(describeTerminal(internalsOf(copy))).toEqual(describeTerminal(internalsOf(reference)));
      for (const piece of after) {
        write(reference, piece);
        write(copy, piece);
      }
      expect(describeTerminal(internalsOf(copy), false)).toEqual(describeTerminal(internalsOf(reference), false));
    }),
    { numRuns: 300 },
  );
});

test('a character set in use stays in use', () => {
  for (const before of ['\x1b(0qx', '\x1b)0ab\x0e', '\x1b*A\x1bn#', '\x1b)0\x0eq\x0f']) {
    const reference = create();
    write(reference, before);
    const copy = attach(reference);
    for (const terminal of [reference, copy]) write(terminal, 'qx#\x0eqx#\x0fqx#');
    expect(describeTerminal(internalsOf(copy))).toEqual(describeTerminal(internalsOf(reference)));
  }
});

test('title and colours are part of the snapshot', () => {
  const reference = create();
  const titles: string[] = [];
  const copy = create();
  copy.onTitleChange((title) => void titles.push(title));
  write(copy, serializeScreen(internalsOf(reference), { scrollback: 0, title: 'build', colors: ['4;1;#ff0000'] }));
  expect(titles).toEqual(['build']);
});

test('T21: lines are told as a person sees them', () => {
  const terminal = create();
  write(terminal, '10%\r20%\r\n\x1b[31mred\x1b[m and\b\b\b\b so\x1b[K\r\n\r\nunfinished');
  expect(plainLines(internalsOf(terminal), 20)).toEqual(['20%', 'red so', '', 'unfinished']);
  expect(plainLines(internalsOf(terminal), 2)).toEqual(['', 'unfinished']);
  write(terminal, `\r\n${'x'.repeat(50)}\r\n`);
  expect(plainLines(internalsOf(terminal), 1)).toEqual(['x'.repeat(50)]);
  expect(plainLines(internalsOf(create()), 5)).toEqual([]);
});

/** Behaviour of scrolling back through retained output, on a real xterm.js screen. */
import { Terminal } from '@xterm/xterm';
import { expect, test } from 'vitest';
import { beginsInAlternateScreen } from './alternate-screen.ts';
import { HistoryReader } from './history-reader.ts';
import type { HistorySource } from './history-reader.ts';
import { windowBytes } from './history-window.ts';

const size = { columns: 80, rows: 24 };
const bytesOf = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

const sourceOf = (all: Uint8Array<ArrayBuffer>, firstOffset = 0): HistorySource => ({
  read: async (from, limit) => {
    const offset = Math.max(from, firstOffset);
    return { offset, bytes: all.subarray(offset, offset + limit), firstOffset, endOffset: all.length };
  },
});

const openReader = (source: HistorySource, scrollback = 20_000) => {
  const screen = new Terminal({ cols: size.columns, rows: size.rows, scrollback, allowProposedApi: true });
  const reader = new HistoryReader({ screen, source, onChange: () => {} });
  const topLine = (): string =>
    screen.buffer.active.getLine(screen.buffer.active.viewportY)?.translateToString(true) ?? '';
  return { screen, reader, topLine };
};

const numbered = (count: number): string => Array.from({ length: count }, (_, line) => `line ${line + 1}`).join('\r\n');

/** Goes up window by window, and says which lines were on top on the way. */
const climb = async ({ screen, reader, topLine }: ReturnType<typeof openReader>): Promise<string[]> => {
  const tops: string[] = [];
  for (let step = 0; step < 100; step += 1) {
    screen.scrollToLine(0);
    const before = topLine();
    if (!(await reader.earlier())) break;
    expect(topLine()).toBe(before);
    tops.push(before);
  }
  screen.scrollToLine(0);
  return tops;
};

test('T17: history scrolls to the very first byte, and what is in view stays in view', async () => {
  const all = bytesOf(numbered(150_000));
  const opened = openReader(sourceOf(all));
  await opened.reader.open({ to: all.length, firstOffset: 0, size, linesFromEnd: 0 });
  expect(opened.topLine()).toBe('line 149977');
  const tops = await climb(opened);
  expect(tops.length).toBeGreaterThan(2);
  expect(opened.topLine()).toBe('line 1');
  expect(opened.reader.state.window.from).toBe(0);
});

test('T17: more lines than the screen keeps still lead to the first line', async () => {
  const all = bytesOf('\r\n'.repeat(30_000) + numbered(3000));
  const opened = openReader(sourceOf(all), 5000);
  await opened.reader.open({ to: all.length, firstOffset: 0, size, linesFromEnd: 0 });
  await climb(opened);
  expect(opened.reader.state.window.from).toBe(0);
});

test('T17: going back from the bottom of a full screen makes progress, too', async () => {
  const all = bytesOf(numbered(150_000));
  const { reader, screen } = openReader(sourceOf(all), 5000);
  await reader.open({ to: all.length, firstOffset: 0, size, linesFromEnd: 0 });
  for (let last = all.length; reader.state.window.from > 0; last = reader.state.window.from) {
    screen.scrollToLine(screen.buffer.active.baseY);
    expect(await reader.earlier()).toBe(true);
    expect(reader.state.window.from).toBeLessThan(last);
  }
});

test('T17: going down again leads back to the newest line', async () => {
  const all = bytesOf(numbered(150_000));
  const { reader, screen, topLine } = openReader(sourceOf(all));
  await reader.open({ to: all.length, firstOffset: 0, size, linesFromEnd: 0 });
  await reader.toStart();
  expect(topLine()).toBe('line 1');
  for (let step = 0; step < 100; step += 1) {
    screen.scrollToLine(screen.buffer.active.baseY);
    const before = topLine();
    if (!(await reader.later(all.length))) break;
    expect(topLine()).toBe(before);
  }
  screen.scrollToLine(screen.buffer.active.baseY);
  expect(topLine()).toBe('line 149977');
});

test('T17: what is no longer retained is where history begins', async () => {
  const all = bytesOf(numbered(150_000));
  const firstOffset = 1_000_000;
  const opened = openReader(sourceOf(all, firstOffset));
  await opened.reader.open({ to: all.length, firstOffset, size, linesFromEnd: 0 });
  await climb(opened);
  expect(opened.reader.state).toMatchObject({ firstOffset, window: { from: firstOffset } });
});

test('T17: output of a full-screen program leaves no garbage among the lines before and after it', async () => {
  const inside = '\x1b[2J\x1b[Hfull screen'.repeat(60_000);
  const all = bytesOf(`before\r\n\x1b[?1049h${inside}\x1b[?1049lafter\r\n`);
  const opened = openReader(sourceOf(all));
  await opened.reader.open({ to: all.length, firstOffset: 0, size, linesFromEnd: 0 });
  await climb(opened);
  const lines = Array.from({ length: 3 }, (_, y) => opened.screen.buffer.normal.getLine(y)?.translateToString(true));
  expect(lines.join('\n')).not.toContain('full screen');
});

test('a stretch that began inside a full-screen program is recognised by its way out', () => {
  expect(beginsInAlternateScreen(bytesOf('abc\x1b[?1049l$ '))).toBe(true);
  expect(beginsInAlternateScreen(bytesOf('a\x1b[?1049hb\x1b[?1049l'))).toBe(false);
  expect(beginsInAlternateScreen(bytesOf('plain \x1b[1m text'))).toBe(false);
});

test('T17: one window is bounded however large the history is', async () => {
  const asked: number[] = [];
  const source = sourceOf(bytesOf(numbered(150_000)));
  const counting: HistorySource = { read: (from, limit) => (asked.push(limit), source.read(from, limit)) };
  const opened = openReader(counting);
  await opened.reader.open({ to: 1_500_000, firstOffset: 0, size, linesFromEnd: 0 });
  await climb(opened);
  expect(Math.max(...asked)).toBeLessThanOrEqual(windowBytes);
});

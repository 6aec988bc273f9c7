/** What a window is given when its hub was away for long, with a hub whose every step the test decides. */
import type { ReadStream, WriteStream } from 'node:tty';
import type { Live, TerminalHandlers, TerminalView, TerminalViewOptions } from '@navisai/client';
import type { TerminalInfo } from '@navisai/protocol';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { AttachSession } from './attach-session.ts';
import { LocalTerminal } from './local-terminal.ts';

const size = { columns: 80, rows: 24 };
const plain = { firstOffset: 0, catchingUp: false, title: '', cwd: null, alternateScreen: false };
const bannerMs = 4_000;
const repaintMs = 250;

interface OpenedView {
  options: TerminalViewOptions;
  handlers: TerminalHandlers;
}

const attach = () => {
  const views: OpenedView[] = [];
  let tellLink: Parameters<Live['onState']>[0] = () => undefined;
  const live = {
    state: { kind: 'connected', since: 0 },
    onState: (listener: typeof tellLink) => {
      tellLink = listener;
      return () => undefined;
    },
    viewTerminal: (options: TerminalViewOptions, handlers: TerminalHandlers) => {
      views.push({ options, handlers });
      const state = { phase: 'live', isInControl: true, ...size };
      return { state, close: () => undefined, resize: () => 'sent' } as unknown as TerminalView;
    },
  };
  let shown = '';
  const output = {
    write: (data: string | Uint8Array) => (shown += Buffer.from(data as string).toString()),
    getWindowSize: () => [size.columns, size.rows],
  };
  const unused = () => undefined;
  const local = new LocalTerminal({
    input: process.stdin as ReadStream,
    output: output as unknown as WriteStream,
    onInput: unused,
    onResize: unused,
    onGone: unused,
  });
  const session = new AttachSession({
    live: live as unknown as Live,
    terminal: { id: 't_1', name: 'counter' } as TerminalInfo,
    local,
    isControlling: true,
    isHubStopped: async () => false,
    takeControlHint: '',
  });
  void session.run();
  return {
    views,
    screen: (offset: number, data: string) => views.at(-1)?.handlers.onReset({ offset, data, ...size, ...plain }),
    bytes: (offset: number, text: string) => views.at(-1)?.handlers.onBytes({ offset, bytes: Buffer.from(text) }),
    isAwayForLong: () => {
      tellLink({ kind: 'reconnecting', since: 0, attempt: 1, nextAttemptAt: 0 });
      vi.advanceTimersByTime(bannerMs);
      tellLink({ kind: 'connected', since: 0 });
      vi.advanceTimersByTime(repaintMs);
    },
    /** Without titles and control sequences: words, and where a screen was painted anew. */
    words: () =>
      shown
        .replaceAll('\x1b[H\x1b[2J', '<anew>')
        .replaceAll(/\x1b\][^\x07]*\x07|\x1b[[(][0-9;?<>]*[A-Za-z]|\x1b[78>]|\x0f|\x1b\[0 q/g, '')
        .replaceAll('\r\n', ' '),
  };
};

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('T18, A2: the screen after a long absence is painted where the bytes have got to it; no line above is missing', () => {
  const { views, screen, bytes, isAwayForLong, words } = attach();
  screen(0, '');
  bytes(0, 'one\r\n');
  isAwayForLong();
  // The screen of now; what was printed meanwhile has not come yet.
  screen(17, 'two three');
  expect(views.at(-1)?.options.from).toBe(5);
  bytes(5, 'two\r\nthree\r\nfour\r\n');
  expect(words()).toMatch(/one .*two three <anew>two threefour $/s);
});

test('T18: a screen that is older than what is shown is not painted; another one is asked for', () => {
  const { views, screen, bytes, isAwayForLong, words } = attach();
  screen(0, '');
  bytes(0, 'one\r\ntwo\r\n');
  isAwayForLong();
  screen(5, 'one');
  expect(views.at(-1)?.options.from).toBe(10);
  bytes(10, 'three\r\n');
  vi.advanceTimersByTime(repaintMs);
  screen(17, 'two three');
  expect(words()).toMatch(/one two .*three <anew>two three$/s);
  expect(words().match(/two /g)).toHaveLength(2);
});

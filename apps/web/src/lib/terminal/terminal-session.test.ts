/** Behaviour of bytes on the screen and keys into the program, on a real xterm.js with a scripted view. */
import type { TerminalHandlers, TerminalView, TerminalViewState } from '@navisai/client';
import { Terminal } from '@xterm/xterm';
import { expect, test } from 'vitest';
import { TerminalSession } from './terminal-session.ts';
import type { SessionProblem } from './terminal-session.ts';

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

const snapshotOf = (data: string, offset: number) => ({
  offset,
  columns: 40,
  rows: 5,
  data,
  title: '',
  cwd: null,
  alternateScreen: false,
  catchingUp: false,
  firstOffset: 0,
});

const initial: TerminalViewState = {
  phase: 'live',
  link: { kind: 'connected', since: 0 },
  info: null,
  controller: null,
  isInControl: false,
  columns: 40,
  rows: 5,
  isCatchingUp: false,
  exit: null,
  error: null,
};

const setUp = () => {
  const screen = new Terminal({ cols: 80, rows: 24, allowProposedApi: true });
  const sent: string[] = [];
  const problems: SessionProblem[] = [];
  let state = initial;
  let handlers: TerminalHandlers | undefined;
  const view: TerminalView = {
    get state() {
      return state;
    },
    input: (data) => {
      if (!state.isInControl) return 'notInControl';
      sent.push(typeof data === 'string' ? data : new TextDecoder().decode(data));
      return 'sent';
    },
    resize: () => 'sent',
    takeControl: () => 'sent',
    releaseControl: () => 'sent',
    close: () => {},
  };
  const session = new TerminalSession({
    screen,
    view: (given) => ((handlers = given), view),
    onChange: () => {},
    onProblem: (problem) => problems.push(problem),
  });
  if (handlers === undefined) throw new Error('the view was not opened');
  const { onReset, onBytes, onSkipped, onControl } = handlers;
  const control = (isMine: boolean, endOffset = 0): void => {
    state = { ...state, isInControl: isMine, info: { endOffset } as TerminalViewState['info'] };
    onControl?.({ controller: null, isMine });
  };
  const parsed = (): Promise<void> => new Promise((resolve) => screen.write('', resolve));
  const line = (row: number): string => screen.buffer.active.getLine(row)?.translateToString(true) ?? '';
  return { screen, session, sent, problems, onReset, onBytes, onSkipped, control, parsed, line };
};

test('T17: a screen, then bytes: the screen is true to the offset that is told', async () => {
  const { session, onReset, onBytes, line, screen, parsed } = setUp();
  const reset = onReset(snapshotOf('hello', 100));
  const bytes = onBytes({ offset: 100, bytes: bytesOf(' world') });
  await Promise.all([reset, bytes]);
  await parsed();
  expect([screen.cols, screen.rows]).toEqual([40, 5]);
  expect(line(0)).toBe('hello world');
  expect(session.parsedOffset).toBe(106);
});

test('T17: a new screen replaces everything, also half an escape sequence and half a character', async () => {
  const { onReset, onBytes, line, parsed } = setUp();
  await onReset(snapshotOf('old', 0));
  await onBytes({ offset: 3, bytes: Uint8Array.of(0xe2, 0x82) });
  await parsed();
  await onBytes({ offset: 5, bytes: bytesOf('\x1b[3') });
  await parsed();
  await onReset(snapshotOf('new', 50));
  expect(line(0)).toBe('new');
});

test('T17: skipped bytes are counted, and what follows is shown', async () => {
  const { session, onSkipped, onReset, onBytes, line, parsed } = setUp();
  await onReset(snapshotOf('', 10));
  await onSkipped?.({ from: 10, to: 500 });
  await onReset(snapshotOf('later', 500));
  await onBytes({ offset: 500, bytes: bytesOf('!') });
  await parsed();
  expect(session.skippedBytes).toBe(490);
  expect(line(0)).toBe('later!');
});

const questions = '\x1b[c\x1b[>c\x1b[6n\x1b[5n\x1b[?6n\x1b[?2026$p\x1b[4$p\x1bP$qm\x1b\\\x1b]11;?\x07\x1b]4;1;?\x07';

test('A8: without control no question of a program is answered', async () => {
  const { onReset, onBytes, sent, problems, parsed } = setUp();
  await onReset(snapshotOf('', 0));
  await onBytes({ offset: 0, bytes: bytesOf(questions) });
  await parsed();
  expect(sent).toEqual([]);
  expect(problems).toEqual([]);
});

test('A8: in control questions are answered, but never those of a screen or of replayed bytes', async () => {
  const { onReset, onBytes, sent, control, parsed } = setUp();
  await onReset(snapshotOf(questions, 100));
  control(true, 200);
  await onBytes({ offset: 100, bytes: bytesOf(questions.padEnd(100)) });
  await parsed();
  expect(sent).toEqual([]);
  await onBytes({ offset: 200, bytes: bytesOf('\x1b[5n') });
  await parsed();
  expect(sent).toEqual(['\x1b[0n']);
  await onReset(snapshotOf(questions, 300));
  expect(sent).toEqual(['\x1b[0n']);
  control(false, 300);
  await onBytes({ offset: 300, bytes: bytesOf('\x1b[5n') });
  await parsed();
  expect(sent).toEqual(['\x1b[0n']);
});

test('A8: focus reports that a program switches on are not typed into it by a mere viewer', async () => {
  const { onReset, onBytes, problems, parsed } = setUp();
  await onReset(snapshotOf('', 0));
  await onBytes({ offset: 0, bytes: bytesOf('\x1b[?1004h') });
  await parsed();
  expect(problems).toEqual([]);
});

test('T22: keys reach the program in control, and are told as not sent without', async () => {
  const { screen, sent, problems, control } = setUp();
  screen.input('a');
  expect(problems).toEqual([{ kind: 'notSent', outcome: 'notInControl', data: 'a' }]);
  control(true);
  screen.input('b');
  expect(sent).toEqual(['b']);
});

test('T17: credit is given at once for little and only after parsing for much', async () => {
  const { session, onReset, onBytes } = setUp();
  await onReset(snapshotOf('', 0));
  expect(onBytes({ offset: 0, bytes: bytesOf('few') })).toBeUndefined();
  const many = onBytes({ offset: 3, bytes: new Uint8Array(100_000).fill(0x61) });
  expect(many).toBeInstanceOf(Promise);
  await many;
  expect(session.parsedOffset).toBe(100_003);
});

test('A8: a program cannot write the clipboard', async () => {
  const { onReset, onBytes, sent, control, line, parsed } = setUp();
  await onReset(snapshotOf('', 0));
  control(true);
  await onBytes({ offset: 0, bytes: bytesOf('\x1b]52;c;aGVsbG8=\x07\x1b]52;c;?\x07done') });
  await parsed();
  expect(sent).toEqual([]);
  expect(line(0)).toBe('done');
});

/** Streams of the hub's end: they continue by offset over connections, within the credit of their readers. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeFrameWithBytes, encodeOutputFrame } from '@navisai/protocol';
import type { CallOutputSink, OutputChunk, ScreenSnapshot, ViewerSink } from '@navisai/machine';
import { callId, createScriptedHub, sessionId, terminalId, terminalOf } from '../scripted-node.fixture.ts';

class Notes implements ViewerSink {
  readonly notes: string[] = [];
  onOutput({ offset, bytes }: OutputChunk): void {
    this.notes.push(`${offset} ${Buffer.from(bytes).toString()}`);
  }
  onSkipped({ from, to }: { from: number; to: number }): void {
    this.notes.push(`skipped ${from} ${to}`);
  }
  onSnapshot({ offset, data }: ScreenSnapshot): void {
    this.notes.push(`screen ${offset} ${data}`);
  }
  onExit(): void {
    this.notes.push('exit');
  }
  onOverflow(): void {
    this.notes.push('overflow');
  }
}

const attach = { terminalId, snapshot: false, scrollback: 0, windowBytes: 1000 };
const exit = { exitCode: 0, signal: null, at: '2026-01-01T00:00:00.000Z', kind: 'exited' } as const;
const facts = {
  firstOffset: 0,
  columns: 80,
  rows: 24,
  title: '',
  cwd: null,
  alternateScreen: false,
  catchingUp: false,
};

test('T17: a viewer continues after a cut where it was, and bytes that come again are dropped', () => {
  const { remote, violations, connect } = createScriptedHub();
  const first = connect();
  first.sync([terminalOf()]);
  const seen = new Notes();
  remote.attach({ ...attach, from: 0 }, seen);
  first.output(1, 0, 'abc');
  first.output(1, 0, 'abc');
  first.output(1, 2, 'cd');
  first.cut();
  const second = connect();
  expect(second.framesOf('attach')).toMatchObject([{ channel: 1, from: 4, snapshot: false, windowBytes: 1000 }]);
  second.output(1, 4, 'ef');
  second.say({ type: 'exit', channel: 1, exit, offset: 6 });
  second.say({ type: 'exit', channel: 1, exit, offset: 6 });
  expect(seen.notes).toEqual(['0 abc', '3 d', '4 ef', 'exit']);
  expect(remote.terminal(terminalId)?.endOffset).toBe(6);
  expect(violations).toEqual([]);
});

test('T17: a screen comes in parts, once, and a later one takes the place of what was skipped', () => {
  const { remote, violations, connect } = createScriptedHub();
  const connection = connect();
  connection.sync([terminalOf()]);
  const seen = new Notes();
  const viewer = remote.attach({ ...attach, snapshot: true }, seen);
  const part = encodeFrameWithBytes({ type: 'screen_part', channel: 1, part: 0 }, Buffer.from('scr'));
  const screen = encodeFrameWithBytes(
    { type: 'screen', channel: 1, parts: 1, offset: 5, ...facts },
    Buffer.from('een'),
  );
  for (const frame of [part, part, screen, screen]) connection.raw(frame);
  connection.output(1, 5, 'x');
  viewer.acknowledge(6);
  connection.say({ type: 'skipped', channel: 1, from: 6, to: 90 });
  connection.raw(
    encodeFrameWithBytes({ type: 'screen', channel: 1, parts: 0, offset: 90, ...facts }, Buffer.from('new')),
  );
  connection.output(1, 90, 'y');
  expect(seen.notes).toEqual(['screen 5 screen', '5 x', 'skipped 6 90', 'screen 90 new', '90 y']);
  expect(violations).toEqual([]);
});

test('T17: a viewer that takes nothing is not given another window by each connection', () => {
  const { remote, connect } = createScriptedHub();
  const first = connect();
  first.sync([terminalOf()]);
  const viewer = remote.attach({ ...attach, from: 0 }, new Notes());
  first.output(1, 0, 'x'.repeat(1000));
  first.cut();
  const second = connect();
  expect(second.framesOf('attach')).toEqual([]);
  viewer.acknowledge(1000);
  expect(second.framesOf('attach')).toMatchObject([{ from: 1000 }]);
});

test('T17: a terminal that is gone when the node comes back ends its viewers', () => {
  const { remote, connect } = createScriptedHub();
  const first = connect();
  first.sync([terminalOf()]);
  const seen = new Notes();
  remote.attach({ ...attach, from: 0 }, seen);
  first.cut();
  connect().say({ type: 'closed', channel: 1 });
  expect(seen.notes).toEqual(['overflow']);
  expect(() => remote.attach({ ...attach, terminalId: 't_unknown00' }, seen)).toThrow(
    expect.objectContaining({ code: 'TERMINAL_NOT_FOUND' }),
  );
});

test('T17: what was under way when a viewer left is no offence, until the node has closed its channel', () => {
  const { remote, violations, connect } = createScriptedHub();
  const connection = connect();
  connection.sync([terminalOf()]);
  const seen = new Notes();
  remote.attach({ ...attach, from: 0 }, seen).close();
  expect(connection.framesOf('close')).toEqual([{ type: 'close', channel: 1 }]);
  connection.output(1, 0, 'late');
  connection.say({ type: 'closed', channel: 1 });
  connection.say({ type: 'closed', channel: 1 });
  expect(violations).toEqual([]);
  connection.output(1, 4, 'too late');
  expect(violations).toHaveLength(1);
  expect(seen.notes).toEqual([]);
});

test('T3: the output of a call continues after a cut by both its offsets, and the reader holds it back', async () => {
  const { remote, connect } = createScriptedHub();
  const first = connect();
  first.sync();
  const notes: string[] = [];
  const held: (() => void)[] = [];
  const sink: CallOutputSink = {
    onOutput: ({ stream, offset, bytes }) => {
      notes.push(`${stream} ${offset} ${Buffer.from(bytes).toString()}`);
      return new Promise((resolve) => void held.push(resolve));
    },
    onEnd: ({ exitCode }) => void notes.push(`end ${exitCode}`),
  };
  remote.watchCall({ sessionId, callId, stdout: 0, stderr: 0 }, sink);
  first.raw(encodeOutputFrame({ kind: 'output', channel: 1, offset: 0 }, [Buffer.from('out')]));
  first.raw(encodeOutputFrame({ kind: 'stderr', channel: 1, offset: 0 }, [Buffer.from('error')]));
  expect(notes).toEqual(['stdout 0 out']);
  first.cut();
  const second = connect();
  // Not before the reader has taken what it has.
  expect(second.framesOf('watch')).toEqual([]);
  for (; held.length > 0; await Promise.resolve()) held.pop()?.();
  await new Promise((resolve) => setImmediate(resolve));
  for (; held.length > 0; await Promise.resolve()) held.pop()?.();
  await new Promise((resolve) => setImmediate(resolve));
  expect(second.framesOf('watch')).toMatchObject([{ channel: 1, stdout: 3, stderr: 5 }]);
  second.raw(encodeOutputFrame({ kind: 'output', channel: 1, offset: 2 }, [Buffer.from('t!')]));
  second.say({ type: 'end', channel: 1, exitCode: 0, signal: null });
  for (; held.length > 0; await Promise.resolve()) held.pop()?.();
  await new Promise((resolve) => setImmediate(resolve));
  expect(notes).toEqual(['stdout 0 out', 'stderr 0 error', 'stdout 3 !', 'end 0']);
});

test('T17: however a stream is cut, overlapped and repeated, the viewer gets each byte once, in order', () => {
  const whole = Array.from({ length: 500 }, (_, index) => String.fromCharCode(97 + (index % 26))).join('');
  // Each step says from how far back, and how much, is sent; or that the link is cut.
  const step = fc.oneof(
    { weight: 5, arbitrary: fc.record({ back: fc.nat(20), length: fc.integer({ min: 1, max: 40 }) }) },
    { weight: 1, arbitrary: fc.constant('cut' as const) },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const { remote, violations, connect } = createScriptedHub();
      let connection = connect();
      connection.sync([terminalOf()]);
      const pieces: string[] = [];
      const seen = new Notes();
      seen.onOutput = ({ offset, bytes }) => {
        expect(offset).toBe(pieces.join('').length);
        pieces.push(Buffer.from(bytes).toString());
      };
      remote.attach({ ...attach, from: 0 }, seen);
      let sent = 0;
      for (const each of steps) {
        if (each === 'cut') {
          connection.cut();
          connection = connect();
          sent = connection.framesOf('attach')[0]?.from ?? 0;
        } else {
          const from = Math.max(0, sent - each.back);
          const to = Math.min(whole.length, from + each.length);
          if (to > from) connection.output(1, from, whole.slice(from, to));
          sent = Math.max(sent, to);
        }
      }
      expect(whole.startsWith(pieces.join(''))).toBe(true);
      expect(pieces.join('')).toHaveLength(sent);
      expect(violations).toEqual([]);
    }),
  );
});

/** What no honest node sends ends its connection with a reason, and nothing else. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nodeCloseCodes } from '@navisai/protocol';
import type { NodeFrame } from '@navisai/protocol';
import type { ViewerSink } from '@navisai/machine';
import { callId, createScriptedHub, sessionId, terminalId, terminalOf } from '../scripted-node.fixture.ts';
import type { ScriptedConnection } from '../scripted-node.fixture.ts';

const foreign = 's_foreign0000000';
const sink: ViewerSink = {
  onOutput: () => undefined,
  onSkipped: () => undefined,
  onSnapshot: () => undefined,
  onOverflow: () => undefined,
  onExit: () => undefined,
};
const wire = (frame: unknown): string => JSON.stringify(frame);
const exit = { exitCode: 0, signal: null, at: '2026-01-01T00:00:00.000Z', kind: 'exited' } as const;

const offences: [string, (connection: ScriptedConnection) => void, RegExp][] = [
  ['text that is not JSON', ({ raw }) => raw('{"type":'), /frame/],
  ['JSON that is no frame', ({ raw }) => raw('[1,2]'), /frame/],
  ['a frame with a wrong field', ({ raw }) => raw(wire({ type: 'result', callId, sessionId })), /result/],
  ['a giant frame', ({ raw }) => raw('x'.repeat(9 * 1024 * 1024)), /too large/],
  ['a binary frame of no kind', ({ raw }) => raw(new Uint8Array(40).fill(9)), /kind/],
  ['a cut binary frame', ({ raw }) => raw(new Uint8Array([1, 0, 0])), /shorter/],
  ['a cut frame with bytes', ({ raw }) => raw(new Uint8Array([16, 255, 255, 255, 255, 1])), /cut short/],
  ['output on a channel that was never opened', ({ output }) => output(77, 0, 'x'), /not open/],
  ['a mark on a channel that was never opened', ({ say }) => say({ type: 'closed', channel: 77 }), /never opened/],
  ['output after a gap', ({ output }) => output(1, 11, 'x'), /was asked for/],
  [
    'a skip that begins in the future',
    ({ say }) => say({ type: 'skipped', channel: 1, from: 50, to: 60 }),
    /was asked for/,
  ],
  [
    'more output than asked for',
    ({ output }) => {
      for (let at = 10; at < 1_000_000; at += 65_536) output(1, at, 'x'.repeat(65_536));
    },
    /more output/,
  ],
  [
    'an end before the output that it follows',
    ({ say }) => say({ type: 'exit', channel: 1, exit, offset: 500 }),
    /missing/,
  ],
  ['a part of a screen without the one before', ({ say }) => say({ type: 'screen_part', channel: 1, part: 3 }), /part/],
  [
    'screens without end',
    ({ say }) => {
      for (let offset = 10; offset < 100; offset += 1)
        say({ type: 'skipped', channel: 1, from: offset, to: offset + 1 });
    },
    /SCREEN_FLOOD/,
  ],
  [
    'a terminal of a session that it was never given',
    ({ say }) =>
      say({
        type: 'event',
        number: 9,
        event: { type: 'terminal.opened', terminal: terminalOf({ sessionId: foreign }) },
      }),
    /never given/,
  ],
  ['a foreign terminal in its state', ({ sync }) => sync([terminalOf({ sessionId: foreign })]), /never given/],
  [
    'a title without end',
    ({ raw }) => raw(wire({ type: 'changes', terminals: [{ ...terminalOf(), title: 'x'.repeat(2000) }] })),
    /title/,
  ],
  [
    'a flood of frames',
    ({ say }) => {
      for (let count = 0; count < 20_001; count += 1) say({ type: 'cancelled', sessionId, callId });
    },
    /FRAME_FLOOD/,
  ],
  [
    'endless frames of unknown types',
    ({ raw }) => {
      for (let count = 0; count < 1001; count += 1) raw(wire({ type: 'from_the_future', count }));
    },
    /unknown/,
  ],
];

test.each(offences)('N3: %s ends the connection with a reason', (_, offend, reason) => {
  const { remote, violations, connect } = createScriptedHub({ now: () => 0 });
  const connection = connect();
  connection.sync([terminalOf()]);
  remote.attach({ terminalId, from: 10, snapshot: false, scrollback: 0, windowBytes: 65_536 }, sink);
  offend(connection);
  expect(violations).toHaveLength(1);
  expect(violations[0]).toMatch(reason);
  expect(connection.closes).toMatchObject([{ code: nodeCloseCodes.violation }]);
  expect(remote.isConnected).toBe(false);
  // What it says afterwards is not heard.
  connection.sync([terminalOf({ title: 'late' })]);
  expect(remote.terminal(terminalId)?.title).toBe('');
  connect().sync([terminalOf()]);
  expect(remote.isConnected).toBe(true);
});

test('N3: an answer that does not fit its question rejects it and ends the connection', async () => {
  const { remote, violations, connect } = createScriptedHub();
  const connection = connect();
  connection.sync([terminalOf()]);
  const asked = remote.input(terminalId, Buffer.from('x'));
  connection.say({ type: 'response', id: 1, value: { acceptedBytes: -1 } });
  await expect(asked).rejects.toMatchObject({ code: 'LINK_DOWN' });
  expect(violations).toHaveLength(1);
});

test('N3: frames of a newer node, and fields that are not known, are skipped', () => {
  const { remote, violations, connect } = createScriptedHub();
  const connection = connect();
  connection.raw(wire({ type: 'state', service: 's', terminals: [{ ...terminalOf(), mood: 'good' }], more: true }));
  connection.raw(wire({ type: 'from_the_future' }));
  connection.raw(wire({ type: 'synced', service: 's', event: 0 }));
  expect(violations).toEqual([]);
  expect(remote.isConnected).toBe(true);
});

test('N3: whatever bytes a node sends, nothing is thrown at its owner', () => {
  const frame = fc.oneof(
    fc.string(),
    fc.uint8Array({ maxLength: 60 }).map((bytes) => new Uint8Array(bytes)),
    fc.uint8Array({ maxLength: 60 }).map((bytes) => new Uint8Array([16, 0, 0, 0, 2, ...bytes])),
    fc.uint8Array({ maxLength: 60 }).map((bytes) => new Uint8Array([1, 0, 0, 0, 1, 0, 0, 0, 0, ...bytes])),
    fc.json(),
    fc
      .record({
        type: fc.constantFrom<NodeFrame['type'][]>('state', 'event', 'result', 'response', 'screen', 'skipped', 'end'),
        channel: fc.integer({ min: 0, max: 3 }),
        from: fc.nat(),
        to: fc.nat(),
        id: fc.nat(),
        value: fc.jsonValue(),
        exitCode: fc.constant(null),
        signal: fc.constant(null),
      })
      .map(wire),
  );
  fc.assert(
    fc.property(fc.array(frame, { maxLength: 8 }), (frames) => {
      const { remote, connect } = createScriptedHub();
      const connection = connect();
      connection.sync([terminalOf()]);
      remote.attach({ terminalId, snapshot: true, scrollback: 0, windowBytes: 1000 }, sink);
      remote.watchCall(
        { sessionId, callId, stdout: 0, stderr: 0 },
        { onOutput: () => undefined, onEnd: () => undefined },
      );
      for (const each of frames) connection.raw(each);
    }),
  );
});

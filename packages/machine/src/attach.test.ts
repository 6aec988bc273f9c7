/** Viewers of one terminal: snapshots, seams, slow ones (T17). */
import { setTimeout as delay } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { overflow, skipBehindBytes } from './attach.ts';
import type { ViewerSink } from './machine.types.ts';
import type { ExitState, OutputSubscription } from './pty-hosts.types.ts';
import { makeLocalTarget, until } from './tools/terminal-target.fixture.ts';
import type { SessionOfTest, TerminalTarget } from './tools/terminal-target.fixture.ts';

let target: TerminalTarget;
beforeAll(async () => {
  target = await makeLocalTarget();
});
afterAll(() => target[Symbol.asyncDispose]());

/** A viewer that asserts that nothing is lost, doubled or reordered. */
class Viewer implements ViewerSink {
  readonly chunks: { offset: number; bytes: Uint8Array }[] = [];
  readonly happened: string[] = [];
  next: number | null;
  received = 0;
  exit: ExitState | null = null;
  subscription: OutputSubscription | undefined;
  /** Acknowledges what it gets after so many milliseconds; `null` never. */
  acknowledgeAfterMs: number | null = 0;

  constructor(from: number | null) {
    this.next = from;
  }

  onOutput(chunk: { offset: number; bytes: Uint8Array }): void {
    if (this.next !== null && chunk.offset !== this.next) throw new Error(`${chunk.offset} instead of ${this.next}`);
    this.chunks.push({ offset: chunk.offset, bytes: chunk.bytes.slice() });
    const end = chunk.offset + chunk.bytes.length;
    this.next = end;
    this.received += chunk.bytes.length;
    if (this.acknowledgeAfterMs === 0) this.subscription?.acknowledge(end);
    else if (this.acknowledgeAfterMs !== null)
      setTimeout(() => this.subscription?.acknowledge(end), this.acknowledgeAfterMs);
  }

  onSkipped({ from, to }: { from: number; to: number }): void {
    if (this.next !== null && from !== this.next) throw new Error(`skipped from ${from} instead of ${this.next}`);
    this.happened.push('skipped');
    this.next = to;
  }

  onSnapshot({ offset }: { offset: number }): void {
    if (this.next !== null && offset !== this.next) throw new Error(`snapshot at ${offset} instead of ${this.next}`);
    this.happened.push('snapshot');
    this.next = offset;
  }

  onExit(exit: ExitState): void {
    this.happened.push('exit');
    this.exit = exit;
  }

  onOverflow(): void {
    this.happened.push('overflow');
  }
}

interface Attaching {
  from?: number;
  snapshot?: boolean;
  windowBytes?: number;
  acknowledgeAfterMs?: number | null;
}

const attach = (terminalId: string, options: Attaching = {}): Viewer => {
  const { from, snapshot = true, windowBytes = 256 * 1024, acknowledgeAfterMs = 0 } = options;
  // An offset beyond the end counts as none.
  const end = target.machine.terminal(terminalId)?.endOffset ?? 0;
  const viewer = new Viewer(from !== undefined && from <= end ? from : null);
  viewer.acknowledgeAfterMs = acknowledgeAfterMs;
  viewer.subscription = target.machine.attach({ terminalId, from, snapshot, scrollback: 100, windowBytes }, viewer);
  return viewer;
};

const openTerminal = async (session: SessionOfTest, command: string): Promise<string> =>
  String((await session.open('t', command, { background: true })).metadata['terminal_id']);

const history = async (terminalId: string): Promise<Buffer> => {
  const pieces: Uint8Array[] = [];
  for (let at = 0; ;) {
    const { offset, bytes, endOffset } = await target.machine.readHistory({
      terminalId,
      from: at,
      maxBytes: 4 * 1024 * 1024,
    });
    pieces.push(bytes);
    at = offset + bytes.length;
    if (bytes.length === 0 || at >= endOffset) return Buffer.concat(pieces);
  }
};

const expectHonest = async (viewer: Viewer, terminalId: string): Promise<void> => {
  const whole = await history(terminalId);
  for (const { offset, bytes } of viewer.chunks)
    if (!whole.subarray(offset, offset + bytes.length).equals(bytes)) throw new Error(`other bytes at ${offset}`);
};

test('T17: three lines a second apart arrive one by one, after a screen', async () => {
  const session = target.session();
  const id = await openTerminal(session, 'read go; for i in 1 2 3; do echo line$i; sleep 0.3; done; read x');
  const viewer = attach(id);
  await until('the screen', () => viewer.happened.length > 0);
  await target.machine.input(id, Buffer.from('\r'));
  await until('all lines', () => Buffer.concat(viewer.chunks.map(({ bytes }) => bytes)).includes('line3'));
  expect(viewer.happened).toEqual(['snapshot']);
  expect(target.machine.terminal(id)?.viewers).toBe(1);
  viewer.subscription?.close();
  viewer.subscription?.close();
  expect(target.machine.terminal(id)?.viewers).toBe(0);
  await target.machine.closeSession(session.id, 'test');
});

test('T17: whatever the acknowledgements, viewers get every byte once and in order, or a marked skip', async () => {
  const viewing = fc.record({
    from: fc.option(fc.nat(2_000_000), { nil: undefined }),
    snapshot: fc.boolean(),
    windowBytes: fc.integer({ min: 16 * 1024, max: 512 * 1024 }),
    acknowledgeAfterMs: fc.constantFrom(0, 1, 5, 20),
    startAfterMs: fc.nat(150),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(viewing, { minLength: 2, maxLength: 5 }), async (all) => {
      const session = target.session();
      const id = await openTerminal(session, 'seq 1 400000; sleep 0.3; echo end');
      const viewers = await Promise.all(
        all.map(async ({ startAfterMs, from, ...options }) => {
          await delay(startAfterMs);
          const end = target.machine.terminal(id)?.endOffset ?? 0;
          return attach(id, { ...options, from: from === undefined ? undefined : Math.min(from, end) });
        }),
      );
      await until('all have seen the end', () => viewers.every(({ exit }) => exit !== null), 25_000);
      for (const viewer of viewers) {
        expect(viewer.next).toBe(target.machine.terminal(id)?.endOffset);
        expect(viewer.happened.filter((what) => what === 'exit')).toHaveLength(1);
        expect(viewer.happened).not.toContain('overflow');
        await expectHonest(viewer, id);
        viewer.subscription?.close();
      }
      await target.machine.closeSession(session.id, 'test');
    }),
    { numRuns: 6 },
  );
}, 120_000);

test('T17: near the end it continues from the offset, far from it begins with a screen', async () => {
  const session = target.session();
  const id = await openTerminal(session, 'seq 1 200000; echo done; read x');
  await session.call({ action: 'status', terminal_name: 't', wait_for: { pattern: '^done$' } });
  const end = target.machine.terminal(id)?.endOffset ?? 0;
  const near = attach(id, { from: end - 1000 });
  const far = attach(id, { from: 100 });
  const beyond = attach(id, { from: end + 1_000_000 });
  await until('all have begun', () => near.received === 1000 && far.next === end);
  expect(near.happened).toEqual([]);
  expect(far.happened).toEqual(['skipped', 'snapshot']);
  for (const viewer of [near, far, beyond]) viewer.subscription?.close();
  await target.machine.closeSession(session.id, 'test');
});

test('T17: a stalled viewer with snapshots costs others nothing and is skipped ahead when it comes back', async () => {
  const session = target.session();
  const id = await openTerminal(session, 'read x; seq 1 1500000; echo finished; read x');
  const stalled = attach(id, { acknowledgeAfterMs: null, windowBytes: 64 * 1024 });
  const quick = attach(id);
  await until('both have begun', () => stalled.happened.length + quick.happened.length === 2);
  await session.call({ action: 'send_input', terminal_name: 't', input: '\n' });
  await until(
    'the quick one has all',
    () => Buffer.from(quick.chunks.at(-1)?.bytes ?? []).includes('finished'),
    25_000,
  );
  expect(stalled.received).toBeLessThanOrEqual(64 * 1024);
  stalled.acknowledgeAfterMs = 0;
  stalled.subscription?.acknowledge(stalled.next ?? 0);
  await until('the stalled one is there too', () => stalled.next === target.machine.terminal(id)?.endOffset);
  expect(stalled.happened).toEqual(['snapshot', 'skipped', 'snapshot']);
  expect(stalled.received).toBeLessThan(skipBehindBytes);
  for (const viewer of [stalled, quick]) {
    await expectHonest(viewer, id);
    viewer.subscription?.close();
  }
  await target.machine.closeSession(session.id, 'test');
}, 180_000);

test('T17: a stalled viewer without snapshots is closed with an overflow, and resumes where it was', async () => {
  const session = target.session();
  const id = await openTerminal(session, 'seq 1 1500000; echo finished; read x');
  const stalled = attach(id, { from: 0, snapshot: false, acknowledgeAfterMs: null, windowBytes: 64 * 1024 });
  await until('overflow', () => stalled.happened.includes('overflow'), overflow.stallMs * 3);
  expect(stalled.happened).toEqual(['overflow']);
  const resumed = attach(id, { from: stalled.next ?? 0, snapshot: false });
  await until(
    'it has all',
    () => resumed.next === target.machine.terminal(id)?.endOffset && resumed.received > overflow.behindBytes,
    25_000,
  );
  await expectHonest(stalled, id);
  await expectHonest(resumed, id);
  resumed.subscription?.close();
  await target.machine.closeSession(session.id, 'test');
}, 180_000);

test('T17: ten terminals with ten viewers each: every one sees its own output whole', async () => {
  const session = target.session();
  const opened = Array.from({ length: 10 }, async (_, index) => {
    const command = `sleep 0.5; seq ${index}00000 ${index}20000; echo end${index}`;
    return String((await session.open(`t${index}`, command, { background: true })).metadata['terminal_id']);
  });
  const ids = await Promise.all(opened);
  const viewers = ids.flatMap((id) => Array.from({ length: 10 }, () => ({ id, viewer: attach(id) })));
  await until('all have seen the end', () => viewers.every(({ viewer }) => viewer.exit !== null), 30_000);
  for (const { id, viewer } of viewers) {
    expect(viewer.next).toBe(target.machine.terminal(id)?.endOffset);
    viewer.subscription?.close();
  }
  for (const { id, viewer } of viewers.filter((_, index) => index % 7 === 0)) await expectHonest(viewer, id);
  await target.machine.closeSession(session.id, 'test');
}, 180_000);

test('T17, T19: viewers of a terminal that is closed while they attach are told that nothing follows', async () => {
  const session = target.session();
  const id = await openTerminal(session, 'seq 1 100000; sleep 100');
  const viewers = [attach(id), attach(id, { from: 0, snapshot: false })];
  const closed = session.call({ action: 'close', terminal_name: 't' });
  // One after the other until it is gone: also while its host has forgotten it and the hub has not yet.
  while (target.machine.terminal(id) !== undefined) {
    viewers.push(attach(id));
    await delay(1);
  }
  await closed;
  await until('all know', () =>
    viewers.every(({ happened }) => happened.includes('exit') || happened.includes('overflow')),
  );
  expect(() => attach(id)).toThrow(expect.objectContaining({ code: 'TERMINAL_NOT_FOUND' }));
});

test('T17: an unknown terminal is an error, and closed viewers hear nothing more', async () => {
  expect(() => attach('t_unknown')).toThrow(expect.objectContaining({ code: 'TERMINAL_NOT_FOUND' }));
  const session = target.session();
  const id = await openTerminal(session, 'while :; do echo x; sleep 0.05; done');
  const viewer = attach(id);
  viewer.subscription?.close();
  await delay(300);
  expect(viewer.chunks).toEqual([]);
  expect(viewer.happened).toEqual([]);
  await target.machine.closeSession(session.id, 'test');
});

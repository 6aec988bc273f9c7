/** Live events and terminals across every fault of the network: nothing lost, nothing doubled, nothing typed blindly. */
import fc from 'fast-check';
import type { FrameFate } from '@navisai/link';
import type { HubEvent } from '@navisai/protocol';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createLive } from './live.ts';
import type { EventCursor, Live } from './live.types.ts';
import { ModelHub, modelSession, modelTerminal } from './model-hub.fixture.ts';
import type { Signer } from './signer.ts';
import type { TerminalView, TerminalViewOptions } from './terminal-view.types.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const signer: Signer = { deviceId: 'd_0000', hubId: 'hub', sign: async () => `${'A'.repeat(86)}==` };
const settle = (ms = 0): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);
const connect = (hub: ModelHub): Live =>
  createLive({ origin: 'https://hub', signer, sockets: hub.network.transport, link: { random: () => 1 } });

const rename = (title: string) => ({ type: 'session.update' as const, data: { change: 'renamed', reason: title } });
const titleOf = (event: HubEvent): string => (event.type === 'session.update' ? (event.data.reason ?? '') : '');

interface Followed {
  titles: string[];
  resets: EventCursor[];
}

const follow = (live: Live, cursor?: EventCursor): Followed => {
  const followed: Followed = { titles: [], resets: [] };
  live.followSession(
    modelSession,
    {
      onEvent: (event) => followed.titles.push(titleOf(event)),
      onReset: (reset) => {
        followed.titles = [];
        followed.resets.push(reset);
      },
    },
    cursor,
  );
  return followed;
};

interface Seen {
  view: TerminalView;
  /** The screen's text, then every byte after it. */
  text: string;
  breaks: string[];
}

const look = (live: Live, options: Partial<TerminalViewOptions> = {}, consume?: () => Promise<void>): Seen => {
  let next: number | undefined;
  const seen = { text: '', breaks: [] as string[] };
  const view = live.viewTerminal(
    { terminalId: modelTerminal, ...options },
    {
      onReset: (snapshot) => {
        seen.text = snapshot.data;
        next = snapshot.offset;
      },
      onBytes: ({ offset, bytes }) => {
        if (next !== undefined && offset !== next) seen.breaks.push(`${offset} after ${next}`);
        next = offset + bytes.length;
        seen.text += new TextDecoder().decode(bytes);
        return consume?.();
      },
    },
  );
  return Object.assign(seen, { view });
};

test('I8: a session is followed from the beginning, from now, or from a cursor', async () => {
  const hub = new ModelHub();
  for (const title of ['one', 'two', 'three']) hub.append(modelSession, rename(title));
  for (const [cursor, expected] of [
    [{ after: 0 }, ['one', 'two', 'three', 'four']],
    [{ after: 2 }, ['three', 'four']],
    [undefined, ['four']],
  ] as const) {
    const live = connect(hub);
    const followed = follow(live, cursor);
    await settle();
    if (hub.rows.length === 3) hub.append(modelSession, rename('four'));
    await settle();
    expect(followed.titles).toEqual(cursor === undefined ? [] : expected);
    live.close();
  }
});

test('I8: another generation of the store starts the stream over', async () => {
  const hub = new ModelHub();
  hub.append(modelSession, rename('old'));
  const live = connect(hub);
  const followed = follow(live, { after: 0 });
  await settle(2_000);
  hub.reset();
  hub.append(modelSession, rename('new'));
  await settle(2_000);
  expect(followed.titles).toEqual(['new']);
  expect(followed.resets).toEqual([{ after: 0, generation: hub.generation }]);
  live.close();
});

test('a second follower of the same thing on one connection is a named error', () => {
  const live = connect(new ModelHub());
  follow(live);
  expect(() => follow(live)).toThrowError(expect.objectContaining({ code: 'CONFLICT' }));
  live.close();
});

test('I13: a skewed clock is corrected by what the hub told, and the connection comes at once', async () => {
  const hub = new ModelHub();
  const times: string[] = [];
  const transport = hub.network.transport;
  const live = createLive({
    origin: 'https://hub',
    signer,
    sockets: (request, sink) => {
      times.push(new URL(request.url).searchParams.get('timestamp') ?? '');
      if (times.length === 2) hub.refusal = undefined;
      return transport(request, sink);
    },
  });
  hub.refusal = { error: { reason: 'CLOCK_SKEW', serverTime: '2030-01-01T00:00:00.000Z' }, code: 4401 };
  await settle(10);
  expect(live.state.kind).toBe('connected');
  expect(times[1]).toMatch(/^2030-01-01T00:00:00/);
  live.close();
});

test.each([
  [
    { code: 4401, error: { message: 'not known' } },
    { kind: 'refused', code: 'UNAUTHORIZED', message: 'not known' },
  ],
  [
    { code: 4403, error: {} },
    { kind: 'refused', code: 'UNAUTHORIZED', message: 'This device was revoked.' },
  ],
  [{ code: 4401, error: { reason: 'DEGRADED' } }, { kind: 'reconnecting' }],
  [{ code: 1012, error: {} }, { kind: 'reconnecting' }],
] as const)('I9, I14: a connection that ended with %j is then %j', async (refusal, state) => {
  const hub = new ModelHub();
  hub.refusal = { code: refusal.code, error: { ...refusal.error } };
  const live = connect(hub);
  await settle(10_000);
  expect(live.state).toMatchObject(state);
  live.close();
});

test('T17: a terminal begins with its screen and goes on with bytes from there', async () => {
  const hub = new ModelHub();
  hub.print('before ');
  const live = connect(hub);
  const seen = look(live);
  await settle();
  hub.print('after');
  await settle();
  expect(seen.text).toBe('before after');
  expect(seen.view.state).toMatchObject({ phase: 'live', columns: 80, rows: 24, isInControl: false });
  live.close();
});

test('N7 of the link: input while down, without control, or after the end is refused and never sent later', async () => {
  const hub = new ModelHub();
  const live = connect(hub);
  const { view } = look(live);
  expect(view.input('a')).toBe('down');
  await settle();
  expect(view.input('b')).toBe('notInControl');
  expect(view.takeControl()).toBe('sent');
  await settle();
  expect(view.input('c')).toBe('sent');
  await settle();
  hub.network.cutAll();
  await settle();
  expect(view.input('d')).toBe('down');
  await settle(1_000);
  expect(view.state.isInControl).toBe(true);
  expect(view.input('e')).toBe('sent');
  await settle();
  view.close();
  expect(view.input('f')).toBe('exited');
  expect(hub.inputs).toEqual(['c', 'e']);
  live.close();
});

test('control that another viewer took while the link was down is not taken back', async () => {
  const hub = new ModelHub();
  const live = connect(hub);
  const { view } = look(live, { control: 'always' });
  await settle();
  expect(view.state.isInControl).toBe(true);
  hub.network.cutAll();
  hub.take({ deviceId: 'd_other', name: 'other', viewerId: 'other' });
  await settle(1_000);
  expect(view.state).toMatchObject({ phase: 'live', isInControl: false, controller: { name: 'other' } });
  live.close();
});

test('credit: no more than the window is under way, and what is not consumed is not acknowledged', async () => {
  const hub = new ModelHub();
  const windowBytes = 16 * 1024;
  hub.print('x'.repeat(100 * 1024));
  const live = connect(hub);
  let release: (() => void)[] = [];
  let isHolding = true;
  const seen = look(live, { snapshot: false, from: 0, windowBytes }, () =>
    isHolding ? new Promise<void>((resolve) => release.push(resolve)) : Promise.resolve(),
  );
  await settle(1_000);
  expect(seen.text.length).toBeLessThanOrEqual(windowBytes);
  expect(hub.maxUnderWay).toBeLessThanOrEqual(windowBytes);
  isHolding = false;
  for (const resolve of release) resolve();
  release = [];
  await settle(1_000);
  expect(seen.text.length).toBe(100 * 1024);
  expect(hub.maxUnderWay).toBeLessThanOrEqual(windowBytes);
  live.close();
});

const fate = (canDrop: boolean): fc.Arbitrary<FrameFate> =>
  fc.oneof(
    { weight: 12, arbitrary: fc.constant<FrameFate>('deliver') },
    { weight: 2, arbitrary: fc.constant<FrameFate>('cut') },
    { weight: 2, arbitrary: fc.constant<FrameFate>('duplicate') },
    { weight: canDrop ? 2 : 0, arbitrary: fc.constant<FrameFate>('drop') },
    { weight: 2, arbitrary: fc.nat({ max: 30 }).map((delayMs): FrameFate => ({ delayMs })) },
  );

const step = fc.oneof(
  { weight: 6, arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: 9 }).map((text) => ({ print: text })) },
  { weight: 6, arbitrary: fc.constant({ append: true }) },
  { weight: 2, arbitrary: fc.constant({ cut: true }) },
  { weight: 3, arbitrary: fc.nat({ max: 300 }).map((waitMs) => ({ waitMs })) },
);

type Step = { print: string } | { append: boolean } | { cut: boolean } | { waitMs: number };

const act = async (hub: ModelHub, steps: Step[]): Promise<void> => {
  for (const action of steps) {
    if ('print' in action) hub.print(action.print.toWellFormed());
    if ('append' in action) hub.append(modelSession, rename(String(hub.rows.length)));
    if ('cut' in action) hub.network.cutAll();
    await settle('waitMs' in action ? action.waitMs : 1);
  }
};

const isBytes = (frame: string | Uint8Array): boolean => typeof frame !== 'string';

test('I8: a live row that is missing is fetched before the next one is told', async () => {
  let losses = 0;
  const hub = new ModelHub({
    onFrame: (frame) => (losses === 0 && String(frame).includes('"lost"') ? ((losses += 1), 'drop') : 'deliver'),
  });
  const live = connect(hub);
  const followed = follow(live);
  await settle();
  for (const title of ['one', 'lost', 'three', 'four']) hub.append(modelSession, rename(title));
  await settle();
  expect(followed.titles).toEqual(['one', 'lost', 'three', 'four']);
  expect(losses).toBe(1);
  live.close();
});

test('T17, I8: under random cuts, doubles and delays every row comes exactly once and no byte breaks the order', async () => {
  const scenario = fc.record({
    steps: fc.array(step, { maxLength: 40 }),
    fates: fc.array(fate(false), { maxLength: 80 }),
    resumeBytes: fc.constantFrom(0, 8, 1_000_000),
  });
  await fc.assert(
    fc.asyncProperty(scenario, async ({ steps, fates, resumeBytes }) => {
      const plan = [...fates];
      const hub = new ModelHub({ onFrame: () => plan.shift() ?? 'deliver' });
      hub.resumeBytes = resumeBytes;
      const live = connect(hub);
      const followed = follow(live, { after: 0 });
      const seen = look(live);
      await act(hub, steps);
      plan.length = 0;
      hub.append(modelSession, rename(String(hub.rows.length)));
      hub.print('.');
      await settle(60_000);
      expect(followed.titles).toEqual(hub.rows.map((_, index) => String(index)));
      expect(seen.breaks).toEqual([]);
      expect(seen.text.endsWith('.')).toBe(true);
      live.close();
    }),
    { numRuns: 200 },
  );
});

test('T18: bytes seen across random cuts and losses are the bytes printed, whole and in order', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 40 }),
      fc.array(fate(true), { maxLength: 60 }),
      async (steps, fates) => {
        const plan = [...fates];
        const hub = new ModelHub({ onFrame: (frame) => (isBytes(frame) ? plan.shift() : undefined) ?? 'deliver' });
        const live = connect(hub);
        const chunks: Uint8Array[] = [];
        live.viewTerminal(
          { terminalId: modelTerminal, snapshot: false, from: 0 },
          { onReset: () => undefined, onBytes: ({ bytes }) => void chunks.push(bytes.slice()) },
        );
        await act(hub, steps);
        plan.length = 0;
        // What was lost last is only missed when something follows it.
        hub.print('.');
        await settle(60_000);
        expect(Buffer.concat(chunks).equals(Buffer.from(hub.output))).toBe(true);
        live.close();
      },
    ),
    { numRuns: 200 },
  );
});

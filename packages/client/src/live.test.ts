/** Live events and terminals: what is followed, refused, acknowledged, controlled. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { connect, follow, look, rename, settle, signer } from './live-bench.fixture.ts';
import { createLive } from './live.ts';
import { ModelHub, modelSession } from './model-hub.fixture.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

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

/** The link against a network that refuses, cuts, stalls and delays. */
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createLink } from './link.ts';
import type { Link, LinkOptions, LinkState } from './link.types.ts';
import { createMemoryNetwork } from './memory-network.ts';
import type { FrameFate, MemoryFaults } from './memory-network.ts';
import type { Frame, Socket } from './socket.types.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

interface Bench {
  link: Link;
  states: LinkState[];
  received: Frame[];
  /** Far ends, oldest first. */
  far: Socket[];
  arrived: Frame[];
  cutAll: () => void;
}

/** A link to an echoing far side. */
const startBench = (given: { faults?: MemoryFaults; options?: Partial<LinkOptions> } = {}): Bench => {
  const bench = { states: [] as LinkState[], received: [] as Frame[], far: [] as Socket[], arrived: [] as Frame[] };
  const network = createMemoryNetwork((socket) => {
    bench.far.push(socket);
    return {
      onFrame: (frame) => {
        bench.arrived.push(frame);
        socket.send(frame);
      },
      onClose: () => undefined,
    };
  }, given.faults);
  const link = createLink({
    dial: async (sink) => network.transport({ url: 'memory:', subprotocols: [] }, sink),
    onConnected: () => undefined,
    onFrame: (frame) => bench.received.push(frame),
    onState: (state) => bench.states.push(state),
    makePing: () => 'ping',
    random: () => 1,
    ...given.options,
  });
  return { ...bench, link, cutAll: () => network.cutAll() };
};

const settle = (ms = 0): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);
const kinds = (bench: Bench): string[] => bench.states.map((state) => state.kind);

test('I8: connects, sends and receives, and closes for good', async () => {
  const bench = startBench();
  expect(bench.link.send('early')).toBe('down');
  await settle();
  expect(bench.link.send('hello')).toBe('sent');
  await settle();
  bench.link.close();
  await settle(60_000);
  expect(bench.received).toEqual(['hello']);
  expect(kinds(bench)).toEqual(['connected', 'closed']);
  expect(bench.link.send('late')).toBe('down');
});

test('T18: a cut connection is dialled again within half a second', async () => {
  const bench = startBench();
  await settle(5_000);
  bench.cutAll();
  await settle();
  expect(bench.link.state).toMatchObject({ kind: 'reconnecting', attempt: 1 });
  expect(bench.link.send('typed while down')).toBe('down');
  await settle(500);
  expect(bench.link.state.kind).toBe('connected');
  expect(bench.arrived).toEqual([]);
  bench.link.close();
});

test('A2: pauses are at most 100 ms in the first 5 s of an outage, 400 ms in the first 30 s, 10 s later on', async () => {
  let isUp = true;
  const bench = startBench({ faults: { onDial: () => isUp } });
  await settle(2_000);
  isUp = false;
  bench.cutAll();
  const pauses: { at: number; pauseMs: number }[] = [];
  const lostAt = Date.now();
  for (let step = 0; step < 2_400; step += 1) {
    await settle(50);
    const { state } = bench.link;
    if (state.kind === 'reconnecting')
      pauses.push({ at: Date.now() - lostAt, pauseMs: state.nextAttemptAt - Date.now() });
  }
  const longest = (fromMs: number, toMs: number): number =>
    Math.max(...pauses.filter(({ at }) => at >= fromMs && at < toMs).map(({ pauseMs }) => pauseMs));
  expect(longest(0, 5_000)).toBeLessThanOrEqual(100);
  expect(longest(5_000, 29_500)).toBeLessThanOrEqual(400);
  expect(longest(29_500, Infinity)).toBeLessThanOrEqual(10_000);
  expect(bench.far.length).toBe(1);
  isUp = true;
  bench.link.retryNow();
  await settle();
  expect(bench.link.state.kind).toBe('connected');
  bench.link.close();
});

test('many clients do not come back in step: pauses are spread over half their length', async () => {
  const pauseFor = async (random: number): Promise<number> => {
    const bench = startBench({ faults: { onDial: () => false }, options: { random: () => random } });
    await settle();
    const { state } = bench.link;
    bench.link.close();
    return state.kind === 'reconnecting' ? state.nextAttemptAt - Date.now() : -1;
  };
  expect(await pauseFor(0)).toBe((await pauseFor(1)) / 2);
});

test('half-open: a silent other side is noticed and replaced; one that answers is kept', async () => {
  let isStalled = false;
  const bench = startBench({ faults: { onFrame: () => (isStalled ? 'stall' : 'deliver') } });
  await settle(100_000);
  expect(kinds(bench)).toEqual(['connected']);
  expect(bench.arrived.length).toBeGreaterThan(3);
  isStalled = true;
  await settle(26_000);
  isStalled = false;
  await settle(1_000);
  expect(kinds(bench)).toEqual(['connected', 'reconnecting', 'connected']);
  bench.link.close();
});

test('half-open: a hint that the network changed finds out within three seconds', async () => {
  let isStalled = false;
  const bench = startBench({ faults: { onFrame: () => (isStalled ? 'stall' : 'deliver') } });
  await settle(1_500);
  isStalled = true;
  bench.link.retryNow();
  await settle(3_100);
  isStalled = false;
  await settle(500);
  expect(kinds(bench)).toEqual(['connected', 'reconnecting', 'connected']);
  bench.link.close();
});

test('a dial that never opens is given up and tried again', async () => {
  let dials = 0;
  const never = (): Promise<Socket> => {
    dials += 1;
    return new Promise<Socket>(() => undefined);
  };
  const bench = startBench({ options: { dial: never } });
  await settle(30_000);
  expect(dials).toBeGreaterThan(4);
  bench.link.close();
  const before = dials;
  await settle(30_000);
  expect(dials).toBe(before);
});

test('a refusal ends the attempts until somebody asks again', async () => {
  const bench = startBench({
    options: { judgeClose: () => ({ kind: 'refused', code: 'UNAUTHORIZED', message: 'unknown device' }) },
  });
  await settle();
  bench.far[0]?.close(4401, 'unauthorized');
  await settle(120_000);
  expect(bench.link.state).toEqual({ kind: 'refused', code: 'UNAUTHORIZED', message: 'unknown device' });
  bench.link.retryNow();
  await settle();
  expect(bench.link.state.kind).toBe('connected');
  bench.link.close();
});

test('a corrected cause is retried at once, but not in a tight loop', async () => {
  const bench = startBench({ options: { judgeClose: () => ({ kind: 'retryAtOnce' }) } });
  const closeFar = async (): Promise<void> => {
    bench.far.at(-1)?.close(4401, 'skewed');
    await settle();
  };
  await settle();
  await closeFar();
  await settle();
  expect(bench.far.length).toBe(2);
  await closeFar();
  expect(bench.far.length).toBe(2);
  await settle(500);
  expect(bench.far.length).toBe(3);
  bench.link.close();
});

test('LINK_OVERFLOW: what would pile up in a socket that does not drain is refused', async () => {
  const socket: Socket = {
    send: () => undefined,
    bufferedBytes: 900,
    subprotocol: '',
    close: () => undefined,
    terminate: () => undefined,
  };
  const options: Partial<LinkOptions> = {
    maxSendBytes: 1_000,
    dial: async (sink) => {
      queueMicrotask(() => sink.onOpen(socket));
      return socket;
    },
  };
  const bench = startBench({ options });
  await settle();
  expect(bench.link.send('x'.repeat(100))).toBe('sent');
  expect(bench.link.send('x'.repeat(101))).toBe('full');
  bench.link.close();
});

const fate: fc.Arbitrary<FrameFate> = fc.oneof(
  { weight: 12, arbitrary: fc.constant<FrameFate>('deliver') },
  { weight: 2, arbitrary: fc.constant<FrameFate>('cut') },
  { weight: 1, arbitrary: fc.constant<FrameFate>('stall') },
  { weight: 1, arbitrary: fc.constant<FrameFate>('drop') },
  { weight: 2, arbitrary: fc.nat({ max: 50 }).map((delayMs): FrameFate => ({ delayMs })) },
);

test('under any faults: frames of one socket keep their order, ghosts are silent, and the link comes back', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fate, { maxLength: 60 }), async (fates) => {
      const plan = [...fates];
      const bench = startBench({ faults: { onFrame: () => plan.shift() ?? 'deliver' } });
      for (let number = 0; number < 60; number += 1) {
        bench.link.send(`${bench.far.length} ${number}`);
        await settle(20);
      }
      const stalls = fates.filter((one) => one === 'stall').length;
      await settle(30_000 * (stalls + 2));
      // The faults are over; one of them may have been a heartbeat's, a moment ago.
      plan.length = 0;
      await settle(60_000);
      expect(bench.link.state.kind).toBe('connected');
      bench.link.send('last');
      await settle();
      expect(bench.received.findLast((frame) => frame !== 'ping')).toBe('last');
      const numbers = bench.received.filter((frame) => /^\d/.test(String(frame))).map((frame) => String(frame));
      const order = numbers.map((text) => Number(text.split(' ')[1]));
      expect(order).toEqual(order.toSorted((a, b) => a - b));
      bench.link.close();
    }),
    { numRuns: 150 },
  );
});

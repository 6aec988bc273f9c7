/** B1 and B2: a flood to one client over hub and node, alone and beside a stalled and a typing viewer; and on main. */
import { startBenchHub } from '../bench-hub.ts';
import type { BenchHub, Place } from '../bench-hub.ts';
import { bareFlood, floodBytes, navisFlood, sshFlood } from '../floods.ts';
import { interleave, median, percentile } from '../measure.ts';
import { navisEcho } from '../navis-echo.ts';
import { startBareHop, startBareRelay } from '../peers/bare-path.ts';
import { keyToEcho } from '../peers/echo.ts';
import type { EchoPath } from '../peers/echo.ts';
import { startSshPeer } from '../peers/ssh-peer.ts';
import type { BenchRow, Figure } from '../row.types.ts';

/** About 200 MB. */
const lines = 2_350_000;
const megabytesPerSecond = (milliseconds: number): number => floodBytes(lines) / 1000 / milliseconds;

const throughput = async (place: Place, rounds: number): Promise<Figure[]> => {
  const limit = place === 'node' ? 'bare relay' : 'bare hop';
  await using hub = await startBenchHub(place);
  await using bare = await (place === 'node' ? startBareRelay() : startBareHop());
  await using ssh = await startSshPeer();
  const contenders = {
    ours: navisFlood(hub, lines),
    [limit]: bareFlood(bare, lines),
    ...(ssh === undefined ? {} : { ssh: sshFlood(ssh.fresh, lines) }),
  };
  const times = await interleave(contenders, { rounds, samples: 1 });
  const rate = (name: string): number => megabytesPerSecond(median(times[name] ?? []));
  const peers = Object.fromEntries(Object.keys(times).flatMap((name) => (name === 'ours' ? [] : [[name, rate(name)]])));
  const goal = `at least 0.8 × the ${limit}`;
  return [{ what: 'p50', unit: 'MB/s', ours: rate('ours'), peers, goal, met: rate('ours') >= 0.8 * rate(limit) }];
};

export const b1Throughput: BenchRow = {
  id: 'B1',
  what: '200 MB of terminal output to a client over hub and node, nothing missing',
  run: ({ rounds }) => throughput('node', rounds),
};

export const b1OnMain: BenchRow = {
  id: 'B1-MAIN',
  what: '200 MB of terminal output to a client of the hub on main, nothing missing',
  run: ({ rounds }) => throughput('main', rounds),
};

export const b2Neighbours: BenchRow = {
  id: 'B2',
  what: 'the same while a second viewer stalls and a third types',
  async run({ rounds }): Promise<Figure[]> {
    await using hub = await startBenchHub('node');
    await using echo = await navisEcho(hub);
    const flood = navisFlood(hub, lines);
    const quiet: number[] = [];
    const alone: number[] = [];
    const together: number[] = [];
    const busy: number[] = [];
    for (let round = 0; round <= rounds; round += 1) {
      quiet.push(...(await typeWhile(echo, new Promise((resolve) => setTimeout(resolve, 1500)))));
      alone.push(await flood());
      const stall = await stalledViewer(hub);
      const flooding = flood();
      busy.push(...(await typeWhile(echo, flooding)));
      together.push(await flooding);
      stall();
    }
    const [aloneRate, togetherRate] = [megabytesPerSecond(median(alone)), megabytesPerSecond(median(together))];
    const [quietP99, busyP99] = [percentile(quiet, 0.99), percentile(busy, 0.99)];
    return [
      {
        what: 'flood beside a stalled viewer and a typist',
        unit: 'MB/s',
        ours: togetherRate,
        peers: { alone: aloneRate },
        goal: 'within 10 % of alone',
        met: togetherRate >= 0.9 * aloneRate,
      },
      {
        what: 'echo p99 beside the flood',
        unit: 'ms',
        ours: busyP99,
        peers: { quiet: quietP99 },
        goal: 'at most 3 × quiet, or 5.5 ms',
        met: busyP99 <= Math.max(3 * quietP99, 5.5),
      },
    ];
  },
};

/** Views a flooding terminal and consumes nothing; returns how to end it. */
const stalledViewer = async (hub: BenchHub): Promise<() => void> => {
  const terminal = await hub.openTerminal('yes stalled');
  const connection = await hub.connect();
  const never = new Promise<void>(() => undefined);
  connection
    .live()
    .viewTerminal({ terminalId: terminal.terminalId }, { onReset: () => undefined, onBytes: () => never });
  return () => {
    connection.close();
    void hub.closeTerminal(terminal);
  };
};

const typeWhile = async (echo: EchoPath, work: Promise<unknown>): Promise<number[]> => {
  const times: number[] = [];
  let isDone = false;
  const done = work.finally(() => (isDone = true));
  while (!isDone) {
    times.push(await keyToEcho(echo, 'x'));
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await done;
  return times;
};

/** X1, X2: the round trip of `true` over a kept connection, on main and over hub and node. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { startBenchHub } from '../bench-hub.ts';
import type { Place } from '../bench-hub.ts';
import { interleave, median, timed } from '../measure.ts';
import { startBareRelay } from '../peers/bare-path.ts';
import { startSshPeer } from '../peers/ssh-peer.ts';
import type { BenchRow, Figure } from '../row.types.ts';

const runToEnd = (file: string, args: string[]) => async (): Promise<number> =>
  timed(async () => {
    const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.resume();
    child.stderr.resume();
    await once(child, 'close');
  });

/** Milliseconds of each contender, p50. */
const roundTrips = async (place: Place, rounds: number): Promise<Record<string, number>> => {
  await using stack = new AsyncDisposableStack();
  const hub = stack.use(await startBenchHub(place));
  const ssh = await startSshPeer();
  if (ssh !== undefined) stack.use(ssh);
  const relay = place === 'node' ? stack.use(await startBareRelay()) : undefined;
  const contenders = {
    ours: () => timed(() => hub.run('true')),
    spawn: runToEnd('bash', ['-c', 'true']),
    ...(relay === undefined ? {} : { 'bare relay': await relay.runner('true') }),
    ...(ssh === undefined
      ? {}
      : {
          multiplexed: runToEnd('ssh', [...ssh.multiplexed, 'true']),
          ...(place === 'node' ? { 'fresh ssh': runToEnd('ssh', [...ssh.fresh, 'true']) } : {}),
        }),
  };
  const times = await interleave(contenders, { rounds, samples: 30 });
  return Object.fromEntries(Object.entries(times).map(([name, values]) => [name, median(values)]));
};

const figure = (times: Record<string, number>, goal: string, met: boolean | null): Figure => {
  const { ours = Number.NaN, ...peers } = times;
  return { what: 'p50', unit: 'ms', ours, peers, goal, met };
};

export const x1Command: BenchRow = {
  id: 'X1',
  what: 'round trip of `true` over hub and node, kept connection',
  async run({ rounds }): Promise<Figure[]> {
    const times = await roundTrips('node', rounds);
    const { ours = Number.NaN, multiplexed } = times;
    const met = multiplexed === undefined ? null : ours <= multiplexed / 2;
    return [figure(times, 'at most half of multiplexed ssh', met)];
  },
};

export const x2Command: BenchRow = {
  id: 'X2',
  what: 'round trip of `true` on main over a kept connection',
  async run({ rounds }): Promise<Figure[]> {
    const times = await roundTrips('main', rounds);
    const { ours = Number.NaN, spawn: spawnMs = Number.NaN } = times;
    return [figure(times, 'at most 2 × spawn (stretch 1.5 ×)', ours <= 2 * spawnMs)];
  },
};

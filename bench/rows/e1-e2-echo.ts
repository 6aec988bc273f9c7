/** E1, E2: from a key to its echo, over hub and node and on main. */
import { navisEcho } from '../navis-echo.ts';
import { startBenchHub } from '../bench-hub.ts';
import type { Place } from '../bench-hub.ts';
import { interleave, percentile } from '../measure.ts';
import { startBareHop, startBareRelay } from '../peers/bare-path.ts';
import { bareHopEcho, keyToEcho, rawPtyEcho, sshEcho, tmuxEcho } from '../peers/echo.ts';
import type { EchoPath } from '../peers/echo.ts';
import { ensurePeer } from '../peers/install.ts';
import { startSshPeer } from '../peers/ssh-peer.ts';
import type { BenchRow, Figure } from '../row.types.ts';

interface EchoGoal {
  place: Place;
  /** The plain path that ours is held against, and how many times its time is allowed. */
  limit: 'bare hop' | 'bare relay';
  factor: number;
}

const echoFigures = async ({ place, limit, factor }: EchoGoal, rounds: number): Promise<Figure[]> => {
  await using stack = new AsyncDisposableStack();
  const hub = stack.use(await startBenchHub(place));
  const bare = stack.use(await (place === 'node' ? startBareRelay() : startBareHop()));
  const ssh = await startSshPeer();
  if (ssh !== undefined) stack.use(ssh);
  const paths: Record<string, EchoPath> = {
    ours: stack.use(await navisEcho(hub)),
    [limit]: stack.use(await bareHopEcho(bare)),
    'raw PTY': stack.use(await rawPtyEcho()),
  };
  if (ensurePeer('tmux')) paths['tmux'] = stack.use(await tmuxEcho());
  if (ssh !== undefined) paths['ssh'] = stack.use(await sshEcho(ssh.fresh));
  const contenders = Object.fromEntries(
    Object.entries(paths).map(([name, path]) => [name, () => keyToEcho(path, 'x')]),
  );
  const times = await interleave(contenders, { rounds, samples: 100 });
  const of = (name: string, fraction: number): number => percentile(times[name] ?? [], fraction);
  const at = (fraction: number): Pick<Figure, 'unit' | 'ours' | 'peers'> => ({
    unit: 'ms',
    ours: of('ours', fraction),
    peers: Object.fromEntries(
      Object.keys(paths).flatMap((name) => (name === 'ours' ? [] : [[name, of(name, fraction)]])),
    ),
  });
  const goal = `at most ${factor} × one ${limit}`;
  return [
    { what: 'p50', ...at(0.5), goal, met: of('ours', 0.5) <= factor * of(limit, 0.5) },
    {
      what: 'p99',
      ...at(0.99),
      goal: "at most twice ssh's p99 (stretch)",
      met: ssh === undefined ? null : of('ours', 0.99) <= 2 * of('ssh', 0.99),
    },
  ];
};

export const e1Echo: BenchRow = {
  id: 'E1',
  what: 'key to echo (`cat`), client → hub → node → PTY',
  run: ({ rounds }) => echoFigures({ place: 'node', limit: 'bare relay', factor: 1.5 }, rounds),
};

export const e2Echo: BenchRow = {
  id: 'E2',
  what: 'key to echo (`cat`) on main',
  run: ({ rounds }) => echoFigures({ place: 'main', limit: 'bare hop', factor: 2 }, rounds),
};

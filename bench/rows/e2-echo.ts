/** E2: from a key to its echo on this machine. */
import { navisEcho } from '../navis-echo.ts';
import { startBenchHub } from '../bench-hub.ts';
import { interleave, median, percentile } from '../measure.ts';
import { bareHopEcho, keyToEcho, rawPtyEcho, sshEcho, startBareHop, tmuxEcho } from '../peers/echo.ts';
import type { EchoPath } from '../peers/echo.ts';
import { ensurePeer } from '../peers/install.ts';
import { startSshPeer } from '../peers/ssh-peer.ts';
import type { BenchRow, Figure } from '../row.types.ts';

export const e2Echo: BenchRow = {
  id: 'E2',
  what: 'key to echo (`cat`) on main',
  async run({ rounds }): Promise<Figure[]> {
    await using stack = new AsyncDisposableStack();
    const hub = stack.use(await startBenchHub());
    const hop = stack.use(await startBareHop());
    const ssh = await startSshPeer();
    if (ssh !== undefined) stack.use(ssh);
    const paths: Record<string, EchoPath> = {
      ours: stack.use(await navisEcho(hub)),
      'bare hop': stack.use(await bareHopEcho(hop)),
      'raw PTY': stack.use(await rawPtyEcho()),
    };
    if (ensurePeer('tmux')) paths['tmux'] = stack.use(await tmuxEcho());
    if (ssh !== undefined) paths['ssh'] = stack.use(await sshEcho(ssh.fresh));
    const contenders = Object.fromEntries(
      Object.entries(paths).map(([name, path]) => [name, () => keyToEcho(path, 'x')]),
    );
    const times = await interleave(contenders, { rounds, samples: 100 });
    const of = (name: string, fraction: number): number => percentile(times[name] ?? [], fraction);
    const peersAt = (fraction: number) =>
      Object.fromEntries(Object.keys(paths).flatMap((name) => (name === 'ours' ? [] : [[name, of(name, fraction)]])));
    return [
      {
        what: 'p50',
        unit: 'ms',
        ours: median(times['ours'] ?? []),
        peers: peersAt(0.5),
        goal: 'at most 2 × one bare hop (stretch: tmux)',
        met: of('ours', 0.5) <= 2 * of('bare hop', 0.5),
      },
      {
        what: 'p99',
        unit: 'ms',
        ours: of('ours', 0.99),
        peers: peersAt(0.99),
        goal: "at most twice ssh's p99 (stretch)",
        met: ssh === undefined ? null : of('ours', 0.99) <= 2 * of('ssh', 0.99),
      },
    ];
  },
};

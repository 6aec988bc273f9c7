/** X2: the round trip of `true` on this machine over a kept connection. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { startBenchHub } from '../bench-hub.ts';
import { interleave, median, timed } from '../measure.ts';
import { startSshPeer } from '../peers/ssh-peer.ts';
import type { BenchRow, Figure } from '../row.types.ts';

const runToEnd = (file: string, args: string[]) => async (): Promise<number> =>
  timed(async () => {
    const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.resume();
    child.stderr.resume();
    await once(child, 'close');
  });

export const x2Command: BenchRow = {
  id: 'X2',
  what: 'round trip of `true` on main over a kept connection',
  async run({ rounds }): Promise<Figure[]> {
    await using hub = await startBenchHub();
    await using ssh = await startSshPeer();
    const { id } = await hub.api.createSession({ body: {} });
    const ours = (): Promise<number> =>
      timed(async () => {
        const result = await hub.api.callTool({
          params: { id, tool: 'terminal' },
          body: { action: 'run', command: 'true' },
        });
        if (!result.success) throw new Error(result.error?.message ?? 'the call failed');
      });
    const contenders = {
      ours,
      spawn: runToEnd('bash', ['-c', 'true']),
      ...(ssh === undefined ? {} : { multiplexed: runToEnd('ssh', [...ssh.multiplexed, 'true']) }),
    };
    const times = await interleave(contenders, { rounds, samples: 30 });
    const [oursMs, spawnMs] = [median(times['ours'] ?? []), median(times['spawn'] ?? [])];
    const peers = Object.fromEntries(
      Object.entries(times).flatMap(([name, values]) => (name === 'ours' ? [] : [[name, median(values)]])),
    );
    return [
      {
        what: 'p50',
        unit: 'ms',
        ours: oursMs,
        peers,
        goal: 'at most 2 × spawn (stretch 1.5 ×)',
        met: oursMs <= 2 * spawnMs,
      },
    ];
  },
};

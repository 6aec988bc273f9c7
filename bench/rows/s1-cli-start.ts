/** S1: how long the CLI takes to start. */
import { spawnSync } from 'node:child_process';
import { programFile } from '@navisai/testkit';
import { startBenchHub } from '../bench-hub.ts';
import { interleave, median } from '../measure.ts';
import { ensurePeer } from '../peers/install.ts';
import type { BenchRow, Figure } from '../row.types.ts';

export const s1CliStart: BenchRow = {
  id: 'S1',
  what: 'CLI start: `navisai --version`, `navisai status`',
  async run({ rounds }): Promise<Figure[]> {
    const cli = programFile('cli');
    await using hub = await startBenchHub();
    const environment = { ...process.env, NAVIS_HOME: hub.home };
    const start = (file: string, args: string[]) => async (): Promise<number> => {
      const begin = performance.now();
      const { status, stderr } = spawnSync(file, args, { env: environment, encoding: 'utf8' });
      if (status !== 0) throw new Error(`${file} ${args.join(' ')}: ${stderr}`);
      return performance.now() - begin;
    };
    const contenders = {
      version: start(process.execPath, [cli, '--version']),
      status: start(process.execPath, [cli, 'status']),
      'Node.js itself': start(process.execPath, ['-e', '0']),
      ...(ensurePeer('tmux') ? { tmux: start('tmux', ['-V']) } : {}),
    };
    const times = await interleave(contenders, { rounds, samples: 6 });
    const of = (name: string): number => median(times[name] ?? []);
    const peers = Object.fromEntries(
      Object.keys(times).flatMap((name) => (name === 'version' || name === 'status' ? [] : [[name, of(name)]])),
    );
    const node = of('Node.js itself');
    return [
      {
        what: '--version, p50',
        unit: 'ms',
        ours: of('version'),
        peers,
        goal: 'at most 2 × Node.js itself (stretch 1.5 ×)',
        met: of('version') <= 2 * node,
      },
      {
        what: 'status, p50',
        unit: 'ms',
        ours: of('status'),
        peers,
        goal: 'at most 5 × Node.js itself (stretch 3 ×)',
        met: of('status') <= 5 * node,
      },
    ];
  },
};

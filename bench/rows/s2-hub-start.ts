/** S2: from starting the hub to its first answer. R1: from `kill -9` to all terminals live again. */
import { setTimeout as pause } from 'node:timers/promises';
import { startBenchHub } from '../bench-hub.ts';
import { median, timed } from '../measure.ts';
import type { BenchRow, Figure } from '../row.types.ts';

/** A hub keeps its compiled code for the next start when it has run for some seconds: the first start of a version is another. */
const settleMs = 8000;

export const s2HubStart: BenchRow = {
  id: 'S2',
  what: 'hub start to first answer',
  async run({ rounds }): Promise<Figure[]> {
    await using hub = await startBenchHub();
    await pause(settleMs);
    const times: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      await hub.kill();
      times.push(await timed(() => hub.start()));
    }
    const ours = median(times);
    return [{ what: 'p50', unit: 'ms', ours, peers: {}, goal: 'at most 1000 ms (stretch 400)', met: ours <= 1000 }];
  },
};

const terminalCount = 10;

export const r1Recovery: BenchRow = {
  id: 'R1',
  what: `hub kill -9 to up and ${terminalCount} terminals live again`,
  async run({ rounds }): Promise<Figure[]> {
    await using hub = await startBenchHub();
    const opened = [];
    for (let index = 0; index < terminalCount; index += 1)
      opened.push(await hub.openTerminal('while read line; do echo "got $line"; done'));
    const times: number[] = [];
    let lost = 0;
    for (let round = 0; round < rounds; round += 1) {
      const { promise, resolve } = Promise.withResolvers<number>();
      void hub.kill().then(() => resolve(performance.now()));
      const begin = await promise;
      await hub.start();
      const answers = await Promise.all(opened.map((terminal) => hub.answers(terminal, `round${round}`)));
      lost += answers.filter((isAlive) => !isAlive).length;
      times.push(performance.now() - begin);
    }
    const ours = median(times);
    return [
      { what: 'p50', unit: 'ms', ours, peers: {}, goal: 'at most 2000 ms (stretch 1000)', met: ours <= 2000 },
      { what: 'terminals lost', unit: 'lines', ours: lost, peers: {}, goal: '0', met: lost === 0 },
    ];
  },
};

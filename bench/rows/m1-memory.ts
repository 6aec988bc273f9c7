/** M1, M2: idle memory, and how it grows with terminals and viewers (proportional set size, Linux). */
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { startBenchHub } from '../bench-hub.ts';
import type { BenchHub } from '../bench-hub.ts';
import type { BenchRow, Figure } from '../row.types.ts';

/** Longer than the screens wait before they are put away, and time for the collector. */
const restMs = 45_000;

const proportionalSetMb = (pid: number): number => {
  const match = /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'));
  return Number(match?.[1] ?? Number.NaN) / 1024;
};

const totalMb = (pids: readonly number[]): number => pids.reduce((sum, pid) => sum + proportionalSetMb(pid), 0);

export const m1Memory: BenchRow = {
  id: 'M1',
  what: 'idle memory: the hub; a node with what keeps its terminals',
  async run(): Promise<Figure[]> {
    await using hub = await startBenchHub('node');
    await hub.openTerminal('read end');
    await pause(restMs);
    const hubMb = proportionalSetMb(hub.pid);
    const nodeMb = totalMb(hub.nodePids());
    return [
      { what: 'hub', unit: 'MB', ours: hubMb, peers: {}, goal: 'at most 150 MB (stretch 100)', met: hubMb <= 150 },
      {
        what: 'node with its hosts',
        unit: 'MB',
        ours: nodeMb,
        peers: {},
        goal: 'at most 80 MB (stretch 60)',
        met: nodeMb <= 80,
      },
    ];
  },
};

const terminalSteps = [10, 20, 40, 80];
const viewerSteps = [0, 50, 100];

export const m2MemoryGrowth: BenchRow = {
  id: 'M2',
  what: 'memory per idle terminal and per viewer',
  async run({ log }): Promise<Figure[]> {
    await using hub = await startBenchHub();
    const ourProcesses = (): readonly number[] => [hub.pid, ...hub.hostPids()];
    const samples: { terminals: number; mb: number }[] = [];
    let opened = 0;
    for (const step of terminalSteps) {
      for (; opened < step; opened += 1)
        await hub.openTerminal('seq 1 500; read end', { newSession: opened % 10 === 0 });
      await pause(restMs);
      samples.push({ terminals: step, mb: totalMb(ourProcesses()) });
      log(`${step} terminals: ${totalMb(ourProcesses()).toFixed(1)} MB`);
    }
    const perTerminal = slope(samples.map(({ terminals, mb }) => [terminals, mb]));
    return [
      {
        what: 'per idle terminal',
        unit: 'MB',
        ours: perTerminal,
        peers: {},
        goal: 'at most 0.5 MB',
        met: perTerminal <= 0.5,
      },
      await viewerFigure(hub, ourProcesses, log),
    ];
  },
};

const viewerFigure = async (
  hub: BenchHub,
  ourProcesses: () => readonly number[],
  log: (line: string) => void,
): Promise<Figure> => {
  const terminal = await hub.openTerminal('seq 1 500; read end', { newSession: true });
  const samples: [number, number][] = [];
  let viewers = 0;
  for (const step of viewerSteps) {
    for (; viewers < step; viewers += 1) await hub.view(terminal);
    await pause(restMs / 3);
    samples.push([step, totalMb(ourProcesses())]);
    log(`${step} viewers: ${totalMb(ourProcesses()).toFixed(1)} MB`);
  }
  const perViewer = slope(samples);
  return {
    what: 'per viewer with a TLS connection of its own',
    unit: 'MB',
    ours: perViewer,
    peers: {},
    goal: 'at most 0.1 MB',
    met: perViewer <= 0.1,
  };
};

/** Least squares. */
const slope = (points: readonly (readonly [number, number])[]): number => {
  const meanX = points.reduce((sum, [x]) => sum + x, 0) / points.length;
  const meanY = points.reduce((sum, [, y]) => sum + y, 0) / points.length;
  const covariance = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0);
  return covariance / points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
};

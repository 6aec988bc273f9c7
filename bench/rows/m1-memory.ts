/** M1, M2: idle memory, and how it grows with terminals and viewers (proportional set size, Linux). */
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { startHub, startModelServer, until } from '@navisai/testkit';
import type { TestHub } from '@navisai/testkit';
import { startBenchHub } from '../bench-hub.ts';
import type { BenchHub } from '../bench-hub.ts';
import { inspectProcess } from '../collected-heap.ts';
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
  what: 'idle memory: the hub; a node with what keeps its terminals, and with what runs commands',
  async run(): Promise<Figure[]> {
    await using hub = await startBenchHub('node');
    await hub.openTerminal('read end');
    await pause(restMs);
    const hubMb = proportionalSetMb(hub.pid);
    const nodeMb = totalMb(hub.nodePids());
    await hub.run('true');
    await pause(restMs);
    const withRunHostMb = totalMb(hub.nodePids());
    return [
      { what: 'hub', unit: 'MB', ours: hubMb, peers: {}, goal: 'at most 150 MB (stretch 100)', met: hubMb <= 150 },
      {
        what: 'node with its pty-host',
        unit: 'MB',
        ours: nodeMb,
        peers: {},
        goal: 'at most 80 MB (stretch 60)',
        met: nodeMb <= 80,
      },
      {
        what: 'node with both hosts, after its first command',
        unit: 'MB',
        ours: withRunHostMb,
        peers: {},
        goal: 'at most 80 MB (stretch 60)',
        met: withRunHostMb <= 80,
      },
    ];
  },
};

const terminalSteps = [10, 20, 40, 80];
const viewerSteps = [0, 50, 100];

export const m2MemoryGrowth: BenchRow = {
  id: 'M2',
  what: 'memory per idle terminal, per viewer and per idle conversation',
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

const conversationSteps = [0, 100, 200, 400];

export const m2Conversations: BenchRow = {
  id: 'M2-CONVERSATION',
  what: 'memory per idle conversation, each with a run that is over',
  async run({ log }): Promise<Figure[]> {
    await using model = await startModelServer();
    model.script(() => ({ text: 'Yes.' }));
    await using hub = await startHub();
    const baseUrl = model.baseUrl('openai-compatible');
    await hub.host.api.addModelProvider({
      body: { id: 'bench', kind: 'openai-compatible', baseUrl, models: [{ id: 'm', contextTokens: 32_768 }] },
    });
    await hub.host.api.setDefaultModels({ body: { models: ['bench/m'] } });
    await converse(hub, warmUp);
    using inspected = await inspectProcess(hub.pid);
    const samples: [number, number][] = [];
    let held = 0;
    for (const step of conversationSteps) {
      await converse(hub, step - held);
      held = step;
      const heapKb = (await inspected.collectedHeap()) / 1024;
      samples.push([step, heapKb]);
      log(`${step} conversations: ${heapKb.toFixed(0)} KB of heap`);
    }
    const each = slope(samples);
    return [
      {
        what: 'heap per idle conversation',
        unit: 'KB',
        ours: each,
        peers: {},
        goal: '0 (at most 10: what the newest few hold)',
        met: each <= 10,
      },
    ];
  },
};

/** Code that is compiled and pools that are filled by the first are no cost of the others. */
const warmUp = 50;

const converse = async (hub: TestHub, count: number): Promise<void> => {
  const { api } = hub.host;
  for (let done = 0; done < count; done += 1) {
    const { id } = await api.createSession({ body: { kind: 'agent', title: 'bench' } });
    await api.sendMessage({ params: { id }, body: { text: 'Are you there?' } });
    await until('the run is over', async () => ((await api.session({ params: { id } })).activity ?? null) === null);
  }
};

/** Least squares. */
const slope = (points: readonly (readonly [number, number])[]): number => {
  const meanX = points.reduce((sum, [x]) => sum + x, 0) / points.length;
  const meanY = points.reduce((sum, [, y]) => sum + y, 0) / points.length;
  const covariance = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0);
  return covariance / points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
};

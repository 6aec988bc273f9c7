/** F1, F2: a large fleet of idle nodes on one hub: what each costs, how fast all are back, and what a call still takes. */
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { startBenchHub } from '../bench-hub.ts';
import type { BenchHub } from '../bench-hub.ts';
import { growthExponent, median, timed, within } from '../measure.ts';
import type { FromSimulation, ToSimulation } from '../simulated-nodes.ts';
import type { BenchContext, BenchRow, Figure } from '../row.types.ts';

const fleetSizes = [1_000, 10_000];
const busyNodes = 100;
const joinDeadlineMs = 240_000;
const restMs = 15_000;
const heartbeatWindowMs = 30_000;
/** Clock ticks per second, as Linux tells processor time to programs. */
const ticksPerSecond = 100;
const samples = 60;

interface Fleet extends Disposable {
  readonly nodeIds: string[];
  /** Grows to so many nodes; resolves when all are online. */
  growTo(size: number): Promise<void>;
  count(): Promise<FromSimulation>;
  /** Resolves when as many as were added are online. */
  complete(): Promise<void>;
}

const startFleet = (hub: BenchHub): Fleet => {
  const child: ChildProcess = fork(new URL('../simulated-nodes.ts', import.meta.url), [], { stdio: 'inherit' });
  const nodeIds: string[] = [];
  const tell = (message: ToSimulation): void => void child.send(message);
  const fleet: Fleet = {
    nodeIds,
    async growTo(size) {
      const keys: string[] = [];
      while (nodeIds.length < size) {
        const { node, key } = await hub.api.addNode({ body: { name: `n${nodeIds.length}` } });
        nodeIds.push(node.id);
        keys.push(key);
      }
      tell({ type: 'join', origin: `https://127.0.0.1:${hub.port}`, keys });
      await fleet.complete();
    },
    async count() {
      tell({ type: 'count' });
      const [counted] = (await once(child, 'message')) as [FromSimulation];
      return counted;
    },
    complete: () => within(joinDeadlineMs, `${nodeIds.length} nodes online`, untilComplete(fleet)),
    [Symbol.dispose]: () => child.disconnect(),
  };
  return fleet;
};

const untilComplete = async (fleet: Fleet): Promise<void> => {
  while ((await fleet.count()).online < fleet.nodeIds.length) await pause(50);
};

const privateMb = (pid: number): number => {
  const match = /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'));
  return Number(match?.[1] ?? Number.NaN) / 1024;
};

/** Processor seconds of a process so far. */
const processorSeconds = (pid: number): number => {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
};

const costOfIdleFleet = async (context: BenchContext): Promise<Figure[]> => {
  await using hub = await startBenchHub();
  using fleet = startFleet(hub);
  await pause(restMs);
  const emptyMb = privateMb(hub.pid);
  const perNodeKb: number[] = [];
  for (const size of fleetSizes) {
    const joinedMs = await timed(() => fleet.growTo(size));
    await pause(restMs);
    perNodeKb.push(((privateMb(hub.pid) - emptyMb) * 1024) / size);
    context.log(`${size} nodes joined in ${(joinedMs / 1000).toFixed(1)} s, ${perNodeKb.at(-1)?.toFixed(1)} KB each`);
  }
  const before = processorSeconds(hub.pid);
  await pause(heartbeatWindowMs);
  const heartbeatShare = ((processorSeconds(hub.pid) - before) / (heartbeatWindowMs / 1000)) * 100;
  await hub.kill();
  const backMs = await timed(async () => {
    await hub.start();
    await fleet.complete();
  });
  const { refused } = await fleet.count();
  return fleetFigures({ perNodeKb, heartbeatShare, backSeconds: backMs / 1000, refused });
};

const fleetFigures = (measured: {
  perNodeKb: number[];
  heartbeatShare: number;
  backSeconds: number;
  refused: number;
}): Figure[] => {
  const { perNodeKb, heartbeatShare, backSeconds, refused } = measured;
  const kb = perNodeKb.at(-1) ?? Number.NaN;
  const totals = fleetSizes.map((size, index) => size * (perNodeKb[index] ?? Number.NaN));
  const exponent = growthExponent(fleetSizes, totals);
  const size = fleetSizes.at(-1);
  const none = { peers: {} };
  return [
    {
      what: `memory per idle node, ${size} nodes`,
      unit: 'KB',
      ours: kb,
      ...none,
      goal: 'at most 100 KB (stretch 70)',
      met: kb <= 100,
    },
    {
      what: 'growth of the memory with nodes',
      unit: 'exponent',
      ours: exponent,
      ...none,
      goal: 'at most 1.1',
      met: exponent <= 1.1,
    },
    {
      what: 'heartbeats, of one core',
      unit: '%',
      ours: heartbeatShare,
      ...none,
      goal: 'at most 5 % (stretch 2)',
      met: heartbeatShare <= 5,
    },
    {
      what: 'all back after kill -9 of the hub',
      unit: 'ms',
      ours: backSeconds * 1000,
      ...none,
      goal: 'at most 30 s',
      met: backSeconds <= 30,
    },
    { what: 'refusals meanwhile', unit: 'lines', ours: refused, ...none, goal: '0', met: refused === 0 },
  ];
};

export const f1Fleet: BenchRow = {
  id: 'F1',
  what: '10,000 idle nodes on one hub: memory each, heartbeats, all back after a restart',
  run: costOfIdleFleet,
};

const callsAmongMany = async (context: BenchContext): Promise<Figure[]> => {
  await using hub = await startBenchHub('node');
  const latency = async (): Promise<number> => {
    const times: number[] = [];
    for (let sample = 0; sample < samples; sample += 1) times.push(await timed(() => hub.run('true')));
    return median(times);
  };
  await latency();
  const alone = await latency();
  using fleet = startFleet(hub);
  await fleet.growTo(fleetSizes.at(-1) ?? 0);
  await pause(restMs);
  const { id } = await hub.api.createSession({ body: {} });
  const stop = new AbortController();
  const busy = fleet.nodeIds.slice(0, busyNodes).map((nodeId) => keepBusy(hub, { sessionId: id, nodeId }, stop.signal));
  await pause(2_000);
  const among = await latency();
  stop.abort();
  await Promise.all(busy);
  context.log(`alone ${alone.toFixed(2)} ms, among ${fleet.nodeIds.length} nodes ${among.toFixed(2)} ms`);
  const goal = 'at most 2 × alone (X1)';
  return [{ what: 'p50', unit: 'ms', ours: among, peers: { alone }, goal, met: among <= 2 * alone }];
};

/** One call a second. */
const keepBusy = async (
  hub: BenchHub,
  { sessionId, nodeId }: { sessionId: string; nodeId: string },
  signal: AbortSignal,
): Promise<void> => {
  await pause(Math.random() * 1_000);
  while (!signal.aborted) {
    const body = { action: 'run', command: 'true', node_id: nodeId };
    await hub.api.callTool({ params: { id: sessionId, tool: 'terminal' }, body });
    await pause(1_000);
  }
};

export const f2AmongMany: BenchRow = {
  id: 'F2',
  what: 'a call to one node while 10,000 idle and 100 busy ones are connected',
  run: callsAmongMany,
};

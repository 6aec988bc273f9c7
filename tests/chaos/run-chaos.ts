/** One chaos run: work on every node, faults one after the other, then the judgement. */
import { setTimeout as delay } from 'node:timers/promises';
import { findMarked, until } from '@navisai/testkit';
import type { ChaosOptions, ChaosReport } from './chaos.types.ts';
import { Commands } from './commands.ts';
import { drawFault } from './faults.ts';
import { Inputs } from './inputs.ts';
import { seededRandom } from './random.ts';
import type { SeededRandom } from './random.ts';
import { Streams } from './streams.ts';
import { openWorld } from './world.ts';
import type { ChaosWorld } from './world.ts';

const commandsAtOnce = 3;
const longestPauseMs = 200;
const settleMs = 60_000;

export const runChaos = async (options: ChaosOptions): Promise<ChaosReport> => {
  const random = seededRandom(options.seed);
  await using world = await openWorld(options.nodes);
  const work = { commands: new Commands(world), streams: new Streams(world), inputs: new Inputs(world) };
  await work.streams.open();
  await work.inputs.open();
  const stop = new AbortController();
  const running = [
    ...Array.from({ length: commandsAtOnce }, () => work.commands.run(random.fork(), stop.signal)),
    work.inputs.run(random.fork(), stop.signal),
  ];
  const counts = await makeFaults(world, random.fork(), options).finally(() => stop.abort());
  await Promise.all(running);
  await everyoneIsBack(world);
  await work.streams.end();
  const violations = [
    ...(await work.commands.findViolations()),
    ...(await work.streams.findViolations()),
    ...(await work.inputs.findViolations()),
    ...(await findOrphans(world)),
  ];
  return {
    seed: options.seed,
    faults: counts,
    commands: work.commands.counts,
    inputs: work.inputs.counts,
    streamedBytes: work.streams.streamedBytes,
    violations,
  };
};

const makeFaults = async (
  world: ChaosWorld,
  random: SeededRandom,
  { faults, log }: ChaosOptions,
): Promise<Record<string, number>> => {
  const counts: Record<string, number> = {};
  for (let number = 1; number <= faults; number += 1) {
    const fault = drawFault(random);
    log(`${number}/${faults} ${fault.name}`);
    await fault.make(world, random);
    counts[fault.name] = (counts[fault.name] ?? 0) + 1;
    await delay(random.whole(0, longestPauseMs));
  }
  return counts;
};

const everyoneIsBack = async (world: ChaosWorld): Promise<void> => {
  await until(
    'every node is online again',
    async () => {
      const { nodes } = await world.hub.host.api.nodes().catch(() => ({ nodes: [] }));
      return world.nodes.every(({ node }) => nodes.some(({ id, state }) => id === node.id && state === 'online'));
    },
    settleMs,
  );
};

/** Commands have ended, so nothing of them may run: neither their shells nor their sleeps. */
const findOrphans = async (world: ChaosWorld): Promise<string[]> => {
  const isOfCommand = ({ command }: { command: string }): boolean =>
    /chaos-[0-9a-f]{8}-/.test(command) || command.startsWith('sleep ');
  const find = async () =>
    (await Promise.all(world.nodes.map(({ node }) => findMarked(node.mark)))).flat().filter(isOfCommand);
  const isClean = await until('no orphan is left', async () => (await find()).length === 0).catch(() => false);
  return isClean ? [] : (await find()).map(({ pid, command }) => `left running: ${pid} ${command}`);
};

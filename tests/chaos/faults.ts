/** The faults of a chaos run: each is made, holds for a while and is over when its promise resolves. */
import { setTimeout as delay } from 'node:timers/promises';
import type { SeededRandom } from './random.ts';
import type { ChaosNode, ChaosWorld } from './world.ts';

export interface Fault {
  name: string;
  /** How many of a hundred faults are of this kind. */
  weight: number;
  make(world: ChaosWorld, random: SeededRandom): Promise<void>;
}

const anyNode = (world: ChaosWorld, random: SeededRandom): ChaosNode => {
  const [first, ...rest] = world.nodes;
  if (first === undefined) throw new Error('a chaos run needs nodes');
  return random.pick([first, ...rest]);
};

/** Longer than the heartbeat's patience would make every run last hours; it has its own test. */
const longestStallMs = 1_500;
/** Seconds; more than what signatures tolerate. */
const longestStep = 7_200;

export const faults: readonly Fault[] = [
  {
    name: 'cut of a node',
    weight: 30,
    make: async (world, random) => anyNode(world, random).link.cutAll(),
  },
  { name: 'cut of the client', weight: 15, make: async (world) => world.clientLink.cutAll() },
  {
    name: 'stall of a node',
    weight: 15,
    make: async (world, random) => {
      const { link } = anyNode(world, random);
      link.stall();
      await delay(random.whole(20, longestStallMs));
      link.resume();
    },
  },
  {
    name: 'half-open node',
    weight: 8,
    make: async (world, random) => {
      const { link } = anyNode(world, random);
      link.stall();
      await delay(random.whole(20, longestStallMs));
      link.cutAll();
      link.resume();
    },
  },
  {
    name: 'node that cannot connect',
    weight: 8,
    make: async (world, random) => {
      const { link } = anyNode(world, random);
      link.setRefusing(true);
      link.cutAll();
      await delay(random.whole(20, 1_000));
      link.setRefusing(false);
    },
  },
  {
    name: 'slow node',
    weight: 8,
    make: async (world, random) => {
      const { link } = anyNode(world, random);
      link.setDelay(random.whole(1, 40));
      await delay(random.whole(100, 800));
      link.setDelay(0);
    },
  },
  {
    name: 'clock step of a node',
    weight: 4,
    make: async (world, random) => anyNode(world, random).clock?.set(random.whole(-longestStep, longestStep)),
  },
  {
    name: 'clock step of the hub',
    weight: 2,
    make: async (world, random) => world.hubClock?.set(random.whole(-longestStep, longestStep)),
  },
  {
    name: 'kill -9 of a node',
    weight: 8,
    make: async (world, random) => {
      const { node } = anyNode(world, random);
      await node.kill();
      await delay(random.whole(0, 300));
      await node.start();
    },
  },
  {
    name: 'restart of a node',
    weight: 3,
    make: async (world, random) => {
      const { node } = anyNode(world, random);
      await node.stop();
      await node.start();
    },
  },
  {
    name: 'kill -9 of the hub',
    weight: 4,
    make: async ({ hub }, random) => {
      await hub.kill();
      await delay(random.whole(0, 300));
      await hub.start();
    },
  },
  {
    name: 'restart of the hub',
    weight: 1,
    make: async ({ hub }) => {
      await hub.stopKeeping();
      await hub.start();
    },
  },
];

export const drawFault = (random: SeededRandom): Fault => {
  const total = faults.reduce((sum, { weight }) => sum + weight, 0);
  let left = random.next() * total;
  for (const fault of faults) {
    left -= fault.weight;
    if (left < 0) return fault;
  }
  throw new Error('there are no faults');
};

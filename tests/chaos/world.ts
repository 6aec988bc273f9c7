/** The place of a chaos run: a hub, its nodes and its client, each link through a proxy that can fail. */
import { createSession, startFaultProxy, startHub, startNode } from '@navisai/testkit';
import type { FaultProxy, TestHub, TestNode } from '@navisai/testkit';
import type { HubConnection } from '@navisai/client';
import { createSteppedClock } from './clock.ts';
import type { SteppedClock } from './clock.ts';

export interface ChaosNode {
  node: TestNode;
  link: FaultProxy;
  /** Absent where clocks cannot be set. */
  clock: SteppedClock | undefined;
}

export interface ChaosWorld extends AsyncDisposable {
  readonly hub: TestHub;
  readonly hubClock: SteppedClock | undefined;
  readonly nodes: readonly ChaosNode[];
  /** The client's own way to the hub. */
  readonly clientLink: FaultProxy;
  readonly client: HubConnection;
  readonly sessionId: string;
}

/** Opens everything; what was opened is closed when a part fails. */
export const openWorld = async (nodeCount: number): Promise<ChaosWorld> => {
  await using opened = new AsyncDisposableStack();
  const openClock = async (): Promise<SteppedClock | undefined> => {
    const clock = await createSteppedClock();
    return clock === undefined ? undefined : opened.use(clock);
  };
  const hubClock = await openClock();
  const hub = opened.use(await startHub({ environment: hubClock?.environment ?? {} }));
  const clientLink = opened.use(await startFaultProxy(hub.port));
  const nodes: ChaosNode[] = [];
  for (let number = 1; number <= nodeCount; number += 1) {
    const link = opened.use(await startFaultProxy(hub.port));
    const origin = `https://127.0.0.1:${link.port}`;
    const clock = await openClock();
    const options = { name: `node-${number}`, origin, environment: clock?.environment ?? {} };
    nodes.push({ link, clock, node: opened.use(await startNode(hub, options)) });
  }
  const client = await hub.connect({ origin: `https://127.0.0.1:${clientLink.port}` });
  const sessionId = await createSession(hub.host.api);
  const kept = opened.move();
  return { hub, hubClock, nodes, clientLink, client, sessionId, [Symbol.asyncDispose]: () => kept.disposeAsync() };
};

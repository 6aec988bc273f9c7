/** The place of a chaos run: a hub, its nodes and its client, each link through a proxy that can fail. */
import { createSession, startFaultProxy, startHub, startNode } from '@navisai/testkit';
import type { FaultProxy, TestHub, TestNode } from '@navisai/testkit';
import type { HubConnection } from '@navisai/client';

export interface ChaosNode {
  node: TestNode;
  link: FaultProxy;
}

export interface ChaosWorld extends AsyncDisposable {
  readonly hub: TestHub;
  readonly nodes: readonly ChaosNode[];
  /** The client's own way to the hub. */
  readonly clientLink: FaultProxy;
  readonly client: HubConnection;
  readonly sessionId: string;
}

/** Opens everything; what was opened is closed when a part fails. */
export const openWorld = async (nodeCount: number): Promise<ChaosWorld> => {
  await using opened = new AsyncDisposableStack();
  const hub = opened.use(await startHub());
  const clientLink = opened.use(await startFaultProxy(hub.port));
  const nodes: ChaosNode[] = [];
  for (let number = 1; number <= nodeCount; number += 1) {
    const link = opened.use(await startFaultProxy(hub.port));
    const origin = `https://127.0.0.1:${link.port}`;
    nodes.push({ link, node: opened.use(await startNode(hub, { name: `node-${number}`, origin })) });
  }
  const client = await hub.connect({ origin: `https://127.0.0.1:${clientLink.port}` });
  const sessionId = await createSession(hub.host.api);
  const kept = opened.move();
  return { hub, nodes, clientLink, client, sessionId, [Symbol.asyncDispose]: () => kept.disposeAsync() };
};

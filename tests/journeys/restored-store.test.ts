/** A hub whose store was put back to an older backup: what its nodes run since goes on, is shown again, and can be closed (N7, N10, T18). */
import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { startHub, startNode, type TestHub, until } from '@navisai/testkit';
import { expect, test } from 'vitest';
import { startCli } from './cli-process.fixture.ts';

const openTerminal = async (
  hub: TestHub,
  { sessionId, nodeId, name }: Record<'sessionId' | 'nodeId' | 'name', string>,
) => {
  const opened = await hub.host.api.callTool({
    params: { id: sessionId, tool: 'terminal' },
    body: {
      action: 'open',
      terminal_name: name,
      description: 'test',
      command: 'cat',
      background: true,
      node_id: nodeId,
    },
  });
  expect(opened).toMatchObject({ success: true });
};

test('I8, N10: in a session that is older than the backup a terminal is no violation either, and clients start over', async () => {
  await using hub = await startHub();
  await using node = await startNode(hub, { name: 'nas' });
  const session = await hub.host.api.createSession({ body: { title: 'older' } });
  await hub.stopKeeping();
  const [store, backup] = [join(hub.home, 'store'), join(hub.home, 'backup')];
  await cp(store, backup, { recursive: true });
  await hub.start();
  await until('the node is back', async () => (await node.info()).state === 'online');
  await openTerminal(hub, { sessionId: session.id, nodeId: node.id, name: 'cat' });
  const { generation } = await hub.host.api.hubEvents({ query: {} });

  await hub.stopKeeping();
  await rm(store, { recursive: true });
  await cp(backup, store, { recursive: true });
  await hub.start();
  await until('the terminal is shown again', async () => {
    const { terminals, title } = await hub.host.api.session({ params: { id: session.id } });
    return title === 'older' && terminals.length === 1;
  });
  expect((await node.info()).state).toBe('online');
  const again = (await hub.host.api.hubEvents({ query: {} })).generation;
  expect(again).not.toBe(generation);
  await hub.stopKeeping();
  await hub.start();
  expect((await hub.host.api.hubEvents({ query: {} })).generation).toBe(again);
});

test('N10: terminals of a node that began after the backup are no violation: they go on, are told, and can be closed', async () => {
  await using hub = await startHub();
  await using node = await startNode(hub, { name: 'nas' });
  await hub.stopKeeping();
  const [store, backup] = [join(hub.home, 'store'), join(hub.home, 'backup')];
  await cp(store, backup, { recursive: true });
  await hub.start();
  const nodeId = node.id;
  const newer = await hub.host.api.createSession({ body: { title: 'newer' } });
  await until('the node is back', async () => (await node.info()).state === 'online');
  await openTerminal(hub, { sessionId: newer.id, nodeId, name: 'cat' });
  const before = await hub.host.api.session({ params: { id: newer.id } });

  await hub.stopKeeping();
  await rm(store, { recursive: true });
  await cp(backup, store, { recursive: true });
  await hub.start();
  const found = await until('its terminals are shown again', async () => {
    const session = await hub.host.api.session({ params: { id: newer.id } }).catch(() => undefined);
    return session?.terminals.length === 1 ? session : undefined;
  });
  expect(found.title).toBe('Recovered terminals of nas');
  expect(found.terminals[0]).toMatchObject({ name: 'cat', status: 'busy', pid: before.terminals[0]?.pid });
  expect((await node.info()).state).toBe('online');
  const { stdout } = await startCli(hub, ['doctor', '--json']).ended;
  const { findings } = JSON.parse(stdout) as { findings: { check: string; message: string }[] };
  expect(findings.find(({ check }) => check === 'recovered')?.message).toContain('cat');
  expect((await startCli(hub, ['logs', '--tail', '200']).ended).stdout).toContain('the store has lost that');
  const closed = await startCli(hub, ['terminal', 'close', 'cat', '--session', newer.id]).ended;
  expect(closed.exitCode, closed.stderr).toBe(0);
  expect((await hub.host.api.session({ params: { id: newer.id } })).terminals).toEqual([]);
});

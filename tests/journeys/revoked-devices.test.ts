/** What a device signed ends with it: at the hub, at its nodes, and where the hub itself forgets that it was revoked (N12). */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { addRule } from '@navisai/client';
import { startNode, until } from '@navisai/testkit';
import { expect, test } from 'vitest';
import { startAgentBench, writeProfile } from './conversation.fixture.ts';

const touch = (file: string) => ({
  calls: [{ tool: 'terminal', arguments: { action: 'run', command: `touch ${file}` } }],
});

/** As a backup of before would, or somebody who holds the hub and a key that was revoked. */
const forgetRevocations = (home: string): void => {
  using database = new DatabaseSync(join(home, 'store', 'navis.db'));
  database.exec('update devices set revoked_at = null');
};

test('N12: a rule ends when its device is revoked, and stays so on a node whose hub has forgotten that', async () => {
  await using bench = await startAgentBench();
  const { hub, model } = bench;
  await using node = await startNode(hub, { name: 'nas' });
  await using late = await startNode(hub, { name: 'late' });
  const phone = await hub.pair({ name: 'phone' });
  const deviceId = phone.device.id;
  const matcher = { tools: ['terminal.run'], commandPrefixes: ['touch'] };
  const rule = { nodes: null, sessionId: null, userId: phone.device.userId, description: '', expiresAt: null };
  await addRule(phone.connection, { effect: 'allow', matcher, ...rule });
  await writeProfile(hub.home, { id: 'asking', approvals: 'risky' });
  const [onMain, onNode] = [
    await bench.talk({ profile: 'asking' }),
    await bench.talk({ profile: 'asking', nodeId: node.id }),
  ];
  using _main = onMain;
  using _node = onNode;
  model.script([touch('one'), { text: 'done' }]);
  expect((await onNode.ask('Do it.')).end.reason).toBe('completed');
  expect(existsSync(join(node.userHome, 'one'))).toBe(true);

  await late.stop();
  await hub.host.api.revokeDevice({ params: { id: deviceId } });
  const knows = (folder: string): boolean => {
    const file = join(folder, 'revocations.json');
    return existsSync(file) && readFileSync(file, 'utf8').includes(deviceId);
  };
  const ofNode = (home: string): string => join(home, 'node', 'machine');
  await until('the node and the hub know it', () => knows(ofNode(node.home)) && knows(hub.home));
  expect(knows(ofNode(late.home))).toBe(false);
  await late.start();
  await until('a node that was away knows it when it is back', () => knows(ofNode(late.home)));

  model.script([touch('two'), { text: 'done' }]);
  const { runId } = await onNode.say('Do it.');
  const asked = await until('nobody is asked', async () => (await hub.host.api.pendingApprovals()).approvals[0]);
  await hub.host.api.reject({ params: { id: asked.id } });
  expect((await onNode.end(runId)).reason).toBe('completed');

  await hub.stopKeeping();
  forgetRevocations(hub.home);
  await hub.start();
  await until('the node is back', async () =>
    (await hub.host.api.nodes()).nodes.some(({ id, state }) => id === node.id && state === 'online'),
  );
  for (const talk of [onNode, onMain]) {
    model.script([touch('three'), { text: 'done' }]);
    expect((await talk.ask('Do it.')).end.reason).toBe('completed');
    expect(JSON.stringify(model.requests.at(-1))).toContain(`the device ${deviceId} was revoked`);
  }
  for (const file of ['two', 'three'])
    expect([existsSync(join(node.userHome, file)), existsSync(join(hub.userHome, file))]).toEqual([false, false]);
});

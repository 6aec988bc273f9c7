/** The socket of nodes against everybody who is none: refused before anything is registered, told why, harmless (N2, N3, N14, I13, I15). */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { newId, nodeLifeSigns } from '@navisai/protocol';
import { until } from '@navisai/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type HubBench, startHubBench, terminalOf } from '../hub-bench.fixture.ts';
import { beNode, dialNode, inviteNode, newIdentity, type NodeIdentity, ScriptedNode } from './scripted-node.fixture.ts';

let bench: HubBench;

const logOf = (): string => {
  const folder = join(bench.home, 'logs');
  return readdirSync(folder)
    .map((name) => readFileSync(join(folder, name), 'utf8'))
    .join('');
};

const nodeOf = async ({ nodeId }: NodeIdentity) => (await bench.call('GET', `/nodes/${nodeId}`)).body;

beforeAll(async () => {
  bench = await startHubBench();
});

afterAll(async () => {
  await bench[Symbol.asyncDispose]();
});

describe('joining', () => {
  test('N2: a one-time key enrols one public key; the node is known by it from then on', async () => {
    const identity = await inviteNode(bench, 'joins');
    expect(await nodeOf(identity)).toMatchObject({ state: 'invited', epoch: 0 });
    {
      using node = await dialNode(bench, identity);
      expect(await node.frame('welcome')).toMatchObject({ epoch: 1, name: 'joins', overlay: null });
      beNode(node);
      await until('it is online', async () => (await nodeOf(identity))['state'] === 'online');
    }
    await until('it is offline', async () => (await nodeOf(identity))['state'] === 'offline');
    expect(await nodeOf(identity)).toMatchObject({ keyExpiresAt: null, platform: { hostname: 'scripted' } });
    using again = await dialNode(bench, { ...identity, secret: undefined });
    await again.frame('welcome');
    // The crash of a node that was just enrolled: it comes with the secret once more.
    using third = await dialNode(bench, identity);
    await third.frame('welcome');
  });

  test('N2: a key that is wrong, used, foreign or too old is refused, and nothing is registered', async () => {
    const used = await inviteNode(bench, 'used');
    using node = await dialNode(bench, used);
    await node.frame('welcome');
    const fresh = await inviteNode(bench, 'fresh');
    const attempts: Record<string, NodeIdentity> = {
      wrong: newIdentity(fresh.nodeId, 'A'.repeat(22)),
      none: newIdentity(fresh.nodeId),
      used: newIdentity(used.nodeId, used.secret),
      foreign: newIdentity(fresh.nodeId, used.secret),
      unknown: newIdentity(newId('node'), fresh.secret),
      main: newIdentity('main', fresh.secret),
      name: newIdentity('fresh', fresh.secret),
    };
    for (const [kind, identity] of Object.entries(attempts)) {
      using refused = await dialNode(bench, identity);
      expect(await refused.frame('refused'), kind).toMatchObject({ code: 'NODE_KEY' });
      expect((await refused.end()).code, kind).toBe(4401);
    }
    expect(await nodeOf(fresh)).toMatchObject({ state: 'invited', epoch: 0, platform: null });
    const { registry } = bench.hub.services.nodes;
    const record = registry.require(fresh.nodeId);
    const expired = { secretHash: record.key?.secretHash ?? '', expiresAt: new Date(0).toISOString() };
    await bench.hub.services.feed.transaction((writer) => writer.nodes.change(fresh.nodeId, { key: expired }));
    using late = await dialNode(bench, fresh);
    expect(await late.frame('refused')).toMatchObject({ code: 'NODE_KEY' });
  });

  test('N2: after a rekey the old key works until the new one is used', async () => {
    const identity = await inviteNode(bench, 'rekeyed');
    using first = await dialNode(bench, identity);
    await first.frame('welcome');
    const { body } = await bench.call('POST', '/nodes/rekeyed/rekey');
    using old = await dialNode(bench, identity);
    await old.frame('welcome');
    const secret = String(body['key']).split('.').at(-1);
    using anew = await dialNode(bench, newIdentity(identity.nodeId, secret), { prove: { bootId: 'boot-00000002' } });
    await anew.frame('welcome');
    expect((await old.end()).code).toBe(4409);
    using gone = await dialNode(bench, identity);
    expect(await gone.frame('refused')).toMatchObject({ code: 'NODE_KEY' });
  });

  test('N2: revoking drops the link at once, and the node is refused from then on; its name stays taken', async () => {
    const identity = await inviteNode(bench, 'revoked');
    using node = await dialNode(bench, identity);
    await node.frame('welcome');
    await bench.call('POST', '/nodes/revoked/revoke');
    expect((await node.end()).code).toBe(4403);
    using again = await dialNode(bench, identity);
    expect(await again.frame('refused')).toMatchObject({ code: 'NODE_REVOKED' });
    expect((await bench.call('POST', '/nodes/revoked/rekey')).status).toBe(409);
    expect((await bench.call('POST', '/nodes', { name: 'revoked' })).status).toBe(409);
    expect((await bench.call('DELETE', '/nodes/revoked')).status).toBe(204);
    expect((await bench.call('POST', '/nodes', { name: 'revoked' })).status).toBe(200);
  });
});

describe('epochs', () => {
  test('N3: of two processes the newer wins, the loser is told why and stays refused', async () => {
    const identity = await inviteNode(bench, 'twins');
    using first = await dialNode(bench, identity, { prove: { bootId: 'boot-first' } });
    expect(await first.frame('welcome')).toMatchObject({ epoch: 1 });
    using second = await dialNode(bench, identity, { prove: { bootId: 'boot-second' } });
    expect(await second.frame('welcome')).toMatchObject({ epoch: 2 });
    const { code, reason } = await first.end();
    expect(code).toBe(4409);
    expect(reason).toContain('took its place');
    using back = await dialNode(bench, identity, { prove: { bootId: 'boot-first', epoch: 1 } });
    expect(await back.frame('refused')).toMatchObject({ code: 'NODE_REPLACED' });
    expect(second.closed).toBeUndefined();
  });

  test('N3: a process that connects again keeps its epoch, and its older socket ends without being replaced', async () => {
    const identity = await inviteNode(bench, 'again');
    using first = await dialNode(bench, identity);
    await first.frame('welcome');
    using second = await dialNode(bench, identity, { prove: { epoch: 1 } });
    expect(await second.frame('welcome')).toMatchObject({ epoch: 1 });
    expect((await first.end()).code).toBe(1001);
    // Its welcome was lost on the way.
    using third = await dialNode(bench, identity);
    expect(await third.frame('welcome')).toMatchObject({ epoch: 1 });
  });

  test('N3: of many processes at once exactly one stays', async () => {
    const identity = await inviteNode(bench, 'crowd');
    const nodes = await Promise.all(
      Array.from({ length: 12 }, (_, index) => dialNode(bench, identity, { prove: { bootId: `boot-crowd-${index}` } })),
    );
    await until('one is left', () => nodes.filter(({ closed }) => closed === undefined).length === 1);
    const [winner] = nodes.filter(({ closed }) => closed === undefined);
    const welcome = (await winner?.frame('welcome')) as { epoch?: number } | undefined;
    expect(welcome?.epoch).toBe((await nodeOf(identity))['epoch']);
    for (const node of nodes) node[Symbol.dispose]();
  });
});

describe('bad input', () => {
  const expectCutOff = async (node: ScriptedNode, reason: string): Promise<void> => {
    const end = await node.end();
    expect(end.code).toBe(4400);
    expect(end.reason).toContain(reason);
    await until('the log says why', () => logOf().includes(reason));
  };

  const hello = (identity: NodeIdentity, changes: object = {}) => ({
    type: 'hello',
    versions: { oldest: 1, current: 1 },
    nodeId: identity.nodeId,
    nonce: 'n'.repeat(22),
    binding: 'tls-exporter',
    ...changes,
  });

  test('I13: a signature over another TLS session, or by another key, is refused', async () => {
    const identity = await inviteNode(bench, 'relayed');
    using other = await new ScriptedNode(bench, `/ws/nodes/${identity.nodeId}`).opened();
    using relayed = await dialNode(bench, identity, { bindingValue: other.exporter });
    expect(await relayed.frame('refused')).toMatchObject({ code: 'NODE_KEY' });
    using proxied = await dialNode(bench, identity, { bindingValue: 'certificate' });
    expect(await proxied.frame('refused')).toMatchObject({ code: 'NODE_KEY' });
    const { publicKey } = newIdentity(identity.nodeId);
    using forged = await dialNode(bench, identity, { prove: { publicKey } });
    expect(await forged.frame('refused')).toMatchObject({ code: 'NODE_KEY' });
    using weak = await dialNode(bench, identity, { prove: { publicKey: 'A'.repeat(43) } });
    expect(await weak.frame('refused')).toMatchObject({ code: 'NODE_KEY' });
    expect(await nodeOf(identity)).toMatchObject({ state: 'invited' });
  });

  test('I13: what one handshake said works in no other', async () => {
    const identity = await inviteNode(bench, 'replayed');
    using first = await dialNode(bench, identity);
    await first.frame('welcome');
    using second = await new ScriptedNode(bench, `/ws/nodes/${identity.nodeId}`).opened();
    second.send(hello(identity));
    await second.frame('challenge');
    second.send({
      type: 'prove',
      publicKey: identity.publicKey,
      signature: `${'A'.repeat(86)}==`,
      bootId: 'boot-replay',
      epoch: null,
      version: '0',
      platform: { os: '', arch: '', release: '', hostname: '', user: '', sandbox: 'none' },
    });
    expect(await second.frame('refused')).toMatchObject({ code: 'NODE_KEY' });
    expect(first.closed).toBeUndefined();
  });

  test('a wrong id, a frame that is no JSON, one before its turn and a binary one are cut off with a reason', async () => {
    const identity = await inviteNode(bench, 'confused');
    const path = `/ws/nodes/${identity.nodeId}`;
    using foreign = await new ScriptedNode(bench, path).opened();
    foreign.send(hello({ ...identity, nodeId: 'n_other' }));
    await expectCutOff(foreign, 'not that of the address');
    using malformed = await new ScriptedNode(bench, path).opened();
    malformed.send('{"type":');
    await expectCutOff(malformed, 'not JSON');
    using early = await new ScriptedNode(bench, path).opened();
    early.send(hello(identity));
    early.send({ type: 'prove' });
    early.send({ type: 'heartbeat' });
    expect((await early.end()).code).toBe(4400);
    using binary = await new ScriptedNode(bench, path).opened();
    binary.send(new Uint8Array([1, 2, 3]));
    await expectCutOff(binary, 'a binary frame');
    using wrong = await new ScriptedNode(bench, path).opened();
    wrong.send(hello(identity, { nonce: 'short' }));
    await expectCutOff(wrong, 'nonce');
  });

  test('what is sent before the handshake is done is bounded in bytes, whatever the frames say', async () => {
    const identity = await inviteNode(bench, 'flooding');
    const path = `/ws/nodes/${identity.nodeId}`;
    using large = await new ScriptedNode(bench, path).opened();
    large.send('x'.repeat(1024 * 1024));
    await until('it is cut off', () => large.closed);
    await until('the log says why', () => logOf().includes('too much was sent before the handshake was done'));
    expect(await nodeOf(identity)).toMatchObject({ state: 'invited' });
  });

  test('versions that have nothing in common are refused as such', async () => {
    const identity = await inviteNode(bench, 'future');
    using node = await new ScriptedNode(bench, `/ws/nodes/${identity.nodeId}`).opened();
    node.send(hello(identity, { versions: { oldest: 7, current: 9 } }));
    expect(await node.frame('refused')).toMatchObject({ code: 'VERSION_MISMATCH' });
    expect((await node.end()).code).toBe(4426);
  });

  test('N10: a node that tells of a session it was never given is cut off, and nothing of it is shown', async () => {
    const identity = await inviteNode(bench, 'liar');
    const { body: session } = await bench.call('POST', '/sessions', {});
    const id = String(session['id']);
    using node = await dialNode(bench, identity);
    await node.frame('welcome');
    beNode(node, [{ ...terminalOf(id), nodeId: identity.nodeId }]);
    await expectCutOff(node, 'a session that it was never given');
    expect((await bench.call('GET', `/sessions/${id}`)).body['terminals']).toEqual([]);
  });

  test('a node that says nonsense after the handshake is cut off, and harms no other', async () => {
    const honest = await inviteNode(bench, 'honest');
    using other = await dialNode(bench, honest);
    await other.frame('welcome');
    beNode(other);
    const identity = await inviteNode(bench, 'nonsense');
    for (const nonsense of ['{"type":', '[]', '{"type":"result","callId":1}', new Uint8Array([9, 9])]) {
      using node = await dialNode(bench, identity);
      await node.frame('welcome');
      beNode(node);
      node.send(nonsense);
      expect((await node.end()).code).toBe(4400);
    }
    using giant = await dialNode(bench, identity);
    await giant.frame('welcome');
    giant.send('x'.repeat(9 * 1024 * 1024));
    await until('it is cut off', () => giant.closed);
    await until('the log says why', () => logOf().includes('Max payload size exceeded'));
    expect(other.closed).toBeUndefined();
    expect(await nodeOf(honest)).toMatchObject({ state: 'online' });
  });

  test('F1: a sign of life says nothing and one that asks is answered alike; a flood of them is cut off', async () => {
    const identity = await inviteNode(bench, 'alive');
    using node = await dialNode(bench, identity);
    expect(await node.frame('welcome')).not.toHaveProperty('loadMs');
    beNode(node);
    let answers = 0;
    node.socket.removeAllListeners('message').on('message', (data: Buffer, isBinary) => {
      if (data.length === 0 && !isBinary) answers += 1;
    });
    await until('it is online', async () => (await nodeOf(identity))['state'] === 'online');
    node.send(nodeLifeSigns.here);
    await until('one that asks is answered', () => {
      // What is just being sent to a node is a sign enough.
      node.send(nodeLifeSigns.ask);
      return answers > 0;
    });
    expect(node.closed).toBeUndefined();
    for (let sign = 0; sign < 1100; sign += 1) node.send(nodeLifeSigns.here);
    expect(await node.end()).toMatchObject({ code: 4400, reason: 'too many signs of life' });
  });

  test('a node that is cut off again and again must wait, whatever it says', async () => {
    const identity = await inviteNode(bench, 'stubborn');
    let code = '';
    for (let attempt = 0; attempt < 20 && code === ''; attempt += 1) {
      using node = await dialNode(bench, identity);
      await until('the hub answers', () => node.frames.find(({ type }) => type === 'welcome' || type === 'refused'));
      const refused = node.frames.find(({ type }) => type === 'refused');
      if (refused !== undefined && 'code' in refused) code = refused.code;
      else node.send('nonsense');
      await node.end();
    }
    expect(code).toBe('RATE_LIMITED');
  });

  test('nothing secret is logged', async () => {
    const identity = await inviteNode(bench, 'quiet');
    using node = await dialNode(bench, identity);
    await node.frame('welcome');
    await until('it is logged', () => logOf().includes(identity.nodeId));
    expect(logOf()).not.toContain(identity.secret);
  });
});

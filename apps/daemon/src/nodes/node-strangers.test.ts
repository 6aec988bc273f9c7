/** I15 for the socket of nodes: no credential of anybody else opens anything there, and a node's opens nothing elsewhere (N14). */
import { formatAuthorization } from '@navisai/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type HubBench, signRequest, type Signer, startHubBench } from '../hub-bench.fixture.ts';
import { newKeyPair } from '../run/identity.ts';
import { dialNode, inviteNode, ScriptedNode } from './scripted-node.fixture.ts';

let bench: HubBench;

beforeAll(async () => {
  bench = await startHubBench();
});

afterAll(async () => {
  await bench[Symbol.asyncDispose]();
});

/** What somebody would say who was let in; none of it is heard before the handshake. */
const frames: Record<string, object> = {
  'the state of a node': { type: 'state', service: 'service-1', terminals: [] },
  'the result of a call': { type: 'result', sessionId: 's_aaaa', callId: 'call-00000000', result: {} },
  'a subscription of a client': { type: 'subscribe', data: { id: '1', to: { kind: 'hub' } } },
  'a proof without a challenge': { type: 'prove' },
};

describe('N14, I15', () => {
  test('a page can be no node, and a foreign Host is refused', async () => {
    const identity = await inviteNode(bench, 'page');
    const foreign: Record<string, string>[] = [
      { origin: `https://localhost:${bench.port}` },
      { origin: 'https://evil.example' },
      { host: 'evil.example' },
    ];
    for (const headers of foreign) {
      using node = await new ScriptedNode(bench, `/ws/nodes/${identity.nodeId}`, headers).opened();
      expect(node.refusedWith).toBe(403);
    }
    expect((await bench.send({ path: `/ws/nodes/${identity.nodeId}` })).status).toBe(404);
  });

  test.each(Object.keys(frames))('%s is not heard, whoever says it', async (said) => {
    const identity = await inviteNode(bench, `said-${Object.keys(frames).indexOf(said)}`);
    const path = `/ws/nodes/${identity.nodeId}`;
    const revoked = await bench.addDevice('admin');
    await bench.call('POST', `/devices/${revoked.deviceId}/revoke`);
    const old = new Date(Date.now() - 6 * 60_000).toISOString();
    const signed = (signer: Signer, facts: object = {}): Record<string, string> => ({
      authorization: formatAuthorization(signRequest(bench.hubId, { path, signer, signed: facts })),
    });
    const attempts: Record<string, Record<string, string>> = {
      none: {},
      'the host': signed(bench.host),
      'the host, for a socket': signed(bench.host, { method: 'WEBSOCKET', path: '/ws', body: '-' }),
      'an admin': signed(await bench.addDevice('admin')),
      'a revoked device': signed(revoked),
      'an expired credential': signed(bench.host, { timestamp: old }),
      'a stranger': signed({ deviceId: 'd_stranger', key: newKeyPair().privateKey }),
      'a bearer': { authorization: `Bearer ${identity.secret ?? ''}` },
    };
    for (const [who, headers] of Object.entries(attempts)) {
      using node = await new ScriptedNode(bench, path, headers).opened();
      node.send(frames[said] ?? {});
      expect((await node.end()).code, who).toBe(4400);
      expect(
        node.frames.map(({ type }) => type),
        who,
      ).toEqual(['refused']);
    }
    expect((await bench.call('GET', path.replace('/ws', ''))).body).toMatchObject({ state: 'invited', epoch: 0 });
  });

  test('the credential of a device is none of a node: it opens nothing there', async () => {
    const device = await bench.addDevice('admin');
    const { timestamp, nonce, signature } = signRequest(bench.hubId, { path: '/ws', signer: device });
    const query = new URLSearchParams({ deviceId: device.deviceId, timestamp, nonce, signature }).toString();
    using node = await new ScriptedNode(bench, `/ws/nodes/${device.deviceId}?${query}`).opened();
    node.send({ type: 'subscribe', data: { id: '1', to: { kind: 'hub' } } });
    expect((await node.end()).code).toBe(4400);
    // Not even with the device's own key and a proper handshake.
    const asNode = {
      nodeId: device.deviceId,
      secret: undefined,
      privateKey: device.key,
      publicKey: device.pair.publicText,
    };
    using proper = await dialNode(bench, asNode);
    expect(await proper.frame('refused')).toMatchObject({ code: 'NODE_KEY' });
    const nodes = (await bench.call('GET', '/nodes')).body['nodes'] as { id: string }[];
    expect(nodes.some(({ id }) => id === device.deviceId)).toBe(false);
  });

  test('the key of a node is none of a device: neither requests nor /ws take it', async () => {
    const identity = await inviteNode(bench, 'curious');
    using node = await dialNode(bench, identity);
    await node.frame('welcome');
    const signer = { deviceId: 'd_aaaa', key: identity.privateKey };
    expect((await bench.send({ path: '/sessions', signer })).status).toBe(401);
    for (const deviceId of [identity.nodeId, 'd_aaaa', bench.host.deviceId]) {
      const credential = signRequest(bench.hubId, { path: '/ws', signer: { ...signer, deviceId } });
      const query = new URLSearchParams({ ...credential }).toString();
      using socket = await new ScriptedNode(bench, `/ws?${query}`).opened();
      expect((await socket.end()).code).toBe(4401);
    }
  });
});

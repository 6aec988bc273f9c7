/** I15, generated from the route table: no route answers a credential that is not good enough, and no route is missing from it. */
import { type Route, routes, scopeIncludes, type Scope } from '@navisai/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { breakStore, type HubBench, type PairedTestDevice, startHubBench, type Signer } from './hub-bench.fixture.ts';
import { newKeyPair } from './run/identity.ts';

const examples: Record<string, string> = {
  id: 's_aaaa',
  tool: 'terminal',
  callId: 'call-00000000',
  terminalId: 't_aaaa',
};

const idOf = (route: Route): string =>
  Object.entries({ '/devices': 'd_aaaa', '/approvals': 'a_aaaa', '/nodes': 'n_aaaa' }).find(([start]) =>
    route.path.startsWith(start),
  )?.[1] ?? 's_aaaa';

const pathOf = (route: Route): string =>
  route.path.replace(/:(\w+)/g, (_, name: string) => (name === 'id' ? idOf(route) : (examples[name] ?? 'x')));

const table = Object.entries<Route>(routes);
const protectedRoutes = table.filter(([, { access }]) => access !== 'public');
const scopes = ['viewer', 'operator', 'admin'] as const satisfies Scope[];

describe('I15', () => {
  let bench: HubBench;
  let revoked: PairedTestDevice;
  let stranger: Signer;
  let byScope: Record<Scope, PairedTestDevice>;

  beforeAll(async () => {
    bench = await startHubBench();
    revoked = await bench.addDevice('admin');
    await bench.call('POST', `/devices/${revoked.deviceId}/revoke`);
    stranger = { deviceId: 'd_stranger', key: newKeyPair().privateKey };
    const [viewer, operator, admin] = await Promise.all(scopes.map((scope) => bench.addDevice(scope)));
    if (viewer === undefined || operator === undefined || admin === undefined) throw new Error('no devices');
    byScope = { viewer, operator, admin };
  });

  afterAll(async () => {
    await bench[Symbol.asyncDispose]();
  });

  test.each(protectedRoutes)('I15: %s answers 401 to every credential that is not good', async (_name, route) => {
    const path = pathOf(route);
    const { method } = route;
    // Refusals are counted for each device: one of its own keeps below the limit, however many routes there are.
    const host = await bench.addDevice('admin');
    const old = new Date(Date.now() - 6 * 60_000).toISOString();
    const ahead = new Date(Date.now() + 6 * 60_000).toISOString();
    const foreignKey = { deviceId: host.deviceId, key: newKeyPair().privateKey };
    const attempts = {
      none: { path, method },
      malformed: { path, method, headers: { authorization: 'Navis x' } },
      'another scheme': { path, method, headers: { authorization: `Bearer ${host.deviceId}` } },
      'unknown device': { path, method, signer: stranger },
      'key of another': { path, method, signer: foreignKey },
      'revoked device': { path, method, signer: revoked },
      'expired timestamp': { path, method, signer: host, signed: { timestamp: old } },
      'future timestamp': { path, method, signer: host, signed: { timestamp: ahead } },
      'loose timestamp': { path, method, signer: host, signed: { timestamp: new Date().toUTCString() } },
      'other method': { path, method, signer: host, signed: { method: 'PROPFIND' } },
      'other path': { path, method, signer: host, signed: { path: `${path}?x=1` } },
      'other body': { path, method, signer: host, signed: { body: '{"x":1}' } },
      'other hub': { path, method, signer: host, signed: { hubId: 'A'.repeat(43) } },
      'a socket credential': { path, method, signer: host, signed: { method: 'WEBSOCKET', path: '/ws', body: '-' } },
    };
    for (const [kind, attempt] of Object.entries(attempts)) {
      const { status, body } = await bench.send(attempt);
      expect({ kind, status }).toEqual({ kind, status: 401 });
      expect(Object.keys(body).toSorted(), kind).toEqual(
        body.code === 'CLOCK_SKEW' ? ['code', 'message', 'serverTime'] : ['code', 'message'],
      );
    }
  });

  test.each(protectedRoutes)('I15: %s takes a nonce once', async (_name, { method, ...route }) => {
    const path = pathOf({ method, ...route });
    const signed = { nonce: `replayed-${Math.random().toString(36).slice(2).padEnd(16, '0')}` };
    // A viewer, so that the first call changes nothing: its scope is judged after its signature.
    const attempt = { path, method, signer: byScope.viewer, signed };
    expect((await bench.send(attempt)).status).not.toBe(401);
    const again = await bench.send(attempt);
    expect(again).toMatchObject({ status: 401, body: { code: 'UNAUTHORIZED' } });
  });

  test.each(protectedRoutes)('I15: %s answers 403 to a device whose scope is too narrow', async (_name, route) => {
    for (const scope of scopes) {
      if (route.access === 'public' || scopeIncludes(scope, route.access)) continue;
      const { status, body } = await bench.send({ path: pathOf(route), method: route.method, signer: byScope[scope] });
      expect({ scope, status, code: body.code }).toEqual({ scope, status: 403, code: 'FORBIDDEN' });
    }
  });

  test.each(table)(
    'I11: %s refuses a foreign Host and a foreign Origin, whatever the credential',
    async (_name, route) => {
      const attempt = { path: pathOf(route), method: route.method, signer: bench.host };
      const rebound = await bench.send({ ...attempt, headers: { host: `evil.example:${bench.port}` } });
      expect(rebound).toMatchObject({ status: 403, body: { code: 'FORBIDDEN' } });
      const foreign = await bench.send({ ...attempt, headers: { origin: 'https://evil.example' } });
      expect(foreign).toMatchObject({ status: 403, body: { code: 'FORBIDDEN' } });
      expect(foreign.headers['access-control-allow-origin']).toBeUndefined();
    },
  );

  test('I15: no route is served that is not in the table', () => {
    const known = new Set(table.map(([, { method, path }]) => `${method} ${path}`));
    const heads = table.filter(([, { method, access }]) => method === 'GET' && access === 'public');
    for (const [, { path }] of heads) known.add(`HEAD ${path}`);
    known.add('GET /ws');
    known.add('GET /ws/nodes/:id');
    for (const method of ['GET', 'POST', 'DELETE']) known.add(`${method} /mcp`);
    const served = [...bench.servedRoutes].toSorted();
    expect(served).toEqual([...known].toSorted());
  });

  test('I17: in degraded mode only the routes that say so answer, and the host may still stop the hub', async () => {
    await using degraded = await startHubBench({ prepare: breakStore });
    for (const [name, route] of table) {
      if (name === 'shutdown') continue;
      const attempt = { path: pathOf(route), method: route.method, signer: degraded.host };
      const { status, body } = await degraded.send(attempt);
      expect({ name, isRefused: status === 503 }).toEqual({ name, isRefused: route.whenDegraded !== true });
      if (status === 503) expect(body.code).toBe('DEGRADED');
    }
    const status = await degraded.send({ path: '/status' });
    expect(status.body).toMatchObject({ status: 'degraded', problems: [{ what: 'The store is damaged.' }] });
    expect(status.text).not.toContain(degraded.home);
    expect(await degraded.call('POST', '/shutdown', {})).toMatchObject({ status: 200 });
    await degraded.hub.stopped;
  });
});

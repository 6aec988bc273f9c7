/** Joining: who is believed, what is told to whom, what remains (N1, N2, N3). */
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sandboxKind } from '@navisai/machine';
import { until } from '@navisai/testkit';
import { expect, test } from 'vitest';
import { createNodePlace } from './node-process.fixture.ts';
import { ScriptedHub, welcome } from './scripted-hub.fixture.ts';

const joining = (hub: ScriptedHub, key = hub.key()): Record<string, string> => ({
  NODE_API_KEY: key,
  NAVIS_HUB_URL: hub.origin,
});

// Again where the machine was too busy for two seconds.
test(
  'N2: with its one-time key a node joins within two seconds, pins the hub and keeps a key of its own',
  { retry: 2 },
  async () => {
    await using hub = await ScriptedHub.start();
    await using place = await createNodePlace();
    const begin = performance.now();
    const node = place.start([], joining(hub, hub.key('AAAAAAAAAAAAAAAAAAAAAA')));
    await node.says('Node nas is connected');
    expect(performance.now() - begin).toBeLessThan(2000);
    const [proof] = hub.proofs;
    expect(proof).toMatchObject({ secret: 'AAAAAAAAAAAAAAAAAAAAAA', epoch: null });
    const membership: unknown = JSON.parse(readFileSync(join(place.home, 'node/node.json'), 'utf8'));
    expect(membership).toMatchObject({ nodeId: 'n_test', hubId: hub.id, hubUrl: hub.origin, name: 'nas' });
    expect(JSON.stringify(membership)).not.toContain('AAAAAAAAAAAAAAAAAAAAAA');
    expect(statSync(join(place.home, 'node/key')).mode & 0o777).toBe(0o600);
    expect(statSync(join(place.home, 'node')).mode & 0o777).toBe(0o700);
  },
);

test('N2: a node that has joined proves its own key and never sends the secret again', async () => {
  await using hub = await ScriptedHub.start();
  await using place = await createNodePlace();
  const first = place.start([], joining(hub, hub.key('AAAAAAAAAAAAAAAAAAAAAA')));
  await first.says('is connected');
  hub.cutAll();
  await until('it is back', () => hub.proofs.length === 2);
  first.child.kill('SIGTERM');
  expect(await first.ended()).toBe(0);
  const second = place.start([], joining(hub, hub.key('AAAAAAAAAAAAAAAAAAAAAA')));
  await second.says('is connected');
  const third = hub.proofs[2];
  expect(hub.proofs.map(({ secret }) => secret)).toEqual(['AAAAAAAAAAAAAAAAAAAAAA', undefined, undefined]);
  expect(hub.proofs.map(({ epoch }) => epoch)).toEqual([null, 1, null]);
  expect(new Set(hub.proofs.map(({ publicKey }) => publicKey)).size).toBe(1);
  expect(third?.bootId).not.toBe(hub.proofs[0]?.bootId);
});

test('N2: a hub with another key learns nothing, and the node says so and ends', async () => {
  await using hub = await ScriptedHub.start();
  await using other = await ScriptedHub.start();
  await using place = await createNodePlace();
  const { code, printed } = await place.run([], { NODE_API_KEY: hub.key(), NAVIS_HUB_URL: other.origin });
  expect(code).toBe(4);
  expect(printed).toContain('Another hub answers at this address');
  expect(other.told).toHaveLength(1);
  expect(JSON.parse(other.told[0] ?? '')).not.toHaveProperty('publicKey');
});

test('N2: a signature that is not over this TLS session is not believed', async () => {
  await using hub = await ScriptedHub.start({
    changeChallenge: (challenge) => ({ ...challenge, nonce: 'BBBBBBBBBBBBBBBBBBBBBB' }),
  });
  await using place = await createNodePlace();
  const { code, printed } = await place.run([], joining(hub));
  expect(code).toBe(4);
  expect(printed).toContain('somebody in between ends the TLS');
  expect(hub.proofs).toEqual([]);
});

test('N2: a proxy of one’s own is only trusted with a valid certificate', async () => {
  await using hub = await ScriptedHub.start();
  await using place = await createNodePlace();
  const { code, printed } = await place.run([], { ...joining(hub), NAVIS_NODE_TLS: 'proxy' });
  expect(code).toBe(4);
  expect(printed).toContain('certificate of the proxy');
  expect(hub.told).toEqual([]);
});

test.each([
  ['NODE_KEY', 4],
  ['NODE_REVOKED', 4],
  ['VERSION_MISMATCH', 6],
  ['NODE_REPLACED', 6],
])('N2, N3: %s ends the node with its own exit code and what the hub says', async (refusal, exit) => {
  await using hub = await ScriptedHub.start({
    answer: () => ({ type: 'refused', code: refusal, message: `because of ${refusal}\u001b[31m` }),
  });
  await using place = await createNodePlace();
  const { code, printed } = await place.run([], joining(hub));
  expect(code).toBe(exit);
  expect(printed).toContain(`because of ${refusal}`);
  expect(printed).not.toContain('\u001b');
  expect(hub.proofs).toHaveLength(1);
});

test('N3: another process of the same node: the loser is told why and does not dial again', async () => {
  await using hub = await ScriptedHub.start();
  await using place = await createNodePlace();
  const node = place.start([], joining(hub));
  await node.says('is connected');
  hub.closeAll(4409, 'another process of this node connected from 10.0.0.7');
  expect(await node.ended()).toBe(6);
  expect(node.printed).toContain('another process of this node connected from 10.0.0.7');
  expect(hub.proofs).toHaveLength(1);
});

test('N2: who is not its hub cannot end a node that has joined', async () => {
  await using hub = await ScriptedHub.start();
  await using hostile = await ScriptedHub.start();
  await using place = await createNodePlace();
  const first = place.start([], joining(hub));
  await first.says('is connected');
  first.child.kill('SIGTERM');
  await first.ended();
  const second = place.start(['--hub', hostile.origin]);
  await second.says('Another hub answers at this address');
  await until('it dials again', () => hostile.told.length > 2);
  expect(second.isRunning).toBe(true);
});

test('N2: a key never goes on the command line, and a wrong one is told before anything is dialled', async () => {
  await using hub = await ScriptedHub.start();
  await using place = await createNodePlace();
  const onLine = await place.run([hub.key()]);
  expect(onLine).toMatchObject({ code: 2 });
  expect(onLine.printed).toContain('does not belong on the command line');
  const wrong = await place.run([], { ...joining(hub), NODE_API_KEY: 'navis1.n_test.short' });
  expect(wrong).toMatchObject({ code: 2 });
  expect(wrong.printed).not.toContain('n_test');
  expect(await place.run([])).toMatchObject({ code: 2, printed: expect.stringContaining('has not joined a hub') });
  expect(hub.told).toEqual([]);
});

test('N2: key and address may stand in .env here or in the home; the environment wins', async () => {
  await using hub = await ScriptedHub.start();
  await using place = await createNodePlace();
  writeFileSync(
    join(place.home, 'node/.env'),
    `NODE_API_KEY=${hub.key()}\nNAVIS_HUB_URL=https://127.0.0.1:1\nOTHER=1\n`,
  );
  writeFileSync(join(place.userHome, '.env'), `NAVIS_HUB_URL="${hub.origin}" # here\n`);
  const node = place.start([]);
  await node.says('is connected');
  expect(readFileSync(join(place.home, 'node/.env'), 'utf8')).toContain('OTHER=1');
});

test('one node per home; the second says so', async () => {
  await using hub = await ScriptedHub.start();
  await using place = await createNodePlace();
  const node = place.start([], joining(hub));
  await node.says('is connected');
  expect(await place.run([], joining(hub))).toMatchObject({
    code: 6,
    printed: expect.stringContaining('runs already'),
  });
  expect(await place.run(['status'])).toMatchObject({
    code: 0,
    printed: expect.stringContaining('Node nas is connected'),
  });
});

test('a hub that is away, or leaves, is dialled again for ever', async () => {
  await using hub = await ScriptedHub.start();
  await using place = await createNodePlace();
  const node = place.start([], joining(hub));
  await node.says('is connected');
  hub.closeAll(1001, 'the hub stops');
  await until('it is back', () => hub.proofs.length === 2);
  expect(node.isRunning).toBe(true);
  expect(hub.proofs[1]?.bootId).toBe(hub.proofs[0]?.bootId);
});

test('a hub that fell silent is left and dialled again: half-open connections are noticed here, too', async () => {
  await using hub = await ScriptedHub.start({ isSilent: true });
  await using place = await createNodePlace();
  const node = place.start([], joining(hub));
  await node.says('is connected');
  await until('it has dialled again', () => hub.proofs.length >= 2);
  expect(hub.proofs[1]).toMatchObject({ epoch: 1, bootId: hub.proofs[0]?.bootId });
});

test('F1: in a large fleet signs of life are enough for both, and a hub that stops answering them is left', async () => {
  const answer = () => ({ ...welcome(1), heartbeatMs: 200, loadMs: 60_000 });
  const options = { isSilent: true, answersLifeSigns: true, answer };
  await using hub = await ScriptedHub.start(options);
  await using place = await createNodePlace();
  const node = place.start([], joining(hub));
  await node.says('is connected');
  await until('signs of life for many silences', () => hub.lifeSigns >= 15);
  expect(hub.proofs).toHaveLength(1);
  expect(hub.told.filter((text) => text.includes('"heartbeat"'))).toHaveLength(1);
  options.answersLifeSigns = false;
  await until('it has dialled again', () => hub.proofs.length >= 2);
});

test('leaving forgets the key and the hub, and keeps what a person wrote', async () => {
  await using hub = await ScriptedHub.start();
  await using place = await createNodePlace();
  writeFileSync(join(place.home, 'node/.env'), '# mine\n');
  const node = place.start([], joining(hub));
  await node.says('is connected');
  const left = await place.run(['leave']);
  expect(left).toMatchObject({ code: 0, printed: expect.stringContaining('navisai nodes remove nas') });
  expect(await node.ended()).toBe(0);
  expect(() => statSync(join(place.home, 'node/key'))).toThrow();
  expect(() => statSync(join(place.home, 'node/node.json'))).toThrow();
  expect(readFileSync(join(place.home, 'node/.env'), 'utf8')).toBe('# mine\n');
  expect(await place.run(['status'])).toMatchObject({ code: 5 });
});

test('N12: a ceiling that cannot be understood is never taken for none: nothing is served', async () => {
  await using hub = await ScriptedHub.start();
  await using place = await createNodePlace();
  writeFileSync(join(place.home, 'node/policy.json'), '{"version":1,"program":["ls"]}');
  const { code, printed } = await place.run([], joining(hub));
  expect(code).toBe(4);
  expect(printed).toContain('policy.json');
  expect(hub.told).toEqual([]);
});

test('N12: what the hub says behind its welcome waits until its overlay is in force', async () => {
  const overlay = { version: 1, tools: ['terminal'] };
  await using hub = await ScriptedHub.start({ answer: () => ({ ...welcome(1), overlay }) });
  await using place = await createNodePlace();
  const node = place.start([], joining(hub));
  if ((await sandboxKind()) === 'none') expect(await node.ended()).toBe(7);
  else {
    await node.says('is connected');
    await until('the hub was answered', () => hub.told.some((text) => text.includes('"synced"')));
  }
});

/** A node as a process of its own at a real hub: joining, being refused, killed, replaced (N1, N2, N3, N7, T18, T29). */
import { cp, mkdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, createServer, type TLSSocket } from 'node:tls';
import { sandboxKind } from '@navisai/machine';
import {
  createSession,
  programFile,
  recordTerminal,
  startHub,
  startNode,
  type TestHub,
  type TestNode,
  until,
} from '@navisai/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createNodePlace } from '../../apps/node/src/node-process.fixture.ts';
import { certificates } from '../../apps/node/src/scripted-hub.fixture.ts';
import { isAlive } from './processes.fixture.ts';

let hub: TestHub;
beforeAll(async () => {
  hub = await startHub();
});
afterAll(() => hub[Symbol.asyncDispose]());

const invite = async (name: string): Promise<{ id: string; key: string }> => {
  const { node, key } = await hub.host.api.addNode({ body: { name } });
  return { id: node.id, key };
};

const stateOf = async (id: string): Promise<string> => (await hub.host.api.node({ params: { id } })).state;

const call = (node: { id: string }, sessionId: string, body: Record<string, unknown>) =>
  hub.host.api.callTool({ params: { id: sessionId, tool: 'terminal' }, body: { node_id: node.id, ...body } });

const openOn = async (node: { id: string }, name: string, command: string) => {
  const sessionId = await createSession(hub.host.api);
  const opened = await call(node, sessionId, {
    action: 'open',
    terminal_name: name,
    description: `test: ${name}`,
    command,
    background: true,
  });
  expect(opened).toMatchObject({ success: true });
  const { terminals } = await hub.host.api.session({ params: { id: sessionId } });
  const terminal = terminals.find((one) => one.name === name);
  if (terminal === undefined) throw new Error(`${name} is not listed`);
  return { ...terminal, sessionId };
};

const terminalsOf = async (sessionId: string) => (await hub.host.api.session({ params: { id: sessionId } })).terminals;

test('N1, N3: a node joins, says what it is, and runs commands on its own machine; T29: no secret reaches them', async () => {
  await using node = await startNode(hub, { name: 'plain' });
  const info = await node.info();
  expect(info).toMatchObject({ state: 'online', name: 'plain', platform: { os: process.platform } });
  expect(info.version).toMatch(/^\d+\.\d+\.\d+/);
  const { output } = await call(node, await createSession(hub.host.api), { action: 'run', command: 'env; echo ended' });
  expect(output).toContain(`HOME=${node.userHome}`);
  expect(output).toContain('ended');
  expect(output).not.toMatch(/NODE_API_KEY|navis1\.|NAVIS_HUB_URL/);
  const told = await readFile(`/proc/${node.pid}/cmdline`, 'utf8').catch(() => '');
  expect(told).not.toContain('navis1.');
});

test('N2: a wrong key is refused before anything is registered', async () => {
  const { id, key } = await invite('wrong-key');
  const wrong = key.replace(/.{4}$/, 'AAAA');
  await using place = await createNodePlace();
  const { code, printed } = await place.run([], { NODE_API_KEY: wrong, NAVIS_HUB_URL: hub.origin });
  expect(code).toBe(4);
  expect(printed).toContain('navisai nodes rekey');
  expect(await stateOf(id)).toBe('invited');
});

/** Texts of the short, masked frames that a client sent after its upgrade. */
const framesOf = (sent: Buffer): string[] => {
  const texts: string[] = [];
  for (let at = sent.indexOf('\r\n\r\n') + 4; at + 2 <= sent.length;) {
    const isText = ((sent[at] ?? 0) & 15) === 1;
    const short = (sent[at + 1] ?? 0) & 127;
    const head = at + (short === 126 ? 4 : 2);
    const length = short === 126 ? sent.readUInt16BE(at + 2) : short;
    const mask = sent.subarray(head, head + 4);
    const body = sent.subarray(head + 4, head + 4 + length).map((byte, index) => byte ^ (mask[index % 4] ?? 0));
    if (isText) texts.push(Buffer.from(body).toString('utf8'));
    at = head + 4 + length;
  }
  return texts;
};

test('N2: whoever ends the TLS in between learns nothing, and the key stays good', async () => {
  const { id, key } = await invite('overheard');
  const heard: Buffer[] = [];
  const server = createServer(certificates.other, (client: TLSSocket) => {
    const upstream = connect({ port: hub.port, host: '127.0.0.1', rejectUnauthorized: false });
    client.on('data', (bytes: Buffer) => heard.push(bytes));
    client.on('error', () => upstream.destroy());
    upstream.on('error', () => client.destroy());
    client.pipe(upstream).pipe(client);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  await using place = await createNodePlace();
  const { code, printed } = await place.run([], { NODE_API_KEY: key, NAVIS_HUB_URL: `https://127.0.0.1:${port}` });
  server.close();
  expect(code).toBe(4);
  expect(printed).toContain('somebody in between ends the TLS');
  const told = framesOf(Buffer.concat(heard)).map((text) => Object.keys(JSON.parse(text) as object));
  expect(told).toEqual([['type', 'versions', 'nodeId', 'nonce', 'binding']]);
  expect(await stateOf(id)).toBe('invited');
  const direct = place.start([], { NODE_API_KEY: key, NAVIS_HUB_URL: hub.origin });
  await direct.says('is connected');
});

test('N2: a key enrols one machine; a crash while joining harms nothing', async () => {
  const { id, key } = await invite('once');
  const joining = { NODE_API_KEY: key, NAVIS_HUB_URL: hub.origin };
  await using place = await createNodePlace();
  const first = place.start([], joining);
  await first.says('is connected');
  first.child.kill('SIGKILL');
  await first.ended();
  // The hub had enrolled it, and the node did not get to write that down.
  await rm(join(place.home, 'node/node.json'));
  const again = place.start([], joining);
  await again.says('is connected');
  await using elsewhere = await createNodePlace();
  expect(await elsewhere.run([], joining)).toMatchObject({ code: 4 });
  expect(again.isRunning).toBe(true);
  expect(await stateOf(id)).toBe('online');
});

test('N3: of two processes with one id the newer wins; the loser is told why, ends, and stays down', async () => {
  await using node = await startNode(hub, { name: 'twin' });
  const before = await node.info();
  await using place = await createNodePlace();
  await mkdir(join(place.home, 'node'), { recursive: true });
  for (const name of ['node.json', 'key']) await cp(join(node.home, 'node', name), join(place.home, 'node', name));
  const twin = place.start([]);
  await twin.says('is connected');
  await until('the loser has ended', () => !node.isRunning);
  // What it wrote last may be read after its end was told.
  await until('it says why', () => node.printed.includes('another process of this node'));
  expect((await node.info()).epoch).toBe(before.epoch + 1);
  expect(twin.isRunning).toBe(true);
});

test('N2: revoking drops the node within a second; it ends, and cannot come back', { retry: 2 }, async () => {
  await using node = await startNode(hub, { name: 'gone' });
  await hub.host.api.revokeNode({ params: { id: node.id } });
  const begin = performance.now();
  await until('it says why', () => node.printed.includes('revoked'));
  expect(performance.now() - begin).toBeLessThan(1000 + 500);
  await until('the node has ended', () => !node.isRunning);
  await expect(node.start()).rejects.toThrow('the node ended at its start');
  expect(await stateOf(node.id)).toBe('revoked');
});

const program = programFile('node');

test.skipIf((await sandboxKind()) === 'none')(
  'N12: with a ceiling, commands and files on the node reach neither its key, nor its ceiling, nor its code',
  async () => {
    const everywhere = ['/', '~', tmpdir()].map((path) => ({ path, access: 'write' as const }));
    const ceiling = { version: 1 as const, directories: everywhere };
    await using node = await startNode(hub, { name: 'ceiling', ceiling });
    const sessionId = await createSession(hub.host.api);
    const allowed = await call(node, sessionId, { action: 'run', command: `echo mine > ~/mine && cat ~/mine` });
    expect(allowed).toMatchObject({ success: true, output: expect.stringContaining('mine') as string });
    const folder = join(node.home, 'node');
    const before = await readFile(join(folder, 'key'), 'utf8');
    for (const path of [join(folder, 'key'), join(folder, 'policy.json'), join(folder, 'node.json'), program]) {
      const read = await call(node, sessionId, { action: 'run', command: `cat '${path}'` });
      expect(read, path).toMatchObject({ success: false });
      const write = await call(node, sessionId, { action: 'run', command: `echo '{"version":1}' > '${path}'` });
      expect(write.success && (await readFile(path, 'utf8')), path).not.toBe('{"version":1}\n');
      const file = await hub.host.api.callTool({
        params: { id: sessionId, tool: 'filesystem' },
        body: { node_id: node.id, action: 'read', path },
      });
      expect(file, path).toMatchObject({ success: false });
    }
    expect(await readFile(join(folder, 'key'), 'utf8')).toBe(before);
  },
);

const counting = 'for n in $(seq 1 400); do echo "line $n"; sleep 0.02; done; exit 7';
const counted = Array.from({ length: 400 }, (_, index) => `line ${index + 1}\r\n`).join('');

const survives = async (node: TestNode, interrupt: () => Promise<void>): Promise<void> => {
  const terminal = await openOn(node, 'counting', counting);
  const client = await hub.connect();
  using recorder = recordTerminal(client.live(), terminal.id);
  const running = call(node, terminal.sessionId, {
    action: 'run',
    command: `echo started >> ~/runs; sleep 6; echo "ran $(wc -l < ~/runs)"`,
    timeout: 60,
  });
  await recorder.sees('line 20');
  await until('the command has started', () =>
    readFile(join(node.userHome, 'runs'), 'utf8').then(
      () => true,
      () => false,
    ),
  );
  await interrupt();
  expect(await terminalsOf(terminal.sessionId)).toMatchObject([{ id: terminal.id, pid: terminal.pid }]);
  expect(await recorder.exited(60_000)).toMatchObject({ exitCode: 7, signal: null });
  expect(recorder.bytes.toString()).toBe(counted);
  expect(await running).toMatchObject({ success: true, output: expect.stringContaining('ran 1') as string });
};

test('T18, N7: kill -9 of the node while a command runs and a terminal streams: same PID, every byte, one result', async () => {
  await using node = await startNode(hub, { name: 'killed' });
  await survives(node, async () => {
    await node.kill();
    await node.start();
  });
});

test('T18: a service manager stops and starts the node: the same', async () => {
  await using node = await startNode(hub, { name: 'restarted' });
  await survives(node, async () => {
    await node.stop();
    await node.start();
  });
});

test('T18: the hub is killed and started: the node is back by itself, and nothing was lost', async () => {
  await using node = await startNode(hub, { name: 'patient' });
  const terminal = await openOn(node, 'counting', counting);
  await hub.kill();
  await hub.start();
  await until('the node is back', async () => (await node.info()).state === 'online');
  const client = await hub.connect();
  using recorder = recordTerminal(client.live(), terminal.id);
  expect(await recorder.exited(60_000)).toMatchObject({ exitCode: 7 });
  expect(recorder.bytes.toString()).toBe(counted);
});

test('Ctrl-C on a node names its terminals and ends them with it', async () => {
  const { id, key } = await invite('foreground');
  await using place = await createNodePlace();
  const node = place.start([], { NODE_API_KEY: key, NAVIS_HUB_URL: hub.origin });
  await node.says('is connected');
  const terminal = await openOn({ id }, 'dev-server', 'sleep 1000');
  node.child.kill('SIGINT');
  expect(await node.ended()).toBe(0);
  expect(node.printed).toContain('ends with its terminals: dev-server');
  expect(await isAlive(terminal.pid ?? 0)).toBe(false);
});

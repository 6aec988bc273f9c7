/** The hub as an MCP server: who may call, what they get, and that the public conformance suite agrees (I20). */
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, InMemoryTransport, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { mcpPath, type ToolResult } from '@navisai/protocol';
import { startHub, type TestHub, until } from '@navisai/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Actor } from '../agents.types.ts';
import { CallsUnderWay } from './calls-under-way.ts';
import { createMcpServer } from './mcp-server.ts';
import { startPlainDoor } from './plain-door.fixture.ts';

let hub: TestHub;
let secret: string;
let ca: string;
beforeAll(async () => {
  hub = await startHub();
  const told = JSON.parse(readFileSync(join(hub.home, 'host-device.json'), 'utf8')) as { caFile: string };
  ca = readFileSync(told.caFile, 'utf8');
  ({ secret } = await hub.host.api.addMcpToken({ body: { name: 'editor' } }));
});
afterAll(() => hub[Symbol.asyncDispose]());

interface Answer {
  status: number;
  headers: Record<string, unknown>;
  text: string;
}

const post = (body: unknown, headers: Record<string, string> = {}, method = 'POST'): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const text = JSON.stringify(body);
    const common = { accept: 'application/json, text/event-stream', 'content-type': 'application/json' };
    const call = request(
      {
        host: '127.0.0.1',
        port: hub.port,
        path: mcpPath,
        method,
        ca,
        servername: 'localhost',
        headers: { host: `localhost:${hub.port}`, ...common, ...headers },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text: Buffer.concat(chunks).toString(),
          }),
        );
      },
    );
    call.on('error', reject);
    call.end(method === 'POST' ? text : undefined);
  });

const initialize = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'test', version: '1' } },
};

/** A client of the SDK, as an editor would use it. */
const connect = async (bearer: string) => {
  const door = await startPlainDoor({ port: hub.port, ca });
  const client = new Client({ name: 'test', version: '1' });
  const headers = { authorization: `Bearer ${bearer}` };
  await client.connect(
    new StreamableHTTPClientTransport(new URL(`${door.origin}${mcpPath}`), { requestInit: { headers } }),
  );
  return {
    client,
    async [Symbol.asyncDispose]() {
      await client.close();
      await door[Symbol.asyncDispose]();
    },
  };
};

describe('I20: only who may', () => {
  test('I15, I20: no, wrong, expired and revoked credentials are refused before anything happens', async () => {
    const { token, secret: revoked } = await hub.host.api.addMcpToken({ body: { name: 'gone' } });
    await hub.host.api.revokeMcpToken({ params: { id: token.id } });
    const wrong = secret.slice(0, -1) + (secret.endsWith('A') ? 'B' : 'A');
    const attempts = {
      none: {},
      'another scheme': { authorization: 'Basic eDp5' },
      'no token': { authorization: 'Bearer ' },
      nonsense: { authorization: 'Bearer navismcp.x.y' },
      wrong: { authorization: `Bearer ${wrong}` },
      revoked: { authorization: `Bearer ${revoked}` },
      'a signature that is none': { authorization: 'Navis deviceId="d_aaaa",timestamp="x",nonce="y",signature="z"' },
    };
    for (const [kind, headers] of Object.entries(attempts)) {
      const { status, headers: answered, text } = await post(initialize, headers);
      expect({ kind, status }).toEqual({ kind, status: 401 });
      expect(answered['www-authenticate'], kind).toContain('Bearer');
      expect(text).not.toContain(secret);
    }
    await expect(hub.host.api.revokeMcpToken({ params: { id: token.id } })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });

  test('I11, I20: a foreign Host and a foreign Origin are refused with a good token', async () => {
    const authorization = `Bearer ${secret}`;
    expect((await post(initialize, { authorization, origin: 'https://evil.example' })).status).toBe(403);
    expect((await post(initialize, { authorization, host: 'evil.example' })).status).toBe(403);
    expect((await post(initialize, { authorization })).status).toBe(200);
  });

  test('I20: secrets are kept as hashes, and the list tells none', async () => {
    const listed = JSON.stringify(await hub.host.api.mcpTokens());
    expect(listed).toContain('editor');
    const random = secret.split('.')[2] ?? '';
    expect(listed).not.toContain(random);
    for (const name of ['navis.db', 'navis.db-wal', 'store.db', 'store.db-wal'])
      try {
        expect(readFileSync(join(hub.home, name), 'latin1')).not.toContain(random);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      }
  });
});

describe('I20: what a client gets', () => {
  test('I20: tools with their schemas, and calls that run as anybody else sees them', async () => {
    await using connected = await connect(secret);
    const { client } = connected;
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toEqual(['terminal', 'filesystem', 'nodes']);
    expect(tools[0]?.inputSchema).toMatchObject({ type: 'object', properties: { node_id: {}, action: {} } });
    const said = await client.callTool({ name: 'terminal', arguments: { action: 'run', command: 'echo "$((6*7))"' } });
    expect(said.isError).toBe(false);
    expect(said.content).toEqual([{ type: 'text', text: '42\n' }]);
    expect(said.structuredContent).toMatchObject({ success: true, output: '42\n', metadata: { exit_code: 0 } });
    const nodes = await client.callTool({ name: 'nodes', arguments: {} });
    expect(JSON.stringify(nodes.content)).toContain('main');
    const failed = await client.callTool({ name: 'terminal', arguments: { action: 'fly' } });
    expect(failed.isError).toBe(true);
    expect(JSON.stringify(failed.content)).toContain('action');
  });

  test('I20: a token makes its session with its first call, and is told when that was closed', async () => {
    const { api } = hub.host;
    const { token, secret: fresh } = await api.addMcpToken({ body: { name: 'quiet' } });
    await using connected = await connect(fresh);
    const { client } = connected;
    const titles = async () => (await api.sessions({ query: {} })).sessions.map(({ title }) => title);
    await client.listTools();
    await client.callTool({ name: 'nodes', arguments: {} });
    expect(await titles()).not.toContain('MCP: quiet');
    const list = () => client.callTool({ name: 'terminal', arguments: { action: 'list' } });
    const first = await Promise.all([list(), list(), list()]);
    expect(first.map(({ isError }) => isError)).toEqual([false, false, false]);
    expect((await titles()).filter((title) => title === 'MCP: quiet')).toHaveLength(1);
    await api.closeSession({ params: { id: token.sessionId } });
    expect(await list()).toMatchObject({ isError: true, content: [{ text: expect.stringContaining('was closed') }] });
  });

  test('I20: a token is good for its own tools only', async () => {
    const { secret: narrow } = await hub.host.api.addMcpToken({ body: { name: 'narrow', tools: ['nodes'] } });
    await using connected = await connect(narrow);
    const { tools } = await connected.client.listTools();
    expect(tools.map(({ name }) => name)).toEqual(['nodes']);
    const refused = connected.client.callTool({ name: 'terminal', arguments: { action: 'list' } });
    await expect(refused).rejects.toMatchObject({
      code: -32_602,
      message: expect.stringContaining('no tool terminal'),
    });
  });
});

describe('I20: calls end when they should', () => {
  /** A call that waits for a person. */
  const ask = async (client: Client, signal?: AbortSignal) => {
    const made = join(hub.home, `made-${randomUUID()}`);
    const call = { name: 'terminal', arguments: { action: 'run', command: `touch ${made}` } };
    const answer = client.callTool(call, signal === undefined ? {} : { signal }).then(
      (said) => JSON.stringify(said),
      (error: unknown) => String(error),
    );
    await until('it asks', async () => (await waiting(made)) !== undefined);
    return { made, answer };
  };
  const waiting = async (made: string) => {
    const { approvals } = await hub.host.api.pendingApprovals();
    return approvals.find((approval) => JSON.stringify(approval).includes(made));
  };

  test('I20: what a client cancels ends: nothing waits for a person any more', async () => {
    await using connected = await connect(secret);
    const abort = new AbortController();
    const { made, answer } = await ask(connected.client, abort.signal);
    abort.abort();
    expect(await answer).toContain('abort');
    await until('nobody is asked any more', async () => (await waiting(made)) === undefined);
  });

  test('I20: another client of the same token cancels none of it', async () => {
    await using connected = await connect(secret);
    await using other = await connect(secret);
    const { made } = await ask(connected.client);
    for (const requestId of [0, 1, 2, 3, 4, 5])
      await other.client.notification({ method: 'notifications/cancelled', params: { requestId } });
    await other.client.listTools();
    expect(await waiting(made)).toBeDefined();
  });

  test('I20: with a token that is revoked its calls end', async () => {
    const { token, secret: fresh } = await hub.host.api.addMcpToken({ body: { name: 'leaving' } });
    await using connected = await connect(fresh);
    const { made, answer } = await ask(connected.client);
    await hub.host.api.revokeMcpToken({ params: { id: token.id } });
    await answer;
    await until('nobody is asked any more', async () => (await waiting(made)) === undefined);
  });

  test('I20: a client that asks for progress hears that its call is under way', async () => {
    const [near, far] = InMemoryTransport.createLinkedPair();
    const done = Promise.withResolvers<ToolResult>();
    const parts = {
      calls: { execute: () => done.promise },
      underWay: new CallsUnderWay(),
      nodes: () => [],
      version: '1',
      progressEveryMs: 10,
    };
    const caller = { id: 'x_test', tools: ['terminal'], actor: () => Promise.resolve({} as Actor) };
    await createMcpServer(parts, { caller, session: undefined }).connect(far);
    const client = new Client({ name: 'test', version: '1' });
    await client.connect(near);
    const heard: number[] = [];
    const call = { name: 'terminal', arguments: { action: 'list' } };
    const answer = client.callTool(call, { onprogress: ({ progress }) => heard.push(progress) });
    await until('it is told twice', () => heard.length >= 2);
    done.resolve({ success: true, output: 'done', metadata: {} });
    expect(await answer).toMatchObject({ structuredContent: { success: true, output: 'done' } });
    expect(heard.toSorted((one, other) => one - other)).toEqual(heard);
    await client.close();
  });

  test('I20: a notification is answered by nothing at all; a first message names the client', async () => {
    const authorization = `Bearer ${secret}`;
    const noted = await post({ jsonrpc: '2.0', method: 'notifications/initialized' }, { authorization });
    expect({ status: noted.status, text: noted.text }).toEqual({ status: 202, text: '' });
    const begun = await post(initialize, { authorization });
    expect(begun.headers['mcp-session-id']).toMatch(/^[0-9a-f-]{36}$/);
    expect(noted.headers['mcp-session-id']).toBeUndefined();
  });
});

/** Of the suite's active scenarios: those about features that the hub claims. */
const scenarios = ['server-initialize', 'ping', 'tools-list', 'dns-rebinding-protection'];
const clientScenarios = ['initialize', 'tools_call', 'sse-retry'];
const fileOf = (path: string): string => new URL(path, import.meta.url).pathname;
const suite = fileOf('../../../../../node_modules/@modelcontextprotocol/conformance/dist/index.js');

const runSuite = async (args: readonly string[]): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), 'navis-mcp-'));
  const { output, code } = await new Promise<{ output: string; code: number }>((resolve) => {
    execFile(
      process.execPath,
      [suite, ...args, '-o', folder],
      { cwd: folder, timeout: 50_000 },
      (error, stdout, stderr) => resolve({ output: stdout + stderr, code: error === null ? 0 : 1 }),
    );
  });
  rmSync(folder, { recursive: true, force: true });
  expect(output).toMatch(/[1-9]\d* passed, 0 failed|Passed: [1-9]\d*\/[1-9]\d*, 0 failed/);
  expect(code, output).toBe(0);
};

describe('I20: the public conformance suite', () => {
  test.each(scenarios)('I20: server, %s', { timeout: 180_000 }, async (scenario) => {
    await using door = await startPlainDoor({ port: hub.port, ca, authorization: `Bearer ${secret}` });
    await runSuite(['server', '--url', `${door.origin}${mcpPath}`, '--scenario', scenario]);
  });

  test.each(clientScenarios)('I20: client, %s', { timeout: 180_000 }, async (scenario) => {
    const command = `${process.execPath} ${fileOf('conformance-client.fixture.ts')}`;
    await runSuite(['client', '--command', command, '--scenario', scenario]);
  });
});

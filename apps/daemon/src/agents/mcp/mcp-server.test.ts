/** The hub as an MCP server: who may call, what they get, and that the public conformance suite agrees (I20). */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { mcpPath } from '@navisai/protocol';
import { startHub, type TestHub } from '@navisai/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
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
    const refused = await connected.client.callTool({ name: 'terminal', arguments: { action: 'list' } });
    expect(refused).toMatchObject({ isError: true });
  });
});

/** Of the suite's active scenarios: those about features that the hub claims. */
const scenarios = ['server-initialize', 'ping', 'tools-list', 'dns-rebinding-protection'];

describe('I20: the public conformance suite', () => {
  test.each(scenarios)('I20: %s', { timeout: 60_000 }, async (scenario) => {
    await using door = await startPlainDoor({ port: hub.port, ca, authorization: `Bearer ${secret}` });
    const folder = mkdtempSync(join(tmpdir(), 'navis-mcp-'));
    const suite = new URL(
      '../../../../../node_modules/@modelcontextprotocol/conformance/dist/index.js',
      import.meta.url,
    );
    const args = [suite.pathname, 'server', '--url', `${door.origin}${mcpPath}`, '--scenario', scenario, '-o', folder];
    const { output, code } = await new Promise<{ output: string; code: number }>((resolve) => {
      execFile(process.execPath, args, { cwd: folder, timeout: 50_000 }, (error, stdout, stderr) =>
        resolve({ output: stdout + stderr, code: error === null ? 0 : 1 }),
      );
    });
    rmSync(folder, { recursive: true, force: true });
    expect(output).toMatch(/[1-9]\d* passed, 0 failed|Passed: [1-9]\d*\/[1-9]\d*, 0 failed/);
    expect(code, output).toBe(0);
  });
});

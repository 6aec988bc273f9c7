/** MCP servers of others are kept connected: those that restart, that offer others than before, that cannot start (I20). */
import { randomUUID } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import type { Actor, HubTool } from '../agents.types.ts';
import type { McpServerConfig } from './mcp-connection.ts';
import { McpServers } from './mcp-servers.ts';

const serve = (servers: Record<string, McpServerConfig>) => {
  const offered = new Map<string, HubTool>();
  const kept = new McpServers({
    servers,
    mask: (program) => Promise.resolve(program),
    toolbox: {
      register: (tool) => void offered.set(tool.name, tool),
      unregister: (name) => void offered.delete(name),
    },
    version: '1',
    log: pino({ enabled: false }),
  });
  onTestFinished(() => kept[Symbol.asyncDispose]());
  kept.start();
  return { offered, states: () => kept.list() };
};

const use = (tool: HubTool | undefined) =>
  tool?.execute({} as Actor, {
    callId: 'c_1',
    tool: tool.name,
    arguments: {},
    signal: new AbortController().signal,
  });

interface Message {
  id?: number;
  method: string;
  params: { protocolVersion?: string };
}

/** Knows only the sessions that it gave out itself, as one that keeps them in memory. */
const startServer = async (tool: string, port = 0): Promise<Server> => {
  const sessions = new Set<string>();
  const server = createServer(async (request, response) => {
    if (request.method !== 'POST') return void response.writeHead(405).end();
    const { id, method, params } = (await json(request)) as Message;
    const answer = (result: object, headers = {}): void =>
      void response
        .writeHead(200, { 'content-type': 'application/json', ...headers })
        .end(JSON.stringify({ jsonrpc: '2.0', id, result }));
    if (method === 'initialize') {
      const session = randomUUID();
      sessions.add(session);
      const facts = { capabilities: { tools: {} }, serverInfo: { name: 'docs', version: '1' } };
      return answer({ protocolVersion: params.protocolVersion, ...facts }, { 'mcp-session-id': session });
    }
    if (!sessions.has(String(request.headers['mcp-session-id']))) return void response.writeHead(404).end();
    if (id === undefined) return void response.writeHead(202).end();
    if (method === 'tools/list') return answer({ tools: [{ name: tool, inputSchema: { type: 'object' } }] });
    return answer({ content: [{ type: 'text', text: 'seen' }] });
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return server;
};

const stop = async (server: Server): Promise<void> => {
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeAllConnections();
  await closed;
};

test('I20: a server that was restarted under its address is used again, with what it offers now', async () => {
  const first = await startServer('look');
  const { port } = first.address() as AddressInfo;
  const { offered, states } = serve({ docs: { url: `http://127.0.0.1:${port}/mcp` } });
  await expect.poll(() => [...offered.keys()]).toEqual(['mcp_docs_look']);
  expect(await use(offered.get('mcp_docs_look'))).toMatchObject({ success: true, output: 'seen' });
  await stop(first);
  const second = await startServer('find', port);
  onTestFinished(() => stop(second));
  expect(await use(offered.get('mcp_docs_look'))).toMatchObject({
    success: false,
    error: { message: expect.stringContaining('is made anew') as string },
  });
  await expect.poll(() => [...offered.keys()]).toEqual(['mcp_docs_find']);
  expect(states()).toMatchObject([{ state: 'connected', problem: null, tools: [{ name: 'mcp_docs_find' }] }]);
  expect(await use(offered.get('mcp_docs_find'))).toMatchObject({ success: true, output: 'seen' });
});

/** In the repository, where it finds the library. */
const writeProgram = (text: string): string => {
  const folder = join(import.meta.dirname, '../../../../../.cache', `mcp-${randomUUID()}`);
  mkdirSync(folder, { recursive: true });
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'server.mjs');
  writeFileSync(file, text);
  return file;
};

test('I20: tools that a server offers later are there, those that it takes back are not', async () => {
  const file = writeProgram(`
    import { Server } from '@modelcontextprotocol/server';
    import { StdioServerTransport } from '@modelcontextprotocol/server/stdio';
    const server = new Server({ name: 'odd', version: '1' }, { capabilities: { tools: { listChanged: true } } });
    let name = 'first';
    server.setRequestHandler('tools/list', () => ({ tools: [{ name, inputSchema: { type: 'object' } }] }));
    server.setRequestHandler('tools/call', async () => {
      name = 'second';
      await server.sendToolListChanged();
      return { content: [{ type: 'text', text: 'changed' }] };
    });
    await server.connect(new StdioServerTransport());`);
  const { offered } = serve({ odd: { command: process.execPath, args: [file] } });
  await expect.poll(() => [...offered.keys()]).toEqual(['mcp_odd_first']);
  await use(offered.get('mcp_odd_first'));
  await expect.poll(() => [...offered.keys()]).toEqual(['mcp_odd_second']);
});

test('I20: a server that does not start is told with what it says itself', async () => {
  const file = writeProgram(`console.error('x'.repeat(9000) + ' set ODD_TOKEN first'); process.exit(1);`);
  const { states } = serve({ odd: { command: process.execPath, args: [file] } });
  await expect.poll(() => states()[0]?.problem).toMatch(/It said: x+ set ODD_TOKEN first$/);
  expect(states()[0]?.problem?.length).toBeLessThan(3001);
});

/** `navisai mcp` as a client of MCP starts it, and MCP servers of others as agents use them (I20). */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { sandboxKind } from '@navisai/machine';
import { startHub, until } from '@navisai/testkit';
import { expect, test } from 'vitest';
import { startAgentHub } from './agent-hub.fixture.ts';
import { cli, cliFile, type CliPlace } from './cli-process.fixture.ts';

const connect = async (place: CliPlace) => {
  const client = new Client({ name: 'test', version: '1' });
  await client.connect(
    new StdioClientTransport({
      command: process.execPath,
      args: [cliFile, 'mcp'],
      env: place.environment(),
      stderr: 'inherit',
    }),
  );
  return { client, [Symbol.asyncDispose]: () => client.close() };
};

test('I20: an MCP client runs a command in a named terminal, and sees why a call was refused', async () => {
  await using hub = await startHub();
  await using connected = await connect(hub);
  const { client } = connected;
  expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(['terminal', 'filesystem', 'nodes']);
  const said = await client.callTool({ name: 'terminal', arguments: { action: 'run', command: 'echo "$((6*7))"' } });
  expect(said).toMatchObject({ isError: false, content: [{ type: 'text', text: '42\n' }] });
  const asking = client.callTool({ name: 'terminal', arguments: { action: 'run', command: 'touch ~/made' } });
  const [approval] = await until('it asks', async () => {
    const { approvals } = await hub.host.api.pendingApprovals();
    return approvals.length > 0 ? approvals : undefined;
  });
  expect(approval).toMatchObject({ kind: 'call', detail: { requester: { kind: 'mcp' } } });
  const rejected = await cli(hub, ['approvals', 'reject', approval?.id ?? '', '--comment', 'not today']);
  expect(rejected.exitCode).toBe(0);
  const refused = await asking;
  expect(refused.isError).toBe(true);
  expect(JSON.stringify(refused.content)).toContain('not today');
});

test('I20: what was asked before the input ended is answered; a call that waits for a person is let go', async () => {
  await using hub = await startHub();
  const message = (id: number, method: string, params: object) =>
    `${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`;
  const call = (id: number, command: string) =>
    message(id, 'tools/call', { name: 'terminal', arguments: { action: 'run', command } });
  const clientInfo = { name: 'test', version: '1' };
  const begin = message(1, 'initialize', { protocolVersion: '2025-06-18', capabilities: {}, clientInfo });
  const { stdout, exitCode } = await cli(hub, ['mcp'], { input: begin + call(2, 'echo "$((6*7))"') });
  const answers = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { id: number });
  expect(exitCode).toBe(0);
  expect(answers.find(({ id }) => id === 1)).toMatchObject({ result: { serverInfo: { name: 'navis' } } });
  expect(answers.find(({ id }) => id === 2)).toMatchObject({ result: { content: [{ text: '42\n' }] } });
  const began = performance.now();
  expect(await cli(hub, ['mcp'], { input: call(3, 'touch ~/made') })).toMatchObject({ exitCode: 0, stdout: '' });
  expect(performance.now() - began).toBeLessThan(25_000);
  await until('it asks no more', async () => (await hub.host.api.pendingApprovals()).approvals.length === 0);
});

const serverFile = `
import { Server } from '@modelcontextprotocol/server';
import { StdioServerTransport } from '@modelcontextprotocol/server/stdio';
const server = new Server({ name: 'echo', version: '1' }, { capabilities: { tools: {} } });
const say = { name: 'say', description: 'Says it.', inputSchema: { type: 'object', properties: { text: { type: 'string' } } } };
server.setRequestHandler('tools/list', () => ({ tools: [say, { ...say, name: 'look' }] }));
server.setRequestHandler('tools/call', ({ params }) => ({
  content: [{ type: 'text', text: params.name + ' ' + params.arguments.text + ' ' + (process.env.NAVIS_HOME ?? 'without') + (process.pid < 10 ? ' alone' : '') }],
}));
await server.connect(new StdioServerTransport());
`;

test('I20: an agent uses the tools of a configured server: what reads by the word of the person runs, the rest asks', async () => {
  const file = join(import.meta.dirname, `mcp-echo-${process.pid}.tmp.mjs`);
  writeFileSync(file, serverFile);
  const server = { command: process.execPath, args: [file], readOnlyTools: ['look'] };
  await using cleanup = new DisposableStack();
  const { rmSync } = await import('node:fs');
  cleanup.defer(() => rmSync(file, { force: true }));
  await using agents = await startAgentHub({
    config: { mcpServers: { echo: server, gone: { command: '/does/not/exist' } } },
  });
  const { api } = agents.hub.host;
  const servers = await until('the server is there', async () => {
    const answer = await api.mcpServers();
    const state = (name: string) => answer.servers.find((one) => one.name === name)?.state;
    return state('echo') === 'connected' && state('gone') === 'failed' ? answer.servers : undefined;
  });
  expect(servers.find(({ name }) => name === 'gone')?.problem).toContain('ENOENT');
  agents.model.script([
    { calls: [{ tool: 'mcp_echo_look', arguments: { text: 'quietly' } }] },
    { calls: [{ tool: 'mcp_echo_say', arguments: { text: 'aloud' } }] },
    { text: 'Said.' },
  ]);
  const said = cli(agents.hub, ['chat', 'say it'], { input: '' });
  const [approval] = await until('it asks', async () => {
    const { approvals } = await api.pendingApprovals();
    return approvals.length > 0 ? approvals : undefined;
  });
  expect(approval).toMatchObject({ detail: { call: { tool: 'mcp_echo_say', arguments: { text: 'aloud' } } } });
  expect((await cli(agents.hub, ['approvals', 'approve', approval?.id ?? ''])).exitCode).toBe(0);
  expect(await said).toMatchObject({ exitCode: 0, stdout: 'Said.\n' });
  const seen =
    agents.model.requests
      .at(-1)
      ?.messages.map(({ text }) => text)
      .join('\n') ?? '';
  // A7: it sees no process of the hub.
  const alone = (await sandboxKind()) === 'bubblewrap' ? ' alone' : '';
  expect(seen).toContain(`look quietly without${alone}`);
  expect(seen).toContain(`say aloud without${alone}`);
});

test('I12, I20: navisai mcp token makes, lists and revokes tokens; one of another kind of word is a wrong use', async () => {
  await using hub = await startHub();
  const token = async (...words: string[]) => cli(hub, ['mcp', 'token', ...words]);
  expect((await token()).stdout).toContain('navisai mcp token add <name>');
  const made = await token('add', 'editor', '--tools', 'terminal', '--json');
  const { secret, token: kept } = JSON.parse(made.stdout) as { secret: string; token: { id: string } };
  const listed = await token();
  expect(listed.stdout).toContain('editor');
  expect(listed.stdout).not.toContain(secret);
  expect((await token('revoke', kept.id)).stdout).toBe('Revoked: editor\n');
  expect((await token('list')).stdout).toContain('revoked');
  expect((await token('revoke', kept.id)).exitCode).toBe(5);
  for (const words of [['add'], ['revoke'], ['revoke', 'editor'], ['make', 'x']])
    expect((await token(...words)).exitCode, words.join(' ')).toBe(2);
});

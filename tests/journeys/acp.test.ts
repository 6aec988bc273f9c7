/** ACP both ways: a real agent as a session on a machine, and the hub as an agent of an editor (I19). */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { client, methods, ndJsonStream, PROTOCOL_VERSION, type SessionUpdate } from '@agentclientprotocol/sdk';
import { decideCall } from '@navisai/client';
import type { ApprovalOf, HubEvent } from '@navisai/protocol';
import { startNode, type TestHub, until } from '@navisai/testkit';
import { describe, expect, test } from 'vitest';
import { configureOpencode, findOpencode } from './acp-agent.fixture.ts';
import { startAgentHub } from './agent-hub.fixture.ts';
import { cli, cliFile } from './cli-process.fixture.ts';

const opencode = await findOpencode();
const config = { acpAgents: { opencode: { command: opencode ?? 'opencode', args: ['acp'] } } };

/** Everything that is told in a session, from its beginning. */
const follow = (hub: TestHub, sessionId: string): HubEvent[] => {
  const events: HubEvent[] = [];
  hub.host.live().followSession(sessionId, { onEvent: (event) => events.push(event) }, { after: 0 });
  return events;
};

/** A large program on a busy machine takes its time to start. */
const startDeadlineMs = 180_000;

const waitingApproval = (hub: TestHub): Promise<ApprovalOf<'call'>> => {
  const find = async () => {
    const { approvals } = await hub.host.api.pendingApprovals();
    return approvals.find((one) => one.kind === 'call');
  };
  return until('it asks', find, startDeadlineMs);
};

const endOf = (events: readonly HubEvent[], count = 1) =>
  until('the run ends', () => events.filter((event) => event.type === 'stream_end')[count - 1]?.data, startDeadlineMs);

const textOf = (events: readonly HubEvent[]): string =>
  events
    .flatMap((event) =>
      event.type === 'stream_delta' && event.data.seq !== undefined && event.data.kind === 'text'
        ? [event.data.text]
        : [],
    )
    .join('');

/** What opencode asks a model first is a title; the rest follows the script. */
const bash = (command: string) => ({ calls: [{ tool: 'bash', arguments: { command, description: 'as asked' } }] });

describe.skipIf(opencode === undefined)('I19: a real ACP agent', () => {
  test('I19: streams, asks in the inbox before it acts, and goes on in the same conversation', async () => {
    await using agents = await startAgentHub({ config });
    const { hub, model } = agents;
    const { api } = hub.host;
    const directory = join(hub.userHome, 'project');
    configureOpencode(directory, model.baseUrl('openai-compatible'));
    const made = join(directory, 'made');
    model.script(({ tools, messages }) => {
      if (tools.length === 0) return { text: 'A title' };
      const said = messages.map(({ text }) => text).join('\n');
      if (said.includes('and again')) return { text: 'Again.' };
      return messages.at(-1)?.role === 'tool' ? { text: 'It is made.' } : bash('touch made');
    });
    const { id } = await api.createSession({ body: { kind: 'acp', agent: { acpAgent: 'opencode', directory } } });
    const events = follow(hub, id);
    await api.sendMessage({ params: { id }, body: { text: 'make it' } });
    const approval = await waitingApproval(hub);
    expect(approval.detail).toMatchObject({
      requester: { kind: 'acp' },
      call: { tool: 'terminal', arguments: { command: 'touch made' } },
    });
    expect(existsSync(made)).toBe(false);
    await decideCall(hub.host, { approval, grant: 'once' });
    expect(await endOf(events)).toMatchObject({ reason: 'completed' });
    expect(existsSync(made)).toBe(true);
    expect(textOf(events)).toContain('It is made.');
    expect(events.find(({ type }) => type === 'stream_start')?.data).toMatchObject({ model: null });
    const terminals = (await api.session({ params: { id } })).terminals.map(({ name }) => name);
    expect(terminals).toContain('acp-opencode');
    await api.sendMessage({ params: { id }, body: { text: 'and again' } });
    expect(await endOf(events, 2)).toMatchObject({ reason: 'completed' });
    expect(textOf(events)).toContain('Again.');
  });

  test('I19: what is rejected does not happen, and Stop ends a prompt', async () => {
    await using agents = await startAgentHub({ config });
    const { hub, model } = agents;
    const { api } = hub.host;
    const directory = join(hub.userHome, 'project');
    configureOpencode(directory, model.baseUrl('openai-compatible'));
    model.script(({ tools, messages }) => {
      if (tools.length === 0) return { text: 'A title' };
      if (messages.some(({ text }) => text.includes('talk'))) return { text: 'word '.repeat(2000), delayMs: 20 };
      return messages.at(-1)?.role === 'tool' ? { text: 'Then not.' } : bash('touch made');
    });
    const { id } = await api.createSession({ body: { kind: 'acp', agent: { acpAgent: 'opencode', directory } } });
    const events = follow(hub, id);
    await api.sendMessage({ params: { id }, body: { text: 'make it' } });
    await api.reject({ params: { id: (await waitingApproval(hub)).id }, body: { comment: 'no' } });
    await endOf(events);
    expect(existsSync(join(directory, 'made'))).toBe(false);
    await api.sendMessage({ params: { id }, body: { text: 'talk' } });
    await until(
      'it talks',
      () => events.some((event) => event.type === 'stream_delta' && event.data.text.includes('word')),
      startDeadlineMs,
    );
    expect(await api.stopRun({ params: { id } })).toEqual({ stopped: true });
    expect(await endOf(events, 2)).toMatchObject({ reason: 'stopped' });
  });

  test('I19, N5: runs on another node as well', async () => {
    await using agents = await startAgentHub({ config });
    const { hub, model } = agents;
    await using nas = await startNode(hub, { name: 'nas' });
    const { api } = hub.host;
    const directory = join(nas.userHome, 'project');
    configureOpencode(directory, model.baseUrl('openai-compatible'));
    model.script(({ tools }) => ({ text: tools.length === 0 ? 'A title' : 'Hello from there.' }));
    const agent = { acpAgent: 'opencode', directory, nodeId: nas.id };
    const { id } = await api.createSession({ body: { kind: 'acp', agent } });
    const events = follow(hub, id);
    await api.sendMessage({ params: { id }, body: { text: 'hello' } });
    expect(await endOf(events)).toMatchObject({ reason: 'completed' });
    expect(textOf(events)).toContain('Hello from there.');
    const [terminal] = (await api.session({ params: { id } })).terminals;
    expect(terminal).toMatchObject({ name: 'acp-opencode', nodeId: nas.id });
  });
});

test('I19: an agent that is not installed is told of kindly, in the terminal too', async () => {
  await using agents = await startAgentHub({ config: { acpAgents: { none: { command: '/does/not/exist' } } } });
  const { api } = agents.hub.host;
  const { id } = await api.createSession({ body: { kind: 'acp', agent: { acpAgent: 'none' } } });
  const events = follow(agents.hub, id);
  await api.sendMessage({ params: { id }, body: { text: 'hello' } });
  const { reason, error } = await endOf(events);
  expect({ reason, message: error?.message }).toEqual({
    reason: 'failed',
    message: expect.stringContaining('installed'),
  });
  const said = await cli(agents.hub, ['chat', '--agent', 'none', 'hello']);
  expect(said).toMatchObject({ exitCode: 1, stdout: '', stderr: expect.stringContaining('installed') });
});

/** An editor that starts `navisai acp` and allows what it is asked; at its end it leaves. */
const startEditor = async (hub: TestHub) => {
  const program = spawn(process.execPath, [cliFile, 'acp'], {
    env: hub.environment(),
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const updates: SessionUpdate[] = [];
  const asked: unknown[] = [];
  const connection = client({ name: 'editor' })
    .onNotification(methods.client.session.update, ({ params }) => void updates.push(params.update))
    .onRequest(methods.client.session.requestPermission, ({ params }) => {
      asked.push(params.toolCall.title);
      return { outcome: { outcome: 'selected' as const, optionId: 'once' } };
    })
    .connect(
      ndJsonStream(
        Writable.toWeb(program.stdin) as WritableStream<Uint8Array>,
        Readable.toWeb(program.stdout) as unknown as ReadableStream<Uint8Array>,
      ),
    );
  const { agent } = connection;
  await agent.request(methods.agent.initialize, { protocolVersion: PROTOCOL_VERSION, clientCapabilities: {} });
  const leave = async (): Promise<void> => {
    const gone = once(program, 'exit');
    program.stdin.end();
    await gone;
  };
  return { agent, updates, asked, [Symbol.asyncDispose]: leave };
};

test('I19: an editor talks to the hub, sees its calls, and answers its questions', async () => {
  await using agents = await startAgentHub();
  const { hub, model } = agents;
  const file = join(hub.userHome, 'made');
  model.script([
    { calls: [{ tool: 'terminal', arguments: { action: 'run', command: `touch ${file}` } }] },
    { text: 'It is made.' },
    { text: 'It was made before.' },
  ]);
  await using editor = await startEditor(hub);
  const { agent, updates, asked } = editor;
  const { sessionId } = await agent.request<{ sessionId: string }>(methods.agent.session.new, {
    cwd: hub.userHome,
    mcpServers: [{ name: 'files', command: '/bin/files', args: [], env: [{ name: 'TOKEN', value: 'a-secret' }] }],
  });
  const prompt = { sessionId, prompt: [{ type: 'text', text: 'make it' }] };
  const { stopReason } = await agent.request<{ stopReason: string }>(methods.agent.session.prompt, prompt);
  expect(stopReason).toBe('end_turn');
  expect(asked).toHaveLength(1);
  expect(existsSync(file)).toBe(true);
  const kinds = updates.map(({ sessionUpdate }) => sessionUpdate);
  expect(kinds).toEqual(expect.arrayContaining(['tool_call', 'tool_call_update', 'agent_message_chunk']));
  const said = updates.flatMap((update) =>
    update.sessionUpdate === 'agent_message_chunk' && update.content.type === 'text' ? [update.content.text] : [],
  );
  const [aboutServers, ...rest] = said;
  expect(aboutServers).toMatch(/^The MCP servers of this editor are not used here: files\./);
  expect(aboutServers).not.toContain('a-secret');
  expect(rest.join('')).toBe('It is made.');
  const again = await agent.request<{ stopReason: string }>(methods.agent.session.prompt, prompt);
  expect(again.stopReason).toBe('end_turn');
  expect(JSON.stringify(updates).split('are not used here')).toHaveLength(2);
  updates.length = 0;
  await agent.request(methods.agent.session.load, { sessionId, cwd: hub.userHome, mcpServers: [] });
  expect(updates.map(({ sessionUpdate }) => sessionUpdate)).toContain('user_message_chunk');
});

test('I19: an editor hears why a run failed as the error of its prompt, and again when it loads the conversation', async () => {
  await using agents = await startAgentHub();
  agents.model.script(() => ({ status: 401 }));
  await using editor = await startEditor(agents.hub);
  const { agent, updates } = editor;
  const place = { cwd: agents.hub.userHome, mcpServers: [] };
  const { sessionId } = await agent.request<{ sessionId: string }>(methods.agent.session.new, place);
  const prompt = { sessionId, prompt: [{ type: 'text', text: 'hello' }] };
  await expect(agent.request(methods.agent.session.prompt, prompt)).rejects.toMatchObject({
    code: -32603,
    message: expect.stringContaining('The key of provider scripted was refused'),
  });
  expect(JSON.stringify(updates)).not.toContain('was refused');
  await agent.request(methods.agent.session.load, { sessionId, ...place });
  expect(JSON.stringify(updates)).toContain('was refused');
});

/** Sub-agents: in the same session, here and on nodes; parallel, bounded, stopped, never wider than their parent (T23, N5, N8). */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decideCall } from '@navisai/client';
import type { ApprovalOf } from '@navisai/protocol';
import { findMarked, startNode, until } from '@navisai/testkit';
import { expect, test } from 'vitest';
import { startAgentBench, writeProfile } from './conversation.fixture.ts';
import { children, resultsOf, run, spawn } from './sub-agents.fixture.ts';

test('T23, N8: a sub-agent works in the same session with its own stream, and its answer is the result of the call', async () => {
  await using bench = await startAgentBench();
  using talk = await bench.talk();
  const open = {
    tool: 'terminal',
    arguments: { action: 'open', terminal_name: 'shared', description: 'x', command: 'cat', background: true },
  };
  bench.model.script([
    { calls: [open] },
    { calls: [spawn('TASK-A: look', { description: 'Looks' })] },
    { text: 'It saw it.' },
  ]);
  bench.model.script(
    [{ calls: [{ tool: 'terminal', arguments: { action: 'list' } }] }, { text: 'There is one.' }],
    'TASK-A',
  );
  const { runId, end, text } = await talk.ask('Go.');
  expect([end.reason, text]).toEqual(['completed', 'It saw it.']);
  const [child] = children(talk);
  const call = talk.parts(runId).find(({ tool, kind }) => tool === 'spawn_agent' && kind === 'tool_call');
  expect(child).toMatchObject({ parent: { streamId: runId, callId: call?.callId }, depth: 1, nodeId: 'main' });
  expect(talk.text(child?.streamId ?? '')).toBe('There is one.');
  expect(resultsOf(talk, child?.streamId ?? '')[0]?.text).toContain('shared');
  expect(resultsOf(talk, runId)[1]).toMatchObject({ success: true, text: 'There is one.' });
  // It saw nothing of the conversation.
  const asked = bench.model.requests.find(({ said }) => said.includes('TASK-A'));
  expect(asked?.messages.map(({ role }) => role)).toEqual(['system', 'user']);
});

test('N5, N8, N9: with node_id the loop runs on the node, its calls as well, its model through the hub', async () => {
  await using bench = await startAgentBench();
  await using node = await startNode(bench.hub, { name: 'nas' });
  using talk = await bench.talk();
  bench.model.script([{ calls: [spawn('TASK-B', { node_id: 'nas' })] }, { text: 'Done.' }]);
  bench.model.script(
    [{ calls: [run('echo $HOME'), run('echo $HOME', { node_id: 'main' })] }, { text: ['on ', 'the ', 'node'] }],
    'TASK-B',
  );
  const { runId, end } = await talk.ask('Go.');
  expect(end.reason).toBe('completed');
  const [child] = children(talk);
  expect(child).toMatchObject({ nodeId: node.id, depth: 1 });
  const id = child?.streamId ?? '';
  expect(talk.text(id)).toBe('on the node');
  expect(resultsOf(talk, id).map(({ text }) => text.trim())).toEqual([node.userHome, bench.hub.userHome]);
  expect(resultsOf(talk, runId)[0]).toMatchObject({ success: true, text: 'on the node' });
  expect(talk.of('stream_end').find(({ streamId }) => streamId === id)).toMatchObject({
    reason: 'completed',
    usage: { turns: 2 },
  });
});

test('N5, P4: the node of a sub-agent’s profile is known by its name, and is told by its id', async () => {
  await using bench = await startAgentBench();
  await using node = await startNode(bench.hub, { name: 'nas' });
  await writeProfile(bench.hub.home, { id: 'there', approvals: 'never', node_id: 'nas' });
  await writeProfile(bench.hub.home, { id: 'top', approvals: 'never', sub_agents: { profiles: ['there'] } });
  using talk = await bench.talk({ profile: 'top', nodeId: node.id, directory: '/usr/share' });
  bench.model.script([{ calls: [spawn('TASK-N', { profile: 'there' })] }, { text: 'Done.' }]);
  bench.model.script([{ calls: [run('echo $HOME $PWD')] }, { text: 'There.' }], 'TASK-N');
  expect((await talk.ask('Go.')).end.reason).toBe('completed');
  const [child] = children(talk);
  expect(child).toMatchObject({ nodeId: node.id });
  expect(resultsOf(talk, child?.streamId ?? '')[0]?.text.trim()).toBe(`${node.userHome} /usr/share`);
});

test('N8: sub-agents of one turn run at the same time, on main and on a node, and their streams stay apart', async () => {
  await using bench = await startAgentBench();
  await using node = await startNode(bench.hub, { name: 'nas' });
  using talk = await bench.talk();
  const names = ['one', 'two', 'three'];
  bench.model.script([
    { calls: names.map((name, index) => spawn(`TASK-${name}.`, index === 1 ? { node_id: node.id } : {})) },
    { text: 'All.' },
  ]);
  // Each waits until all have begun.
  const gate = Promise.withResolvers<void>();
  for (const name of names) bench.model.script([{ text: `I am ${name}`, after: gate.promise }], `TASK-${name}.`);
  const { runId } = await talk.say('Go.');
  await until('all ask their model', () => bench.model.open === 3);
  gate.resolve();
  expect((await talk.end(runId)).reason).toBe('completed');
  const results = resultsOf(talk, runId ?? '').map(({ text }) => text);
  expect(results).toEqual(['I am one', 'I am two', 'I am three']);
  const texts = children(talk).map(({ streamId }) => talk.text(streamId));
  expect(texts.toSorted()).toEqual(['I am one', 'I am three', 'I am two']);
});

test('N8: a sub-agent may start another one as deep as the profile says, also from a node, and then none', async () => {
  await using bench = await startAgentBench();
  await using node = await startNode(bench.hub, { name: 'nas' });
  using talk = await bench.talk();
  bench.model.script([{ calls: [spawn('TASK-X', { node_id: node.id })] }, { text: 'Top.' }]);
  bench.model.script([{ calls: [spawn('TASK-Y')] }, { text: 'Middle.' }], 'TASK-X');
  bench.model.script([{ calls: [spawn('TASK-Z')] }, { text: 'Bottom.' }], 'TASK-Y');
  const { text } = await talk.ask('Go.');
  expect(text).toBe('Top.');
  const [middle, bottom, none] = children(talk);
  expect(none).toBeUndefined();
  expect(bottom).toMatchObject({ depth: 2, parent: { streamId: middle?.streamId }, nodeId: node.id });
  expect(resultsOf(talk, bottom?.streamId ?? '')).toMatchObject([{ success: false }]);
  const tools = bench.model.requests.map(({ said, tools: offered }) => [said, offered.includes('spawn_agent')]);
  expect(tools).toContainEqual([expect.stringContaining('TASK-X'), true]);
  expect(tools).toContainEqual([expect.stringContaining('TASK-Y'), false]);
});

test.each(['main', 'a node'])(
  'A3, N8: Stop of the parent stops its sub-agent on %s with what it runs',
  async (where) => {
    await using bench = await startAgentBench();
    await using node = await startNode(bench.hub, { name: 'nas' });
    using talk = await bench.talk();
    const mark = uniqueSeconds();
    bench.model.script([{ calls: [spawn('TASK-S', where === 'main' ? {} : { node_id: node.id })] }]);
    bench.model.script([{ calls: [run(`sleep ${mark}`)] }], 'TASK-S');
    const { runId } = await talk.say('Go.');
    await until('the command runs', () => isRunning(mark));
    await talk.stop();
    expect((await talk.end(runId)).reason).toBe('stopped');
    const [child] = children(talk);
    expect((await talk.end(child?.streamId ?? '')).reason).toBe('stopped');
    await until('the command is ended', async () => !(await isRunning(mark)));
  },
);

test.each(['main', 'a node'])(
  'N8: a sub-agent on %s that takes too long is ended, and the parent goes on',
  async (where) => {
    await using bench = await startAgentBench();
    await using node = await startNode(bench.hub, { name: 'nas' });
    using talk = await bench.talk();
    const mark = uniqueSeconds();
    const more = where === 'main' ? {} : { node_id: node.id };
    bench.model.script([{ calls: [spawn('TASK-L', { ...more, timeout: 10 })] }, { text: 'Too slow.' }]);
    bench.model.script([{ text: 'I begin.', calls: [run(`sleep ${mark}`)] }], 'TASK-L');
    const { runId } = await talk.say('Go.');
    await until('the command runs', () => isRunning(mark));
    expect((await talk.end(runId)).reason).toBe('completed');
    expect(talk.text(runId ?? '')).toBe('Too slow.');
    expect(resultsOf(talk, runId ?? '')[0]).toMatchObject({
      success: false,
      text: expect.stringMatching(/I begin\.[^]*timeout/) as string,
    });
    await until('the command is ended', async () => !(await isRunning(mark)));
  },
);

test('N8, A4: the key of the model is nowhere on the node', async () => {
  const key = 'sk-secret-of-the-hub-0123456789';
  await using bench = await startAgentBench();
  await bench.hub.host.api.addModelProvider({
    body: {
      id: 'scripted',
      kind: 'openai-compatible',
      baseUrl: bench.model.baseUrl('openai-compatible'),
      key,
      models: [{ id: 'scripted', contextTokens: 32_768 }],
    },
  });
  await using node = await startNode(bench.hub, { name: 'nas', environment: { NAVIS_LOG_LEVEL: 'trace' } });
  using talk = await bench.talk();
  bench.model.script([{ calls: [spawn('TASK-P', { node_id: 'nas' })] }, { text: 'Done.' }]);
  bench.model.script(
    [{ calls: [run(`env; cat /proc/${node.pid}/environ | tr '\\0' '\\n'; true`)] }, { text: 'Looked.' }],
    'TASK-P',
  );
  const { runId } = await talk.ask('Go.');
  expect(bench.model.requests.every(({ headers }) => headers['authorization'] === `Bearer ${key}`)).toBe(true);
  const shown = [...resultsOf(talk, runId), ...resultsOf(talk, children(talk)[0]?.streamId ?? '')];
  for (const { text } of shown) expect(text).not.toContain(key);
  expect(node.printed).not.toContain(key);
  for (const content of await everyFile(node.home)) expect(content.includes(key)).toBe(false);
});

test('N5, N8: a node that is unknown or away is an error, and no sub-agent runs here instead', async () => {
  await using bench = await startAgentBench();
  await using node = await startNode(bench.hub, { name: 'nas' });
  using talk = await bench.talk();
  await node.stop();
  await until('the node is away', async () => (await node.info()).state === 'offline');
  bench.model.script([
    { calls: [spawn('TASK-U', { node_id: 'nowhere' }), spawn('TASK-U', { node_id: 'nas' })] },
    { text: 'Nowhere.' },
  ]);
  const { runId, text } = await talk.ask('Go.');
  expect(text).toBe('Nowhere.');
  expect(resultsOf(talk, runId)).toMatchObject([
    { success: false, text: expect.stringContaining('NODE_UNKNOWN') as string },
    { success: false, text: expect.stringContaining('NODE_OFFLINE') as string },
  ]);
  expect(children(talk)).toEqual([]);
});

test('N8: rights are never wider: a tool that the parent lacks is refused, a profile that it may not give as well', async () => {
  await using bench = await startAgentBench();
  await writeProfile(bench.hub.home, { id: 'narrow', approvals: 'never', tools: ['filesystem', 'spawn_agent'] });
  using talk = await bench.talk({ profile: 'narrow' });
  bench.model.script([
    { calls: [spawn('TASK-R', { tools: ['terminal'] }), spawn('TASK-R', { profile: 'nobody' }), spawn('TASK-R')] },
    { text: 'Done.' },
  ]);
  bench.model.script([{ calls: [run('id')] }, { text: 'I could not.' }], 'TASK-R');
  const { runId } = await talk.ask('Go.');
  const [foreign, unknown, own] = resultsOf(talk, runId);
  expect(foreign).toMatchObject({ success: false, text: expect.stringContaining('does not have terminal') as string });
  expect(unknown).toMatchObject({ success: false, text: expect.stringContaining('profile') as string });
  expect(own).toMatchObject({ success: true, text: 'I could not.' });
  expect(talk.of('tool_started').filter(({ tool }) => tool === 'terminal')).toEqual([]);
});

test('N8: a sub-agent shares the token budget of its parent', async () => {
  await using bench = await startAgentBench();
  await writeProfile(bench.hub.home, { id: 'frugal', approvals: 'never', token_budget: 1000 });
  using talk = await bench.talk({ profile: 'frugal' });
  const usage = { inputTokens: 300, outputTokens: 50 };
  bench.model.script([
    { calls: [spawn('TASK-T')], usage },
    { text: 'Never said.', usage },
  ]);
  bench.model.script(
    [
      { calls: [run('true')], usage },
      { calls: [run('true')], usage },
      { text: 'No.', usage },
    ],
    'TASK-T',
  );
  const { runId, end } = await talk.ask('Go.');
  const [result] = resultsOf(talk, runId);
  expect(result).toMatchObject({ success: false, text: expect.stringContaining('TOKEN_BUDGET') as string });
  // To whoever cannot continue it.
  expect(result?.text).not.toContain('continue it');
  expect(result?.text).toContain('Do the rest yourself');
  const [notice] = talk.of('stream_notice').filter(({ kind }) => kind === 'budget');
  expect(notice?.text).not.toContain('continue it');
  expect(end).toMatchObject({ reason: 'budget', error: { code: 'TOKEN_BUDGET' } });
  expect(bench.model.requests).toHaveLength(3);
});

test('A2, N8: one that has to wait for its turn has all its time then, however long the one before it waits for a person', async () => {
  await using bench = await startAgentBench();
  const phone = await bench.hub.pair({ scope: 'admin', name: 'phone' });
  await writeProfile(bench.hub.home, { id: 'careful', approvals: 'risky' });
  const limits = { max_parallel: 1, timeout_seconds: 10, profiles: ['careful'] };
  await writeProfile(bench.hub.home, { id: 'serial', approvals: 'never', sub_agents: limits });
  using talk = await bench.talk({ profile: 'serial' });
  const tasks = ['TASK-1', 'TASK-2'];
  // Tells when both would have had their time.
  const calls = [...tasks.map((task) => spawn(task, { profile: 'careful' })), run('sleep 12')];
  bench.model.script([{ calls }, { text: 'Both.' }]);
  for (const task of tasks) bench.model.script([{ calls: [run(`touch ~/${task}`)] }, { text: task }], task);
  const asked = (known?: ApprovalOf<'call'>): Promise<ApprovalOf<'call'>> =>
    until('a sub-agent asks', async () => {
      const { approvals } = await bench.hub.host.api.pendingApprovals();
      return approvals.find((approval) => approval.kind === 'call' && approval.id !== known?.id) as typeof known;
    });
  const { runId } = await talk.say('Go.');
  const first = await asked();
  await talk.sees('the end of 12 seconds', () => talk.of('tool_call').some(({ tool }) => tool === 'terminal'));
  await decideCall(phone.connection, { approval: first, grant: 'once' });
  await decideCall(phone.connection, { approval: await asked(first), grant: 'once' });
  expect((await talk.end(runId)).reason).toBe('completed');
  const results = resultsOf(talk, runId ?? '').slice(0, tasks.length);
  expect(results.map(({ text }) => text)).toEqual(tasks);
});

/** Nobody else sleeps for so long. */
const uniqueSeconds = (): string => `1000.${Math.floor(Math.random() * 1e9)}`;
const isRunning = async (mark: string): Promise<boolean> => (await findMarked(mark)).length > 0;

const everyFile = async (folder: string): Promise<Buffer[]> => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return Promise.all(files.map((entry) => readFile(join(entry.parentPath, entry.name))));
};

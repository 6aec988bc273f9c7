/** Sub-agents: in the same session, here and on nodes; parallel, bounded, stopped, cut off, killed (T23, N5, N8). */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decideCall } from '@navisai/client';
import type { ApprovalOf } from '@navisai/protocol';
import { findMarked, type ModelServer, startFaultProxy, startNode, type TestHub, until } from '@navisai/testkit';
import { expect, test } from 'vitest';
import { type AgentBench, startAgentBench, type Talk, writeProfile } from './conversation.fixture.ts';

const run = (command: string, more: object = {}) => ({
  tool: 'terminal',
  arguments: { action: 'run', command, ...more },
});
const spawn = (task: string, more: object = {}) => ({ tool: 'spawn_agent', arguments: { task, ...more } });

/** The streams of sub-agents, in the order of their beginning. */
const children = (talk: Talk) => talk.of('stream_start').filter(({ parent }) => parent !== null);
const resultsOf = (talk: Talk, runId: string) => talk.parts(runId).filter(({ kind }) => kind === 'tool_result');

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
    bench.model.script([{ calls: [spawn('TASK-L', { ...more, timeout: 4 })] }, { text: 'Too slow.' }]);
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

test('N8: kill -9 of the node’s program: the parent gets a failure and goes on', async () => {
  await using bench = await startAgentBench();
  await using node = await startNode(bench.hub, { name: 'nas' });
  using talk = await bench.talk();
  bench.model.script([{ calls: [spawn('TASK-K', { node_id: 'nas' })] }, { text: 'It is gone.' }]);
  bench.model.script([{ text: ['I ', 'think'], hang: 1 }], 'TASK-K');
  const { runId } = await talk.say('Go.');
  await talk.sees('the sub-agent', () => children(talk).some(({ streamId }) => talk.text(streamId) === 'I '));
  await node.kill();
  await node.start();
  expect((await talk.end(runId)).reason).toBe('completed');
  expect(resultsOf(talk, runId ?? '')[0]).toMatchObject({
    success: false,
    text: expect.stringContaining('INTERRUPTED') as string,
  });
  expect((await talk.end(children(talk)[0]?.streamId ?? '')).reason).toBe('interrupted');
});

test('N7, N8: a link that is cut again and again loses and doubles nothing of a sub-agent', async () => {
  await using bench = await startAgentBench();
  await using proxy = await startFaultProxy(bench.hub.port);
  const origin = `https://127.0.0.1:${proxy.port}`;
  await using node = await startNode(bench.hub, { name: 'nas', origin });
  using talk = await bench.talk();
  const words = Array.from({ length: 150 }, (_, index) => `w${index} `);
  bench.model.script([{ calls: [spawn('TASK-C', { node_id: 'nas' })] }, { text: 'Whole.' }]);
  const count = 'echo x >> ~/count; for i in $(seq 30); do sleep 0.05; done; wc -l < ~/count';
  bench.model.script(
    [
      { text: words, delayMs: 10, calls: [run(count)] },
      { text: words, delayMs: 10 },
    ],
    'TASK-C',
  );
  const { runId } = await talk.say('Go.');
  await talk.sees('the sub-agent', () => children(talk).length === 1);
  const id = children(talk)[0]?.streamId ?? '';
  for (const seen of ['w20 ', 'w90 ', 'w140 ']) {
    await talk.sees(seen, () => talk.text(id).includes(seen));
    proxy.cutAll();
  }
  await talk.sees('the call', () => talk.of('tool_started').some(({ nodeId }) => nodeId === node.id));
  proxy.cutAll();
  expect((await talk.end(runId)).reason).toBe('completed');
  const whole = words.join('');
  const texts = talk.parts(id).flatMap(({ kind, text }) => (kind === 'text' ? [text] : []));
  expect(texts).toEqual([whole, whole]);
  expect(resultsOf(talk, id).map(({ text }) => text.trim())).toEqual(['1']);
  expect(bench.model.requests.filter(({ said }) => said.includes('TASK-C'))).toHaveLength(2);
});

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

test('N8: rights are never wider: a tool that the parent lacks is refused, a stricter profile asks', async () => {
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

test('N8: after kill -9 of the hub the same call finds the sub-agent that had ended, and goes on with the one that had not', async () => {
  await using bench = await startAgentBench();
  await using node = await startNode(bench.hub, { name: 'nas' });
  using talk = await bench.talk();
  bench.model.script([{ calls: [spawn('TASK-1'), spawn('TASK-2', { node_id: node.id })] }]);
  bench.model.script([{ text: 'One.' }], 'TASK-1');
  bench.model.script([{ calls: [run('echo x >> ~/count; wc -l < ~/count')] }, { hang: true }], 'TASK-2');
  const { runId } = await talk.say('Go.');
  await until('the first ended', () => children(talk).some(({ streamId }) => ended(talk, streamId)));
  await until('the second asks again', () => bench.model.open === 1 && asked(bench.model, 'TASK-2') === 2);
  await bench.hub.kill();
  await bench.hub.start();
  expect(await talk.end(runId)).toMatchObject({ reason: 'interrupted', canContinue: true });
  bench.model.script([{ text: 'Two.' }], 'TASK-2');
  bench.model.script([{ text: 'Both.' }]);
  const second = await talk.goOn();
  expect((await talk.end(second.runId)).reason).toBe('completed');
  expect(talk.text(second.runId)).toBe('Both.');
  expect(resultsOf(talk, second.runId).map(({ text }) => text)).toEqual(['One.', 'Two.']);
  // What the second had done is in its context, and is not done again.
  const again = bench.model.requests.filter(({ text }) => text.includes('TASK-2')).at(-2);
  expect(again?.messages.map(({ role }) => role)).toEqual(['system', 'user', 'assistant', 'tool']);
  expect((await readFile(join(node.userHome, 'count'), 'utf8')).trim()).toBe('x');
});

test.each([false, true])(
  'A2, N8, N12: a sub-agent on a node asks in the same inbox, and runs what was approved (hub killed meanwhile: %s)',
  async (isKilled) => {
    await using bench = await startAgentBench();
    await writeProfile(bench.hub.home, { id: 'asking', approvals: 'risky' });
    const phone = await bench.hub.pair({ scope: 'admin', name: 'phone' });
    await using node = await startNode(bench.hub, { name: 'nas' });
    using talk = await bench.talk({ profile: 'asking' });
    const deed = 'echo done >> ~/deed';
    bench.model.script([{ calls: [spawn('TASK-Q', { node_id: node.id, description: 'Does it' })] }]);
    bench.model.script([{ calls: [run(deed)] }, { text: 'I did.' }], 'TASK-Q');
    await talk.say('Go.');
    const approval = await until('it asks', () => pendingCall(bench));
    expect(approval.detail).toMatchObject({
      requester: { kind: 'sub_agent', name: 'Does it' },
      call: { nodeId: node.id },
      runId: children(talk)[0]?.streamId,
      text: deed,
    });
    if (isKilled) {
      await bench.hub.kill();
      await bench.hub.start();
    }
    bench.model.script([{ text: 'Done.' }]);
    await decideCall(phone.connection, { approval, grant: 'once' });
    await talk.sees('the end', () =>
      talk
        .of('stream_end')
        .some(
          ({ reason, streamId }) =>
            reason === 'completed' && children(talk).every((child) => child.streamId !== streamId),
        ),
    );
    expect(talk.text(talk.of('stream_end').at(-1)?.streamId ?? '')).toBe('Done.');
    const id = children(talk).at(-1)?.streamId ?? '';
    expect(resultsOf(talk, id)).toMatchObject([{ success: true, text: '(no output)' }]);
    expect(await readFile(join(node.userHome, 'deed'), 'utf8')).toBe('done\n');
  },
);

test.each([
  ['killed', (hub: TestHub) => hub.kill()],
  ['restarted', (hub: TestHub) => hub.stopKeeping()],
] as const)(
  'N7, N8: what a sub-agent on a node was running when the hub was %s goes on, and is found, not repeated',
  async (_, leave) => {
    await using bench = await startAgentBench();
    await using node = await startNode(bench.hub, { name: 'nas' });
    using talk = await bench.talk();
    bench.model.script([{ calls: [spawn('TASK-G', { node_id: node.id })] }]);
    const gate = 'while [ ! -e ~/gate ]; do sleep 0.05; done; echo x >> ~/count; wc -l < ~/count';
    bench.model.script([{ calls: [run(gate)] }, { text: 'Found.' }], 'TASK-G');
    const { runId } = await talk.say('Go.');
    await talk.sees('the call', () => talk.of('tool_started').some(({ nodeId }) => nodeId === node.id));
    await leave(bench.hub);
    await bench.hub.start();
    expect((await talk.end(runId)).reason).toBe('interrupted');
    await until('the node is back', async () => (await node.info()).state === 'online');
    await writeFile(join(node.userHome, 'gate'), '');
    bench.model.script([{ text: 'Done.' }]);
    const second = await talk.goOn();
    expect((await talk.end(second.runId)).reason).toBe('completed');
    const id = children(talk).at(-1)?.streamId ?? '';
    expect(resultsOf(talk, id)).toMatchObject([{ success: true, text: '1\n' }]);
    expect(talk.text(id)).toBe('Found.');
  },
);

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
  expect(resultsOf(talk, runId)[0]).toMatchObject({
    success: false,
    text: expect.stringContaining('TOKEN_BUDGET') as string,
  });
  expect(end).toMatchObject({ reason: 'budget', error: { code: 'TOKEN_BUDGET' } });
  expect(bench.model.requests).toHaveLength(3);
});

const pendingCall = async ({ hub }: AgentBench): Promise<ApprovalOf<'call'> | undefined> => {
  const { approvals } = await hub.host.api.pendingApprovals();
  return approvals.find((approval) => approval.kind === 'call');
};

const ended = (talk: Talk, id: string): boolean => talk.of('stream_end').some(({ streamId }) => streamId === id);
const asked = (model: ModelServer, task: string): number =>
  model.requests.filter(({ said }) => said.includes(task)).length;

/** Nobody else sleeps for so long. */
const uniqueSeconds = (): string => `1000.${Math.floor(Math.random() * 1e9)}`;
const isRunning = async (mark: string): Promise<boolean> => (await findMarked(mark)).length > 0;

const everyFile = async (folder: string): Promise<Buffer[]> => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return Promise.all(files.map((entry) => readFile(join(entry.parentPath, entry.name))));
};

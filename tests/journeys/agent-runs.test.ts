/** A person talks to an agent: what is said and done streams, tools act on the right machine, and Stop stops (A3, N5, N9). */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { newId } from '@navisai/protocol';
import { startNode, until } from '@navisai/testkit';
import { expect, test } from 'vitest';
import { isRunning, startAgentBench, Talk } from './conversation.fixture.ts';

test('A3, N9: text streams while it comes, is kept as one row, and is found by a viewer who comes later', async () => {
  await using bench = await startAgentBench();
  using talk = await bench.talk();
  const words = Array.from({ length: 40 }, (_, index) => `word${index} `);
  bench.model.script({ thinking: 'let me see', text: words, delayMs: 15 });
  const { runId } = await talk.say('Tell me.');
  await talk.sees('live text', () => talk.text(runId ?? '').startsWith('word0'));
  const end = await talk.end(runId);
  expect(end).toMatchObject({ reason: 'completed', canContinue: false, error: null });
  expect(end.usage.turns).toBe(1);
  expect(talk.text(runId ?? '')).toBe(words.join(''));
  using later = new Talk(await bench.hub.connect(), talk.id);
  await later.end(runId);
  expect(later.text(runId ?? '')).toBe(words.join(''));
  expect(later.of('stream_delta').map(({ kind }) => kind)).toEqual(['thinking', 'text']);
  expect(later.of('message')).toMatchObject([{ text: 'Tell me.', author: { kind: 'person' }, replaces: null }]);
  const { runs } = await talk.api.runs({ params: { id: talk.id }, query: {} });
  expect(runs).toMatchObject([{ id: runId, state: 'completed', model: 'scripted/scripted', profile: 'tester' }]);
  const session = await talk.api.session({ params: { id: talk.id } });
  expect(session).toMatchObject({ title: 'Tell me.', activity: null, agent: { profile: 'tester' } });
});

test('A3: parallel calls run at once, their results come back, and the next message knows of them', async () => {
  await using bench = await startAgentBench();
  using talk = await bench.talk();
  const wait = (name: string, other: string) =>
    `touch ${name}; for i in $(seq 200); do [ -e ${other} ] && echo ${name} met && exit; sleep 0.05; done; exit 1`;
  bench.model.script([
    {
      calls: [
        { tool: 'terminal', arguments: { action: 'run', command: wait('one', 'two') } },
        { tool: 'terminal', arguments: { action: 'run', command: wait('two', 'one') } },
      ],
    },
    { text: 'Both met.' },
    { text: 'As I said.' },
  ]);
  const { end, runId, text } = await talk.ask('Meet.');
  expect([end.reason, text]).toEqual(['completed', 'Both met.']);
  const results = talk.parts(runId).filter(({ kind }) => kind === 'tool_result');
  expect(results).toMatchObject([
    { success: true, text: expect.stringContaining('one met') as string },
    { success: true, text: expect.stringContaining('two met') as string },
  ]);
  const calls = talk.parts(runId).filter(({ kind }) => kind === 'tool_call');
  expect(
    talk
      .of('tool_started')
      .map(({ callId }) => callId)
      .toSorted(),
  ).toEqual(calls.map(({ callId }) => callId).toSorted());
  expect(talk.of('tool_started').every(({ origin }) => origin === 'agent')).toBe(true);
  await talk.ask('What?');
  expect(bench.model.requests.at(-1)?.messages.map(({ role }) => role)).toEqual([
    'system',
    'user',
    'assistant',
    'tool',
    'tool',
    'assistant',
    'user',
  ]);
});

test('N5: a call goes where it says, else to the node of the session; an unknown node is an error and nothing local', async () => {
  await using bench = await startAgentBench();
  await using node = await startNode(bench.hub, { name: 'nas' });
  using talk = await bench.talk({ nodeId: 'nas', directory: node.userHome });
  const pwd = (more: object = {}) => ({
    tool: 'terminal',
    arguments: { action: 'run', command: 'pwd; echo $HOME', ...more },
  });
  bench.model.script([{ calls: [pwd(), pwd({ node_id: 'main' }), pwd({ node_id: 'nowhere' })] }, { text: 'Done.' }]);
  const { runId } = await talk.ask('Where?');
  const [own, main, nowhere] = talk.parts(runId).filter(({ kind }) => kind === 'tool_result');
  expect(own?.text.trim()).toBe(`${node.userHome}\n${node.userHome}`);
  expect(main?.text).toContain(bench.hub.userHome);
  expect(nowhere).toMatchObject({ success: false, text: expect.stringContaining('NODE_UNKNOWN') as string });
  expect(
    talk
      .of('tool_started')
      .map(({ nodeId }) => nodeId)
      .toSorted(),
  ).toEqual(['main', node.id].toSorted());
  expect(bench.model.requests[0]?.messages[0]?.text).toContain('nas');
});

test('A3: what is said meanwhile is taken at the next turn; said too late, it begins the next run; a repeat is the same', async () => {
  await using bench = await startAgentBench();
  using talk = await bench.talk();
  const gate = join(bench.hub.userHome, 'gate');
  const hold = `while [ ! -e ${gate} ]; do sleep 0.05; done`;
  bench.model.script([
    { calls: [{ tool: 'terminal', arguments: { action: 'run', command: hold } }] },
    { text: 'Both.' },
  ]);
  const first = await talk.say('One.');
  await talk.sees('the call', () => talk.of('tool_started').length === 1);
  const messageId = newId('message');
  expect(await talk.say('Two.', { messageId })).toEqual({ messageId, outcome: 'queued', runId: first.runId });
  expect(await talk.say('Two.', { messageId })).toMatchObject({ messageId, outcome: 'queued' });
  await writeFile(gate, '');
  await talk.end(first.runId);
  expect(bench.model.requests.at(-1)?.messages.slice(-2)).toMatchObject([
    { role: 'tool' },
    { role: 'user', text: 'Two.' },
  ]);
  expect(talk.of('message').map(({ text }) => text)).toEqual(['One.', 'Two.']);
  bench.model.script([{ text: 'Three.' }]);
  expect(await talk.say('Three?')).toMatchObject({ outcome: 'started' });
});

test('A3: Stop ends a model that streams, and one that says nothing', async () => {
  await using bench = await startAgentBench();
  using talk = await bench.talk();
  bench.model.script([{ text: ['begun ', 'more'], hang: 1 }, { hang: true }]);
  const first = await talk.say('Go.');
  await talk.sees('text', () => talk.text(first.runId ?? '').startsWith('begun'));
  expect(await talk.stop()).toEqual({ stopped: true });
  expect(await talk.end(first.runId)).toMatchObject({ reason: 'stopped', canContinue: true });
  const second = await talk.say('Again.');
  await until(
    () => 'no request',
    () => (bench.model.requests.length === 2 ? true : undefined),
  );
  await talk.stop();
  expect((await talk.end(second.runId)).reason).toBe('stopped');
  expect(await talk.stop()).toEqual({ stopped: false });
  await until(
    () => 'the model is still asked',
    () => (bench.model.open === 0 ? true : undefined),
  );
});

test('A3: Stop ends what calls started, but not a background terminal; what waited begins no run', async () => {
  await using bench = await startAgentBench();
  using talk = await bench.talk();
  const mark = `1000.${Math.floor(Math.random() * 1e9)}`;
  const open = { action: 'open', terminal_name: 'kept', description: 'kept', command: 'sleep 1000', background: true };
  bench.model.script([
    { calls: [{ tool: 'terminal', arguments: open }] },
    { calls: [{ tool: 'terminal', arguments: { action: 'run', command: `echo $$; sleep ${mark}` } }] },
  ]);
  const { runId } = await talk.say('Go.');
  await until(
    () => 'no process',
    () => isRunning(mark),
  );
  expect(await talk.say('Also this.')).toMatchObject({ outcome: 'queued' });
  expect(await talk.stop()).toEqual({ stopped: true });
  expect((await talk.end(runId)).reason).toBe('stopped');
  await until(
    () => 'the process lives',
    async () => !(await isRunning(mark)),
  );
  const { terminals } = await talk.api.session({ params: { id: talk.id } });
  expect(terminals).toMatchObject([{ name: 'kept', status: 'busy' }]);
  expect(talk.of('stream_start')).toHaveLength(1);
  bench.model.script([{ text: 'Yes.' }]);
  await talk.ask('Now?');
  expect(bench.model.requests.at(-1)?.messages.at(-1)).toMatchObject({ role: 'user', text: 'Also this.\n\nNow?' });
});

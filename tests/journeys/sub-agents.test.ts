/** Sub-agents: in the same session, here and on nodes; parallel, bounded, stopped, cut off, killed (T23, N5, N8). */
import { expect, test } from 'vitest';
import { startNode } from '@navisai/testkit';
import { startAgentBench, type Talk } from './conversation.fixture.ts';

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

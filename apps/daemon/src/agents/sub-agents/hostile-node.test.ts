/** A hostile node at a real hub: it has its own run, within its budget, and nothing of anybody else's (N8). */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type HubFrameOf, type NodeAgentAsk, nodeCloseCodes, type NodeFrame } from '@navisai/protocol';
import { type ModelServer, startModelServer, until } from '@navisai/testkit';
import { expect, test } from 'vitest';
import { startHubBench, type HubBench } from '../../hub-bench.fixture.ts';
import { beNode, dialNode, inviteNode, type ScriptedNode } from '../../nodes/scripted-node.fixture.ts';

const writeProfile = (home: string): void => {
  const folder = join(home, 'profiles', 'tester');
  mkdirSync(folder, { recursive: true });
  const profile = {
    id: 'tester',
    name: 'tester',
    description: 'a test',
    tools: ['terminal', 'spawn_agent'],
    approvals: 'never',
    token_budget: 1000,
  };
  writeFileSync(join(folder, 'profile.json'), JSON.stringify(profile));
  writeFileSync(join(folder, 'system_prompt.txt'), 'You are tested.');
};

const joinNode = async (bench: HubBench, name: string): Promise<{ id: string; node: ScriptedNode }> => {
  const identity = await inviteNode(bench, name);
  const node = await dialNode(bench, identity);
  await node.frame('welcome');
  beNode(node);
  await until('it is online', async () => {
    const { body } = await bench.call('GET', `/nodes/${identity.nodeId}`);
    return body['state'] === 'online';
  });
  return { id: identity.nodeId, node };
};

const framesOf = <T extends 'agent_start' | 'agent_stop' | 'agent_answer'>(node: ScriptedNode, type: T) =>
  (node.frames as { type: string }[]).filter((frame) => frame.type === type) as HubFrameOf<T>[];

const startOf = (node: ScriptedNode): Promise<HubFrameOf<'agent_start'>> =>
  until('a run is started there', () => framesOf(node, 'agent_start')[0]);

const usage = { inputTokens: 0, outputTokens: 0, cachedInputTokens: 0, modelMs: 0, durationMs: 0, turns: 0 };
const ended = { type: 'end', reason: 'completed', usage, error: null } as const;
const say = (node: ScriptedNode, frame: NodeFrame): void => node.send(frame);
const tokens = { inputTokens: 100, outputTokens: 100 };
const spawn = (node_id: string) => ({ tool: 'spawn_agent', arguments: { task: 'Look.', node_id } });
const asked: NodeAgentAsk = {
  name: 'model',
  request: { system: '', messages: [{ role: 'user', text: 'Mine.' }], tools: [] },
};

const addModel = async (bench: HubBench, model: ModelServer): Promise<void> => {
  const provider = { id: 'scripted', kind: 'openai-compatible', baseUrl: model.baseUrl('openai-compatible') };
  const models = [{ id: 'scripted', contextTokens: 32_768 }];
  await bench.call('POST', '/models', { ...provider, key: 'sk-of-the-hub', models });
  await bench.call('PUT', '/models/default', { models: ['scripted/scripted'] });
};

/** The session whose agent was told to go. */
const begin = async (bench: HubBench): Promise<string> => {
  const created = await bench.call('POST', '/sessions', { kind: 'agent', agent: { profile: 'tester' } });
  const sessionId = String(created.body['id']);
  await bench.call('POST', `/sessions/${sessionId}/messages`, { text: 'Go.' });
  return sessionId;
};

test('N8: the token and the run of another node are of no use, forged events reach nobody, a budget is kept', async () => {
  await using model = await startModelServer();
  await using bench = await startHubBench({ prepare: writeProfile });
  await addModel(bench, model);
  const [honest, hostile] = [await joinNode(bench, 'honest'), await joinNode(bench, 'hostile')];
  using _honest = honest.node;
  using _hostile = hostile.node;
  model.script({ calls: [spawn(honest.id), spawn(hostile.id)], usage: tokens });
  const sessionId = await begin(bench);
  const [own, other] = [await startOf(hostile.node), await startOf(honest.node)];
  expect(JSON.stringify(own)).not.toContain('sk-of-the-hub');

  // Of another node: its run, its token, its events.
  say(hostile.node, { type: 'agent_ask', runId: other.runId, id: 1, token: other.token, after: 0, ask: asked });
  const forged = { type: 'delta', part: 0, kind: 'text', text: 'FORGED' } as const;
  say(hostile.node, { type: 'agent_event', runId: other.runId, number: 1, event: forged });
  await until('it is told', () => framesOf(hostile.node, 'agent_stop').length === 2);
  expect(model.requests).toHaveLength(1);

  // Its own: until the tokens of the family are used up, whatever it says it used.
  model.script(() => ({ text: 'Ok.', usage: tokens }), 'Mine.');
  const lasts: string[] = [];
  for (let id = 1; id <= 6; id += 1) {
    say(hostile.node, { type: 'agent_ask', runId: own.runId, id, token: own.token, after: 0, ask: asked });
    const last = await until('it is answered', () =>
      framesOf(hostile.node, 'agent_answer').find((answer) => answer.id === id && answer.isLast),
    );
    lasts.push(last.answer.type === 'model' ? last.answer.event.type : last.answer.type);
  }
  expect(lasts).toEqual(['end', 'end', 'end', 'end', 'error', 'error']);

  // A token that is not its own for a run that is: it is cut off, and its run does not live on in another process.
  say(hostile.node, { type: 'agent_ask', runId: own.runId, id: 9, token: other.token, after: 0, ask: asked });
  expect((await hostile.node.end()).code).toBe(nodeCloseCodes.violation);

  const answer = { role: 'assistant', parts: [{ type: 'text', text: 'Seen.' }] } as const;
  const message = { ...answer, parts: [...answer.parts] };
  say(honest.node, { type: 'agent_event', runId: other.runId, number: 1, event: { type: 'message', message } });
  say(honest.node, { type: 'agent_event', runId: other.runId, number: 2, event: ended });
  const events = async () => (await bench.call('GET', `/sessions/${sessionId}/events?limit=500`)).text;
  await until('the honest one has ended', async () => (await events()).includes('"reason":"completed"'));
  expect(await events()).not.toContain('FORGED');
  await bench.call('POST', `/sessions/${sessionId}/stop`);
}, 180_000);

test('N8: a node that takes what a model says and cancels before the end has its budget, and no more', async () => {
  await using model = await startModelServer();
  await using bench = await startHubBench({ prepare: writeProfile });
  await addModel(bench, model);
  const { id: nodeId, node } = await joinNode(bench, 'hostile');
  using _node = node;
  model.script({ calls: [spawn(nodeId)], usage: tokens });
  const sessionId = await begin(bench);
  const { runId, token } = await startOf(node);

  const pieces = Array.from({ length: 10 }, () => 'x'.repeat(144));
  model.script(() => ({ text: pieces, hang: pieces.length }), 'Mine.');
  const answersTo = (id: number) =>
    framesOf(node, 'agent_answer').flatMap((frame) =>
      frame.id === id && frame.answer.type === 'model' ? [frame.answer.event] : [],
    );
  const isRefused = async (id: number): Promise<boolean> => {
    say(node, { type: 'agent_ask', runId, id, token, after: 0, ask: asked });
    const saysAll = () => answersTo(id).filter(({ type }) => type === 'text').length === pieces.length;
    await until('it is answered', () => saysAll() || answersTo(id).some(({ type }) => type === 'error'));
    if (!saysAll()) return true;
    say(node, { type: 'agent_cancel', runId, id });
    await until('it is cancelled', () => answersTo(id).some(({ type }) => type === 'error'));
    return false;
  };
  const refusals: boolean[] = [];
  for (let id = 1; id <= 4; id += 1) refusals.push(await isRefused(id));
  // 200 of 1000 tokens are its parent's, and 400 and the request were taken each time.
  expect(refusals).toEqual([false, false, true, true]);
  expect(JSON.stringify(answersTo(3))).toContain('token_budget');
  say(node, { type: 'agent_event', runId, number: 1, event: ended });
  const events = async () => (await bench.call('GET', `/sessions/${sessionId}/events?limit=500`)).text;
  await until('its parent has ended', async () => (await events()).includes('"canContinue":true'));
}, 180_000);

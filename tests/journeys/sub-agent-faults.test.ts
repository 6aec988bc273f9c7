/** Sub-agents on nodes when node, hub or link fail: nothing twice, nothing lost, no hang (N7, N8). */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decideCall } from '@navisai/client';
import type { ApprovalOf } from '@navisai/protocol';
import { type ModelServer, startFaultProxy, startNode, type TestHub, until } from '@navisai/testkit';
import { expect, test } from 'vitest';
import { type AgentBench, startAgentBench, writeProfile } from './conversation.fixture.ts';
import { children, hasEnded, resultsOf, run, spawn } from './sub-agents.fixture.ts';

/** Known to be gone within 15 s, and waited for 30 s more. */
const nodeGoneMs = 60_000;

test.each([
  ['is back', true],
  ['stays away', false],
] as const)(
  'N8: kill -9 of the node’s program, which then %s: the parent gets a failure and goes on',
  async (_, isBack) => {
    await using bench = await startAgentBench();
    await using node = await startNode(bench.hub, { name: 'nas' });
    using talk = await bench.talk();
    bench.model.script([{ calls: [spawn('TASK-K', { node_id: 'nas' })] }, { text: 'It is gone.' }]);
    bench.model.script([{ text: ['I ', 'think'], hang: 1 }], 'TASK-K');
    const { runId } = await talk.say('Go.');
    await talk.sees('the sub-agent', () => children(talk).some(({ streamId }) => talk.text(streamId) === 'I '));
    await node.kill();
    if (isBack) await node.start();
    await until('the parent goes on', () => hasEnded(talk, runId), nodeGoneMs);
    expect((await talk.end(runId)).reason).toBe('completed');
    expect(resultsOf(talk, runId ?? '')[0]).toMatchObject({
      success: false,
      text: expect.stringContaining('INTERRUPTED') as string,
    });
    expect((await talk.end(children(talk)[0]?.streamId ?? '')).reason).toBe('interrupted');
  },
);

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

test('N8: after kill -9 of the hub the same call finds the sub-agent that had ended, and goes on with the one that had not', async () => {
  await using bench = await startAgentBench();
  await using node = await startNode(bench.hub, { name: 'nas' });
  using talk = await bench.talk();
  bench.model.script([{ calls: [spawn('TASK-1'), spawn('TASK-2', { node_id: node.id })] }]);
  bench.model.script([{ text: 'One.' }], 'TASK-1');
  bench.model.script([{ calls: [run('echo x >> ~/count; wc -l < ~/count')] }, { hang: true }], 'TASK-2');
  const { runId } = await talk.say('Go.');
  await until('the first ended', () => children(talk).some(({ streamId }) => hasEnded(talk, streamId)));
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
    bench.model.script([
      { calls: [spawn('TASK-Q', { node_id: node.id, description: 'Does it', timeout: isKilled ? 60 : 20 })] },
    ]);
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
    } else {
      // The time that a person takes is not that of the sub-agent.
      const askedAt = performance.now();
      await until('its time would be over', () => performance.now() - askedAt > 21_000);
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

const pendingCall = async ({ hub }: AgentBench): Promise<ApprovalOf<'call'> | undefined> => {
  const { approvals } = await hub.host.api.pendingApprovals();
  return approvals.find((approval) => approval.kind === 'call');
};

const asked = (model: ModelServer, task: string): number =>
  model.requests.filter(({ said }) => said.includes(task)).length;

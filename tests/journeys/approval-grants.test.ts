/** Decisions of people about what agents do: raced, granted wider, told on the command line, and checked on a node (A1, A2, N12). */
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { decideCall } from '@navisai/client';
import type { ApprovalOf } from '@navisai/protocol';
import { startNode, until } from '@navisai/testkit';
import { expect, test } from 'vitest';
import { startCli } from './cli-process.fixture.ts';
import { type AgentBench, startAgentBench, type Talk, writeProfile } from './conversation.fixture.ts';

const untilPending = async ({ hub }: AgentBench, count: number): Promise<ApprovalOf<'call'>[]> =>
  until(
    () => `not ${count} questions`,
    async () => {
      const { approvals } = await hub.host.api.pendingApprovals();
      const calls = approvals.filter((approval) => approval.kind === 'call');
      return calls.length === count ? calls : undefined;
    },
  );

/** As many calls as may be under way at once ask at once. */
const untilAnother = async ({ hub }: AgentBench, decided: ReadonlySet<string>): Promise<ApprovalOf<'call'>> =>
  until('no further question', async () => {
    const { approvals } = await hub.host.api.pendingApprovals();
    return approvals.filter((approval) => approval.kind === 'call').find(({ id }) => !decided.has(id));
  });

const talkOf = async (bench: AgentBench, nodeId?: string): Promise<Talk> => {
  await writeProfile(bench.hub.home, { id: 'asking', approvals: 'risky' });
  return bench.talk({ profile: 'asking', ...(nodeId === undefined ? {} : { nodeId }) });
};

const runs = (command: string) => ({ tool: 'terminal', arguments: { action: 'run', command } });

test('A2: of two devices that decide at once, a hundred times, exactly one wins, and what it said is what happens', async () => {
  await using bench = await startAgentBench();
  const [phone, tablet] = [await bench.hub.pair({ name: 'phone' }), await bench.hub.pair({ name: 'tablet' })];
  using talk = await talkOf(bench);
  const folder = join(bench.hub.userHome, 'raced');
  const turns = Array.from({ length: 20 }, (_, turn) => ({
    calls: Array.from({ length: 5 }, (_call, index) => runs(`mkdir -p ${folder}/${5 * turn + index}`)),
  }));
  bench.model.script([...turns, { text: 'done' }]);
  const { runId } = await talk.say('Do it.');
  const expected: string[] = [];
  const decided = new Set<string>();
  while (decided.size < 100) {
    const approval = await untilAnother(bench, decided);
    decided.add(approval.id);
    const [first, second] = await Promise.allSettled([
      decideCall(phone.connection, { approval, grant: 'once' }),
      tablet.connection.api.reject({ params: { id: approval.id } }),
    ]);
    expect([first, second].filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const lost = [first, second].find((one) => one.status === 'rejected');
    expect(lost).toMatchObject({ reason: { code: 'CONFLICT' } });
    if (first.status === 'fulfilled') expected.push(approval.detail.text.split('/').at(-1) ?? '');
  }
  expect((await talk.end(runId)).reason).toBe('completed');
  const made = existsSync(folder) ? await readdir(folder) : [];
  expect(made.toSorted()).toEqual(expected.toSorted());
});

test('A2, N12: on a node the command line approves, the node checks it, and a grant for the session asks no more', async () => {
  await using bench = await startAgentBench();
  await using node = await startNode(bench.hub, { name: 'nas' });
  const cli = async (...words: string[]): Promise<Record<string, unknown>> => {
    const { stdout, stderr, exitCode } = await startCli(bench.hub, [...words, '--json']).ended;
    expect(exitCode, stderr).toBe(0);
    return JSON.parse(stdout) as Record<string, unknown>;
  };
  const { nodes } = await bench.hub.host.api.nodes();
  const nodeId = nodes.find(({ name }) => name === 'nas')?.id ?? '';
  using talk = await talkOf(bench, nodeId);
  bench.model.script([
    { calls: [runs('touch one')] },
    { calls: [runs('touch two')] },
    { calls: [runs('rm -r one')] },
    { text: 'done' },
  ]);
  const { runId } = await talk.say('Do it.');
  const [first] = await untilPending(bench, 1);
  expect(first?.detail).toMatchObject({ nodeName: 'nas', risk: 'changing', text: 'touch one' });
  expect(await cli('approvals', 'show', first?.id ?? '')).toMatchObject({ id: first?.id });
  const granted = await cli('approvals', 'approve', first?.id ?? '', '--session', '--comment', 'go on');
  expect(granted).toMatchObject({ state: 'approved', grant: 'session', comment: 'go on' });
  const [third] = await untilPending(bench, 1);
  expect(third?.detail).toMatchObject({ risk: 'destruction', text: 'rm -r one' });
  expect(existsSync(join(node.userHome, 'two'))).toBe(true);
  expect(await cli('policy', 'rules')).toMatchObject({ rules: [{ effect: 'allow', nodes: [nodeId] }] });
  const tried = await cli('policy', 'test', '--prefix', 'rm', '--max-risk', 'destruction', '--limit', '50');
  expect(tried['calls']).toMatchObject([{ text: 'rm -r one', isCovered: true }, { isCovered: false }]);
  await cli('approvals', 'reject', third?.id ?? '', '--comment', 'keep it');
  expect((await talk.end(runId)).reason).toBe('completed');
  expect(existsSync(join(node.userHome, 'one'))).toBe(true);
  expect(JSON.stringify(bench.model.requests.at(-1))).toContain('keep it');
});

test('A1: explained by mode, and a rule that denies holds in a conversation that asks for nothing', async () => {
  await using bench = await startAgentBench();
  const cli = (...words: string[]) => startCli(bench.hub, [...words]).ended;
  expect((await cli('policy', 'explain', '--mode', 'risky', '--', 'git', 'status')).exitCode).toBe(0);
  const asked = await cli('policy', 'explain', '--mode', 'risky', '--', 'rm', '-rf', 'build');
  expect(asked.exitCode).toBe(1);
  expect(asked.stdout).toContain('destruction');
  const added = await cli(
    'policy',
    'rules',
    'add',
    '--effect',
    'deny',
    '--prefix',
    'touch',
    '--description',
    'no files',
  );
  expect(added.exitCode, added.stderr).toBe(0);
  const denied = await cli('policy', 'explain', '--mode', 'never', '--', 'touch', 'x');
  expect(denied.exitCode).toBe(4);
  expect(denied.stdout).toContain('no files');
  using talk = await bench.talk();
  bench.model.script([{ calls: [runs('touch forbidden')] }, { text: 'It is forbidden.' }]);
  const { end } = await talk.ask('Do it.');
  expect(end.reason).toBe('completed');
  expect(JSON.stringify(bench.model.requests.at(-1))).toContain('no files');
  expect(existsSync(join(bench.hub.userHome, 'forbidden'))).toBe(false);
});

/** A run that waits for a person: it says so, Stop ends it, and it outlives the hub with its question (A2, A3). */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decideCall } from '@navisai/client';
import type { ApprovalOf } from '@navisai/protocol';
import { until } from '@navisai/testkit';
import { expect, test } from 'vitest';
import { type AgentBench, startAgentBench, type Talk, writeProfile } from './conversation.fixture.ts';

const pending = async ({ hub }: AgentBench): Promise<ApprovalOf<'call'>> =>
  until(
    () => 'nothing is asked',
    async () => {
      const { approvals } = await hub.host.api.pendingApprovals();
      return approvals.find((approval) => approval.kind === 'call');
    },
  );

const ask = async (bench: AgentBench, file: string): Promise<{ talk: Talk; runId: string | null }> => {
  await writeProfile(bench.hub.home, { id: 'asking', approvals: 'risky' });
  const talk = await bench.talk({ profile: 'asking' });
  const arguments_ = { action: 'run', command: `echo done >> ${file}` };
  bench.model.script([{ calls: [{ tool: 'terminal', arguments: arguments_ }] }]);
  const { runId } = await talk.say('Do it.');
  return { talk, runId };
};

const activityOf = async (talk: Talk) => (await talk.api.session({ params: { id: talk.id } })).activity;

for (const [how, leave] of [
  ['killed', (bench: AgentBench) => bench.hub.kill()],
  ['restarted', (bench: AgentBench) => bench.hub.stopKeeping()],
] as const)
  test(`A2: ${how} while a call waits for approval: the question stays, and the run goes on by itself once it is answered`, async () => {
    await using bench = await startAgentBench();
    const phone = await bench.hub.pair({ scope: 'admin', name: 'phone' });
    const file = join(bench.hub.userHome, 'deed');
    const { talk, runId } = await ask(bench, file);
    using _talk = talk;
    const asked = await pending(bench);
    await until(
      () => 'not waiting',
      async () => (await activityOf(talk)) === 'waiting',
    );
    await leave(bench);
    await bench.hub.start();
    expect((await talk.end(runId)).reason).toBe('interrupted');
    await until(
      () => 'not waiting again',
      async () => (await activityOf(talk)) === 'waiting',
    );
    expect((await pending(bench)).id).toBe(asked.id);
    bench.model.script([{ text: 'It is done.' }]);
    await decideCall(phone.connection, { approval: asked, grant: 'once' });
    await talk.sees('the end', (seen) => seen.of('stream_end').length === 2);
    expect(talk.of('stream_end').at(-1)?.reason).toBe('completed');
    expect(talk.text(talk.of('stream_start').at(-1)?.streamId ?? '')).toBe('It is done.');
    expect(await readFile(file, 'utf8')).toBe('done\n');
  });

test('A3: Stop ends a run that waits for approval, and nothing is run', async () => {
  await using bench = await startAgentBench();
  const file = join(bench.hub.userHome, 'deed');
  const { talk, runId } = await ask(bench, file);
  using _talk = talk;
  await pending(bench);
  expect(await talk.stop()).toEqual({ stopped: true });
  expect((await talk.end(runId)).reason).toBe('stopped');
  expect(await activityOf(talk)).toBeNull();
  await expect(readFile(file)).rejects.toMatchObject({ code: 'ENOENT' });
});

test('A2, N7: killed right after the approval, the run goes on with it: the person is not asked again', async () => {
  await using bench = await startAgentBench();
  const phone = await bench.hub.pair({ scope: 'admin', name: 'phone' });
  const file = join(bench.hub.userHome, 'deed');
  const { talk, runId } = await ask(bench, file);
  using _talk = talk;
  const asked = await pending(bench);
  bench.model.script([{ text: 'It is done.' }]);
  await decideCall(phone.connection, { approval: asked, grant: 'once' });
  await bench.hub.kill();
  await bench.hub.start();
  const { reason } = await talk.end(runId);
  if (reason === 'interrupted') {
    const next = await talk.goOn();
    expect(await talk.end(next.runId)).toMatchObject({ reason: 'completed' });
  }
  expect((await bench.hub.host.api.pendingApprovals()).approvals).toEqual([]);
  expect(await readFile(file, 'utf8')).toBe('done\n');
});

test("A7, A8: publishing a secret file asks; Navis's own state is not published at all", async () => {
  await using bench = await startAgentBench();
  await writeProfile(bench.hub.home, { id: 'asking', approvals: 'risky' });
  await mkdir(join(bench.hub.userHome, '.ssh'));
  await writeFile(join(bench.hub.userHome, '.ssh', 'id_ed25519'), 'a key');
  using talk = await bench.talk({ profile: 'asking' });
  const publish = (path: string) => ({ tool: 'content_publish', arguments: { path } });
  bench.model.script([{ calls: [publish('~/.ssh/id_ed25519')] }, { text: 'No.' }]);
  const first = await talk.say('Show me my key.');
  const asked = await pending(bench);
  expect(asked.detail.text).toContain('id_ed25519');
  await bench.hub.host.api.reject({ params: { id: asked.id } });
  await talk.end(first.runId);
  using other = await bench.talk();
  bench.model.script([{ calls: [publish(join(bench.hub.home, 'identity.json'))] }, { text: 'No.' }]);
  const { runId } = await other.ask('Show me yours.');
  for (const [seen, id] of [
    [talk, first.runId],
    [other, runId],
  ] as const) {
    const results = seen.parts(id ?? '').filter(({ kind }) => kind === 'tool_result');
    expect(results).toMatchObject([{ success: false }]);
    expect(seen.of('stream_notice')).toEqual([]);
  }
});

/** A conversation without a model: commands act at once, and a message says kindly what is missing (A4). */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startNode, until } from '@navisai/testkit';
import { expect, test } from 'vitest';
import { type AgentBench, isRunning, startAgentBench, type Talk, writeProfile } from './conversation.fixture.ts';

const output = async (talk: Talk, text: string): Promise<string> => {
  const { runId, outcome } = await talk.say(text);
  expect(outcome).toBe('command');
  await talk.end(runId);
  return talk.of('stream_notice').find(({ streamId }) => streamId === runId)?.text ?? '';
};

test('A4: without a model commands and terminals work, and a message tells how to add one', async () => {
  await using bench = await startAgentBench();
  await using node = await startNode(bench.hub, { name: 'nas' });
  using talk = await bench.talk();
  await talk.api.removeModelProvider({ params: { id: 'scripted' } });
  expect(await output(talk, '!echo $((6*7)); exit 3')).toBe('42\n[exit code 3]');
  expect(await output(talk, '/open web sleep 1000')).toContain('web');
  expect(await output(talk, '/list')).toContain('sleep 1000');
  expect(await output(talk, '/status web')).toContain('sleep 1000');
  expect(await output(talk, '/node nas')).toContain('nas');
  expect(await output(talk, '/close web')).toContain('web');
  const { terminals } = await talk.api.session({ params: { id: talk.id } });
  expect(terminals).toEqual([]);
  expect((await output(talk, '!echo $HOME')).trim()).toBe(node.userHome);
  expect(await output(talk, '/open')).toContain('/open <name> <command>');
  expect(await output(talk, '/node nowhere')).toContain('nowhere');
  expect(await output(talk, '/help')).toContain('/status <name>');
  expect(talk.of('tool_started').every(({ origin }) => origin === 'person')).toBe(true);
  expect(bench.model.requests).toHaveLength(0);
  const { end } = await talk.ask('Hello?');
  expect(end).toMatchObject({ reason: 'failed', error: { code: 'NO_MODEL' } });
  expect(end.error?.message).toContain('navisai models add');
  expect(talk.of('error').at(-1)).toMatchObject({ reason: 'NO_MODEL', message: end.error?.message });
});

test.each(['id', 'name'])(
  'A4, N5, P4: where the profile names its node by %s, agent and commands act there alike, until the conversation says main',
  async (how) => {
    await using bench = await startAgentBench();
    await using node = await startNode(bench.hub, { name: 'nas' });
    const node_id = how === 'id' ? node.id : 'nas';
    await writeProfile(bench.hub.home, { id: 'there', approvals: 'never', node_id });
    using talk = await bench.talk({ profile: 'there', directory: '/usr/share' });
    const place = 'echo $HOME $PWD';
    const agentAt = async (): Promise<string | undefined> => {
      const call = { tool: 'terminal', arguments: { action: 'run', command: place } };
      bench.model.script([{ calls: [call] }, { text: 'There.' }]);
      const { runId } = await talk.ask('Where are you?');
      return talk
        .parts(runId)
        .find(({ kind }) => kind === 'tool_result')
        ?.text.trim();
    };
    const there = `${node.userHome} /usr/share`;
    expect([await agentAt(), (await output(talk, `!${place}`)).trim()]).toEqual([there, there]);
    await output(talk, '/open web sleep 1000');
    const { terminals } = await talk.api.session({ params: { id: talk.id } });
    expect(terminals).toMatchObject([{ name: 'web', nodeId: node.id }]);
    expect(talk.of('stream_start').map(({ nodeId }) => nodeId)).toEqual([node.id, node.id, node.id]);
    await output(talk, '/node main');
    const here = `${bench.hub.userHome} /usr/share`;
    expect([await agentAt(), (await output(talk, `!${place}`)).trim()]).toEqual([here, here]);
  },
);

test('N5, P4: a command for a node that only the profile could tell runs nowhere when that cannot be used', async () => {
  await using bench = await startAgentBench();
  await writeProfile(bench.hub.home, { id: 'there', approvals: 'never', node_id: 'nas' });
  using talk = await bench.talk({ profile: 'there' });
  expect(await output(talk, '!echo ran')).toContain('nas');
  await writeProfile(bench.hub.home, { id: 'there', approvals: 'perhaps' });
  const answer = await output(talk, '!echo ran');
  expect(answer).toContain('there');
  expect(answer).not.toMatch(/^ran/);
  expect(await output(talk, '/node main')).toContain('main');
  expect(await output(talk, '!echo ran')).toMatch(/^ran/);
});

test('A4: the next run knows what was run and what came of it; the command itself begins no run', async () => {
  await using bench = await startAgentBench();
  using talk = await bench.talk();
  bench.model.script([{ text: 'I saw it.' }]);
  expect(await output(talk, '!echo secret-$((40+2))')).toContain('secret-42');
  expect(bench.model.requests).toHaveLength(0);
  expect((await talk.ask('What did I run?')).text).toBe('I saw it.');
  expect(bench.model.requests[0]?.text).toContain('secret-42');
  expect((await talk.api.runs({ params: { id: talk.id }, query: {} })).runs).toHaveLength(1);
});

test('A4: a command runs beside the agent, and Stop ends it as well', async () => {
  await using bench = await startAgentBench();
  using talk = await bench.talk();
  const mark = `1000.${Math.floor(Math.random() * 1e9)}`;
  bench.model.script([{ hang: true }]);
  const run = await talk.say('Think.');
  const command = await talk.say(`!sleep ${mark}`);
  await until(
    () => 'not running',
    () => isRunning(mark),
  );
  expect(await talk.stop()).toEqual({ stopped: true });
  await talk.end(command.runId);
  expect(await talk.end(run.runId)).toMatchObject({ reason: 'stopped' });
  await until(
    () => 'it lives',
    async () => !(await isRunning(mark)),
  );
});

const leaves: [string, (bench: AgentBench) => Promise<void>][] = [
  ['killed', (bench) => bench.hub.kill()],
  ['restarted', (bench) => bench.hub.stopKeeping()],
];
for (const [how, leave] of leaves)
  test(`A4, N7: a command under way when the hub is ${how} says so, runs once, and the agent finds what it wrote`, async () => {
    await using bench = await startAgentBench();
    using talk = await bench.talk();
    const [count, gate] = [join(bench.hub.userHome, 'count'), join(bench.hub.userHome, 'gate')];
    const { runId } = await talk.say(
      `!echo once >> ${count}; while [ ! -e ${gate} ]; do sleep 0.05; done; echo wr$((1))te; echo done >> ${count}`,
    );
    const counted = () => readFile(count, 'utf8').catch(() => undefined);
    await until(() => 'not running', counted);
    await leave(bench);
    await writeFile(gate, '');
    await bench.hub.start();
    expect(await talk.end(runId)).toMatchObject({ reason: 'interrupted', canContinue: false });
    const notices = talk.of('stream_notice').filter(({ streamId }) => streamId === runId);
    expect(notices).toMatchObject([{ kind: 'command', text: expect.stringContaining('interrupted') as string }]);

    const ended = 'once\ndone\n';
    await until(
      () => 'it goes on',
      async () => (await counted()) === ended,
    );
    const path = /navis:\/\/output\/\w+/.exec(notices[0]?.text ?? '')?.[0];
    const read = { tool: 'filesystem', arguments: { action: 'read', path } };
    bench.model.script([{ calls: [read] }, { text: 'It wrote.' }]);
    await talk.ask('What came of it?');
    const [asked, answered] = bench.model.requests.slice(-2);
    expect(asked?.text).toContain('the hub was restarted before this had answered');
    expect(answered?.messages.findLast(({ role }) => role === 'tool')?.text).toContain('wr1te');
    expect(await counted()).toBe(ended);
  });

/** Runs outlive the hub: `kill -9` and restarts in every state leave an honest mark, and nothing is done twice (A3, N7). */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startNode, until } from '@navisai/testkit';
import { expect, test } from 'vitest';
import { type AgentBench, startAgentBench, Talk } from './conversation.fixture.ts';

const interrupted = { reason: 'interrupted', canContinue: true, error: null };

/** Continues, and answers what the whole conversation says in the end. */
const goOn = async (talk: Talk): Promise<string> => {
  const { runId } = await talk.goOn();
  expect(await talk.end(runId)).toMatchObject({ reason: 'completed' });
  return talk.text(runId);
};

test('A3: killed while the model streams: what was said is kept, the run is marked, and goes on', async () => {
  await using bench = await startAgentBench();
  using talk = await bench.talk();
  bench.model.script([{ text: ['kept ', 'words ', 'never'], delayMs: 300, hang: 2 }]);
  const { runId } = await talk.say('Go.');
  await talk.sees('kept rows', () => talk.of('stream_delta').some(({ text }) => text.includes('words')));
  await bench.hub.kill();
  await bench.hub.start();
  expect(await talk.end(runId)).toMatchObject(interrupted);
  expect(talk.text(runId ?? '')).toBe('kept words ');
  bench.model.script([{ text: 'Here again.' }]);
  expect(await goOn(talk)).toBe('Here again.');
  expect(talk.of('stream_start').map(({ continues }) => continues)).toEqual([null, runId]);
  await expect(talk.goOn()).rejects.toMatchObject({ code: 'CONFLICT' });
});

/** The call counts itself, waits for the file `gate`, and says so. */
const deed = (count: string, gate: string) =>
  `echo once >> ${count}; while [ ! -e ${gate} ]; do sleep 0.05; done; echo finished`;

type Three = [string, string, string];

const leaves: [string, (bench: AgentBench) => Promise<void>][] = [
  ['killed', (bench) => bench.hub.kill()],
  ['restarted', (bench) => bench.hub.stopKeeping()],
];
for (const [how, leave] of leaves)
  test(`A3, N7: ${how} while calls run here and on a node: what ended meanwhile is found, not repeated`, async () => {
    await using bench = await startAgentBench();
    await using node = await startNode(bench.hub, { name: 'nas' });
    using talk = await bench.talk();
    const [here, there] = [bench.hub.userHome, node.userHome];
    const call = (home: string, more: object = {}) => ({
      tool: 'terminal',
      arguments: { action: 'run', command: deed(join(home, 'count'), join(home, 'gate')), timeout: 60, ...more },
    });
    bench.model.script([{ calls: [call(here), call(there, { node_id: 'nas' })] }]);
    const { runId } = await talk.say('Go.');
    for (const home of [here, there])
      await until(
        () => `nothing runs in ${home}`,
        () => readFile(join(home, 'count'), 'utf8').catch(() => undefined),
      );
    await leave(bench);
    for (const home of [here, there]) await writeFile(join(home, 'gate'), '');
    await bench.hub.start();
    expect(await talk.end(runId)).toMatchObject(interrupted);
    bench.model.script([{ text: 'Both are done.' }]);
    expect(await goOn(talk)).toBe('Both are done.');
    for (const home of [here, there]) expect(await readFile(join(home, 'count'), 'utf8')).toBe('once\n');
    const shown = bench.model.requests.at(-1)?.messages.filter(({ role }) => role === 'tool');
    expect(shown?.map(({ text }) => text)).toEqual([
      expect.stringContaining('finished'),
      expect.stringContaining('finished'),
    ]);
  });

test('A3: a message after a crash goes on with what was left, and says what is new', async () => {
  await using bench = await startAgentBench();
  using talk = await bench.talk();
  const [count, gate] = [join(bench.hub.userHome, 'count'), join(bench.hub.userHome, 'gate')];
  bench.model.script([
    { calls: [{ tool: 'terminal', arguments: { action: 'run', command: deed(count, gate), timeout: 60 } }] },
  ]);
  await talk.say('Go.');
  await until(
    () => 'nothing runs',
    () => readFile(count, 'utf8').catch(() => undefined),
  );
  expect(await talk.say('While you are at it.')).toMatchObject({ outcome: 'queued' });
  await bench.hub.kill();
  await writeFile(gate, '');
  await bench.hub.start();
  bench.model.script([{ text: 'All of it.' }]);
  const { text } = await talk.ask('And this.');
  expect(text).toBe('All of it.');
  const shown = bench.model.requests
    .at(-1)
    ?.messages.map((message) => message.text)
    .join('\n');
  for (const said of ['finished', 'While you are at it.', 'And this.']) expect(shown).toContain(said);
  expect(await readFile(count, 'utf8')).toBe('once\n');
});

test('A3: killed again and again at any moment, a run comes to its end and does each thing once', async () => {
  await using bench = await startAgentBench();
  using talk = await bench.talk();
  const count = join(bench.hub.userHome, 'count');
  const steps = 6;
  bench.model.script(({ messages }) => {
    const done = messages.filter(({ role }) => role === 'tool').length;
    if (done >= steps) return { text: 'The end.' };
    const command = `echo ${done} >> ${count}; sleep 0.1`;
    return {
      text: `Step ${done}. `,
      calls: [{ tool: 'terminal', arguments: { action: 'run', command } }],
      delayMs: 10,
    };
  });
  let { runId } = await talk.say('Go.');
  for (let kills = 0; kills < 8; kills += 1) {
    await new Promise((resolve) => setTimeout(resolve, 60 + kills * 45));
    await bench.hub.kill();
    await bench.hub.start();
    const end = await talk.end(runId);
    if (end.reason === 'completed') break;
    expect(end).toMatchObject(interrupted);
    ({ runId } = await talk.goOn());
  }
  await talk.end(runId);
  expect(talk.of('stream_end').at(-1)).toMatchObject({ reason: 'completed' });
  const lines = (await readFile(count, 'utf8')).trim().split('\n');
  expect(lines.filter((line, at) => lines.indexOf(line) !== at)).toEqual([]);
});

test('N7: what was said after a crash is edited, or forked before: what the calls before it did is not done again', async () => {
  await using bench = await startAgentBench();
  using talk = await bench.talk();
  const [count, gate, note] = ['count', 'gate', 'note'].map((name) => join(bench.hub.userHome, name)) as Three;
  bench.model.script([
    {
      calls: [
        { tool: 'terminal', arguments: { action: 'run', command: deed(count, gate), timeout: 60 } },
        { tool: 'filesystem', arguments: { action: 'write', path: note, content: 'by the agent' } },
      ],
    },
  ]);
  await talk.say('Go.');
  for (const file of [count, note])
    await until(
      () => `no ${file}`,
      () => readFile(file, 'utf8').catch(() => undefined),
    );
  await bench.hub.kill();
  await writeFile(gate, '');
  await bench.hub.start();
  bench.model.script(['one', 'two', 'three', 'four'].map((text) => ({ text })));
  let replaced = await talk.say('And this.');
  expect(replaced).toMatchObject({ outcome: 'started' });
  await talk.end(replaced.runId);
  await writeFile(note, 'by the person');
  await bench.hub.stopKeeping();
  await bench.hub.start();
  const fork = await talk.api.forkSession({ params: { id: talk.id }, body: { before: replaced.messageId } });
  using other = new Talk(bench.hub.host, fork.id);
  expect(await other.ask('And elsewhere?')).toMatchObject({ end: { reason: 'completed' } });
  const read = bench.model.requests.at(-1)?.messages.filter(({ role }) => role === 'tool');
  expect(read?.[0]?.text).toContain('finished');
  for (const text of ['And that.', 'Or this.']) {
    replaced = await talk.say(text, { replaces: replaced.messageId });
    await talk.end(replaced.runId);
    const shown = bench.model.requests.at(-1)?.messages.filter(({ role }) => role !== 'system') ?? [];
    expect(shown.map(({ role }) => role)).toEqual(['user', 'assistant', 'tool', 'tool', 'user']);
    expect(shown[2]?.text).toContain('finished');
    expect(shown.at(-1)?.text).toBe(text);
  }
  expect(await readFile(count, 'utf8')).toBe('once\n');
  expect(await readFile(note, 'utf8')).toBe('by the person');
});

test('N5, N7: killed twice and bound to another node between, a call stays on the node where it was begun', async () => {
  await using bench = await startAgentBench();
  await using node = await startNode(bench.hub, { name: 'nas' });
  using talk = await bench.talk({ nodeId: 'nas' });
  const [there, here] = [node.userHome, bench.hub.userHome];
  const command = deed('~/count', '~/gate');
  bench.model.script([{ calls: [{ tool: 'terminal', arguments: { action: 'run', command, timeout: 120 } }] }]);
  await talk.say('Go.');
  await until(
    () => 'nothing runs on the node',
    () => readFile(join(there, 'count'), 'utf8').catch(() => undefined),
  );
  await bench.hub.kill();
  await bench.hub.start();
  const bound = await talk.say('/node main');
  await talk.end(bound.runId);
  await talk.say('And this.');
  await bench.hub.kill();
  for (const home of [here, there]) await writeFile(join(home, 'gate'), '');
  await bench.hub.start();
  bench.model.script([{ text: 'Done.' }]);
  expect(await talk.ask('Well?')).toMatchObject({ text: 'Done.' });
  expect(await readFile(join(there, 'count'), 'utf8')).toBe('once\n');
  await expect(readFile(join(here, 'count'))).rejects.toMatchObject({ code: 'ENOENT' });
});

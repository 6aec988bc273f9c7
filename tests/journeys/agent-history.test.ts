/** What a conversation keeps: edits, forks, files, export, search, the prompt that was sent (A3, A8). */
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { until } from '@navisai/testkit';
import { expect, test } from 'vitest';
import { startAgentBench, Talk } from './conversation.fixture.ts';

type Three = [string, string, string];

test('A3: edit and resend sets aside what came after; nothing of it is shown to the model again', async () => {
  await using bench = await startAgentBench();
  using talk = await bench.talk();
  bench.model.script(({ said }) => ({ text: `You said ${said}` }));
  await talk.ask('first');
  const second = await talk.say('second');
  await talk.end(second.runId);
  await talk.ask('third');
  const edited = await talk.say('second, edited', { replaces: second.messageId });
  await talk.end(edited.runId);
  const shown = bench.model.requests.at(-1)?.messages.filter(({ role }) => role !== 'system');
  expect(shown?.map(({ text }) => text)).toEqual(['first', 'You said first', 'second, edited']);
  expect(talk.of('message').at(-1)).toMatchObject({ replaces: second.messageId });
  await expect(talk.say('x', { replaces: 'm_0000000000' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  const markdown = await talk.api.exportSession({ params: { id: talk.id } });
  expect(markdown).toContain('You said second, edited');
  expect(markdown).not.toContain('third');
  const { hits } = await talk.api.search({ query: { text: 'SAID SECOND, ED' } });
  expect(hits).toMatchObject([{ sessionId: talk.id, excerpt: expect.stringContaining('second, edited') as string }]);
  const found = talk.events.find((event) => 'seq' in event.data && event.data.seq === hits[0]?.seq);
  expect(found?.type).toBe('stream_delta');
  expect((await talk.api.search({ query: { text: 'third' } })).hits).toEqual([]);
});

test('A3: a fork has what came before a message, and lives on its own', async () => {
  await using bench = await startAgentBench();
  using talk = await bench.talk();
  bench.model.script(({ said }) => ({ text: `You said ${said}` }));
  await talk.ask('first');
  const second = await talk.say('second');
  await talk.end(second.runId);
  const fork = await talk.api.forkSession({ params: { id: talk.id }, body: { before: second.messageId } });
  expect(fork.agent).toMatchObject({ profile: 'tester', forkedFrom: talk.id });
  using other = new Talk(await bench.hub.connect(), fork.id);
  await other.ask('other');
  expect(other.of('message').map(({ text }) => text)).toEqual(['first', 'other']);
  const shown = bench.model.requests.at(-1)?.messages.filter(({ role }) => role !== 'system');
  expect(shown?.map(({ text }) => text)).toEqual(['first', 'You said first', 'other']);
  const whole = await talk.api.forkSession({ params: { id: talk.id }, body: {} });
  using copy = new Talk(await bench.hub.connect(), whole.id);
  await copy.sees('everything', (seen) => seen.of('stream_end').length === 2);
  expect(talk.of('message')).toHaveLength(2);
});

test('A3: what a fork holds can be edited, forked again, and found where it stands', async () => {
  await using bench = await startAgentBench();
  using talk = await bench.talk();
  bench.model.script(({ said }) => ({ text: `You said ${said}` }));
  for (const words of ['first', 'second']) await talk.ask(words);
  const fork = await talk.api.forkSession({ params: { id: talk.id }, body: {} });
  using copy = new Talk(await bench.hub.connect(), fork.id);
  await copy.sees('everything', (seen) => seen.of('stream_end').length === 2);
  const second = copy.of('message')[1];
  expect(second).toMatchObject({ text: 'second' });
  expect(second?.messageId).not.toBe(talk.of('message')[1]?.messageId);
  const again = await copy.api.forkSession({ params: { id: copy.id }, body: { before: second?.messageId } });
  using third = new Talk(await bench.hub.connect(), again.id);
  await third.sees('what came before', (seen) => seen.of('stream_end').length === 1);
  expect(third.of('message').map(({ text }) => text)).toEqual(['first']);
  const { hits } = await talk.api.search({ query: { text: 'said second' } });
  const hit = hits.find(({ sessionId }) => sessionId === copy.id);
  expect(copy.events.find((event) => 'seq' in event.data && event.data.seq === hit?.seq)?.type).toBe('stream_delta');
  const edited = await copy.say('edited', { replaces: second?.messageId ?? '' });
  await copy.end(edited.runId);
  const shown = bench.model.requests.at(-1)?.messages.filter(({ role }) => role !== 'system');
  expect(shown?.map(({ text }) => text)).toEqual(['first', 'You said first', 'edited']);
  expect(talk.of('message')).toHaveLength(2);
});

test('A3, N7: a fork repeats no call that is open in its source, which goes on', async () => {
  await using bench = await startAgentBench();
  using talk = await bench.talk();
  const [count, gate, note] = ['count', 'gate', 'note'].map((name) => join(bench.hub.userHome, name)) as Three;
  const command = `echo once >> ${count}; while [ ! -e ${gate} ]; do sleep 0.05; done; echo finished`;
  bench.model.script([
    {
      calls: [
        { tool: 'terminal', arguments: { action: 'run', command, timeout: 60 } },
        { tool: 'filesystem', arguments: { action: 'write', path: note, content: 'by the agent' } },
      ],
    },
    { text: 'Forked.' },
  ]);
  const { runId } = await talk.say('Go.');
  for (const file of [count, note])
    await until(
      () => `no ${file}`,
      () => readFile(file, 'utf8').catch(() => undefined),
    );
  await writeFile(note, 'by the person');
  const fork = await talk.api.forkSession({ params: { id: talk.id }, body: {} });
  using other = new Talk(bench.hub.host, fork.id);
  expect(await other.ask('What is here?')).toMatchObject({ text: 'Forked.' });
  const answers = bench.model.requests.at(-1)?.messages.filter(({ role }) => role === 'tool');
  expect(answers?.map(({ text }) => text)).toEqual(Array(2).fill(expect.stringContaining('(INTERRUPTED)')));
  expect(await readFile(note, 'utf8')).toBe('by the person');
  expect(await readFile(count, 'utf8')).toBe('once\n');
  bench.model.script([{ text: 'The source goes on.' }]);
  await writeFile(gate, '');
  await talk.end(runId);
  expect(talk.text(runId ?? '')).toContain('The source goes on.');
});

test('A8, P5: attached files reach the model, published ones the person; neither is served as anything but a download', async () => {
  await using bench = await startAgentBench();
  using talk = await bench.talk();
  const { id } = await talk.api.attach({
    params: { id: talk.id },
    body: { name: 'a ü.txt', mediaType: 'text/plain', data: Buffer.from('attached words').toString('base64') },
  });
  const folder = join(bench.hub.userHome, 'site');
  await mkdir(folder);
  await writeFile(join(folder, 'page.html'), '<script>alert(1)</script>');
  const publish = (path: string) => ({ tool: 'content_publish', arguments: { path } });
  bench.model.script([
    { calls: [publish(join(folder, 'page.html')), publish(join(folder, 'none'))] },
    { text: 'Look.' },
  ]);
  const { runId } = await talk.say('Read.', { attachments: [id] });
  await talk.end(runId);
  expect(bench.model.requests[0]?.text).toMatch(/attached words|YXR0YWNoZWQgd29yZHM/);
  const [notice] = talk.of('stream_notice');
  expect(notice).toMatchObject({ kind: 'content', content: { name: 'page.html', mediaType: 'text/html' } });
  const results = talk.parts(runId ?? '').filter(({ kind }) => kind === 'tool_result');
  expect(results).toMatchObject([{ success: true }, { success: false }]);
  const contentId = notice?.content?.id ?? '';
  const { bytes } = await talk.api.content({ params: { id: talk.id, contentId } });
  expect(Buffer.from(bytes).toString()).toBe('<script>alert(1)</script>');
  expect((await stat(join(bench.hub.home, 'contents', contentId))).mode & 0o777).toBe(0o600);
  const session = await talk.api.createSession({ body: {} });
  await expect(talk.api.content({ params: { id: session.id, contentId } })).rejects.toMatchObject({
    code: 'NOT_FOUND',
  });
});

test('P3: the prompt that was really sent can be seen, before the first run that which would be sent', async () => {
  await using bench = await startAgentBench();
  using talk = await bench.talk();
  const prompt = () => talk.api.prompt({ params: { id: talk.id } });
  const before = await prompt();
  expect(before).toMatchObject({ runId: null, profile: 'tester', messages: [] });
  expect(before.system).toContain('You are tested.');
  bench.model.script([{ text: 'Yes.' }]);
  const { runId } = await talk.ask('Ready?');
  const after = await prompt();
  expect(after.runId).toBe(runId);
  expect(after.system).toBe(bench.model.requests[0]?.messages[0]?.text);
  expect(after.tools.map(({ name }) => name).toSorted()).toEqual(bench.model.requests[0]?.tools.toSorted());
  const terminal = after.tools.find(({ name }) => name === 'terminal')?.schema as { properties: object };
  expect(terminal.properties).toHaveProperty('node_id');
  const remote = after.tools.find(({ name }) => name === 'remote_terminal')?.schema as { required: string[] };
  expect(remote.required).toContain('node_id');
  bench.model.script([{ hang: true }]);
  const unanswered = await talk.say('And now?');
  await until('the prompt of a run without a word yet', async () => (await prompt()).runId === unanswered.runId);
});

test('P4: how an agent is set up changes from the next message on; what cannot be is refused by field', async () => {
  await using bench = await startAgentBench();
  using talk = await bench.talk();
  const change = (agent: object) => talk.api.changeSession({ params: { id: talk.id }, body: { agent } });
  expect((await change({ profile: 'developer', approvals: 'always' })).agent).toMatchObject({ profile: 'developer' });
  await talk.sees('configured', (seen) => seen.of('session.update').some((update) => update.change === 'configured'));
  for (const wrong of [{ profile: 'poet' }, { nodeId: 'nowhere' }, { model: 'nonsense' }])
    await expect(change(wrong)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', field: Object.keys(wrong)[0] });
  const terminal = await talk.api.createSession({ body: { title: 'plain' } });
  expect(terminal.agent).toBeUndefined();
  await expect(talk.api.sendMessage({ params: { id: terminal.id }, body: { text: 'hi' } })).rejects.toMatchObject({
    code: 'CONFLICT',
  });
});

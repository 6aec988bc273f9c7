/** `navisai chat`: answers, commands, approvals and the end of it, as a person and as a script would use it. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseHubEvent } from '@navisai/protocol';
import { until } from '@navisai/testkit';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type AgentHub, startAgentHub } from './agent-hub.fixture.ts';
import { cli, openWindow, startCli } from './cli-process.fixture.ts';
import { writeProfile } from './conversation.fixture.ts';

let agents: AgentHub;
beforeAll(async () => {
  agents = await startAgentHub();
});
afterAll(() => agents[Symbol.asyncDispose]());
beforeEach(() => agents.model.reset());

const chat = (words: readonly string[], options = {}) => cli(agents.hub, ['chat', ...words], options);
const run = (command: string) => ({ calls: [{ tool: 'terminal', arguments: { action: 'run', command } }] });

test('A3: a question is answered on stdout, and what was done for it told on stderr', async () => {
  agents.model.script([{ thinking: 'Look first.', ...run('echo "$((6*7))"') }, { text: 'It is **42**.' }]);
  const { exitCode, stdout, stderr } = await chat(['what', 'is', 'it?']);
  expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: 'It is **42**.\n' });
  expect(stderr).toContain('terminal run');
  expect(stderr).toContain('echo "$((6*7))"');
  expect(agents.model.requests[0]?.said).toContain('what is it?');
  expect(agents.model.requests[1]?.messages.at(-1)?.text).toContain('42');
});

test('A3: what stands on stdin is put below the question', async () => {
  agents.model.script({ text: 'A missing brace.' });
  const { stdout } = await chat(['why?'], { input: 'error: expected }\n' });
  expect(stdout).toBe('A missing brace.\n');
  expect(agents.model.requests[0]?.said).toBe('why?\n\n```\nerror: expected }\n```');
});

test('A3: a fence in what stands on stdin does not end it', async () => {
  agents.model.script({ text: 'I see.' });
  await chat(['why?'], { input: 'a\n````\nb\n' });
  expect(agents.model.requests[0]?.said).toBe('why?\n\n`````\na\n````\nb\n`````');
});

test('A3: with --json every event is one line, each character of the answer is in one of them, and the last one is the end', async () => {
  const answer = 'Hello **there**, friend. '.repeat(20);
  agents.model.script([
    { thinking: 'Let me see.', ...run('echo seen') },
    { text: answer, delayMs: 20 },
  ]);
  const { exitCode, stdout } = await cli(agents.hub, ['chat', '--json', 'well?']);
  const events = stdout
    .trim()
    .split('\n')
    .map((line) => parseHubEvent(JSON.parse(line)));
  const deltas = events.flatMap((event) => (event?.type === 'stream_delta' ? [event.data] : []));
  const joined = (kind: string) =>
    deltas
      .filter((delta) => delta.kind === kind)
      .map(({ text }) => text)
      .join('');
  expect(exitCode).toBe(0);
  expect(joined('text')).toBe(answer);
  expect(deltas.filter(({ kind }) => kind === 'text').length).toBeGreaterThan(1);
  expect(joined('thinking')).toBe('Let me see.');
  expect(JSON.parse(joined('tool_call'))).toEqual({ action: 'run', command: 'echo seen' });
  expect(deltas.filter(({ kind }) => kind === 'tool_result')).toMatchObject([
    { text: expect.stringContaining('seen') },
  ]);
  expect(events.map((event) => event?.type)).toEqual(expect.arrayContaining(['message', 'stream_start']));
  expect(events.at(-1)).toMatchObject({ type: 'stream_end', data: { reason: 'completed' } });
});

test('A3: --continue goes on with the last conversation', async () => {
  agents.model.script([{ text: 'Noted.' }, { text: 'Blue.' }]);
  await chat(['my colour is blue']);
  expect((await chat(['--continue', 'which is it?'])).stdout).toBe('Blue.\n');
  expect(agents.model.requests[1]?.messages.map(({ text }) => text).join('\n')).toContain('my colour is blue');
});

test('A3: --continue goes on with a conversation of another agent too, never with that of a recall; a failed run says which', async () => {
  const { api } = agents.hub.host;
  agents.model.script({ text: 'Older.' }, 'older');
  agents.model.script({ text: 'By the recall.' }, 'look around');
  await chat(['older']);
  const failed = await chat(['--agent', 'none', 'hello']);
  const { sessions } = await api.sessions({ query: { kind: 'acp' } });
  expect(failed.stderr).toContain(`navisai chat --session ${sessions[0]?.id} /continue`);
  await cli(agents.hub, ['recalls', 'add', '--now', '--', 'look around']);
  await until('the recall ends', async () => {
    const { recalls } = await api.recalls();
    return recalls.some(({ lastRun }) => lastRun?.state === 'completed');
  });
  expect((await chat(['--continue', 'hello again'])).stderr).toContain('There is no ACP agent "none"');
});

test('A4: a failing model is told on stderr with exit code 1; a wrong use with 2', async () => {
  agents.model.script(() => ({ status: 401 }));
  const failed = await chat(['hello']);
  expect(failed).toMatchObject({ exitCode: 1, stdout: '' });
  expect(failed.stderr).toContain('key');
  expect(await chat([], { input: '' })).toMatchObject({ exitCode: 2 });
  expect(await chat(['--session', 's_4444', '--continue', 'x'])).toMatchObject({ exitCode: 2 });
});

test('A4: a line that begins with ! acts without a model', async () => {
  const { exitCode, stdout } = await chat(['!echo "$((6*7))"']);
  expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: expect.stringContaining('42') });
  expect(agents.model.requests).toEqual([]);
});

test('A4, I12: a command of the conversation that could do nothing ends with 1; one that ran has answered', async () => {
  const refused = await chat(['/close nothing']);
  expect(refused).toMatchObject({ exitCode: 1, stdout: "There is no terminal named 'nothing' in this session.\n" });
  expect(refused.stderr).not.toContain('navisai:');
  expect(await chat(['/node nowhere'])).toMatchObject({ exitCode: 1, stdout: 'There is no node "nowhere".\n' });
  expect(await chat(['!exit 3'])).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('[exit code 3]') });
});

test('A2: in a dialogue the approval is asked for inline, and a yes lets it run', async () => {
  const file = join(agents.hub.userHome, 'made');
  agents.model.script([run(`touch ${file}`), { text: 'It is there.' }]);
  await using window = openWindow(agents.hub, ['chat']);
  await window.shows('›');
  window.type('make the file\r');
  await window.shows('Allow it?');
  expect(existsSync(file)).toBe(false);
  expect(window.screen().join('\n')).toContain(`touch ${file}`);
  window.type('y\r');
  await window.shows('It is there.');
  expect(existsSync(file)).toBe(true);
  window.type('/exit\r');
  expect(await window.ended()).toBe(0);
});

test('A2: a no with a reason reaches the model, and nothing runs', async () => {
  const file = join(agents.hub.userHome, 'unmade');
  agents.model.script([run(`touch ${file}`), { text: 'Understood.' }]);
  await using window = openWindow(agents.hub, ['chat']);
  await window.shows('›');
  window.type('make the file\r');
  await window.shows('Allow it?');
  window.type('not in my home\r');
  await window.shows('Understood.');
  expect(existsSync(file)).toBe(false);
  expect(agents.model.requests[1]?.messages.at(-1)?.text).toContain('not in my home');
});

test('A2: where nobody can be asked it waits, and the answer of another device goes on', async () => {
  const file = join(agents.hub.userHome, 'elsewhere');
  agents.model.script([run(`touch ${file}`), { text: 'Done.' }]);
  const running = startCli(agents.hub, ['chat', 'make it'], { input: '' });
  const { approvals } = await until('it waits', async () => {
    const answer = await agents.hub.host.api.pendingApprovals();
    return answer.approvals.length > 0 ? answer : undefined;
  });
  expect((await cli(agents.hub, ['approvals', 'approve', approvals[0]?.id ?? ''])).exitCode).toBe(0);
  expect(await running.ended).toMatchObject({ exitCode: 0, stdout: 'Done.\n' });
  expect(existsSync(file)).toBe(true);
});

test('A2: Ctrl-D at a question leaves it in the inbox, whose answer goes on with the run', async () => {
  const file = join(agents.hub.userHome, 'later');
  agents.model.script([run(`touch ${file}`), { text: 'It was made later.' }]);
  await using window = openWindow(agents.hub, ['chat', 'make it'], { columns: 120, rows: 30 });
  await window.shows('Allow it?');
  window.type('\x04');
  await window.shows('It waits for you: navisai approvals approve');
  expect(existsSync(file)).toBe(false);
  const { approvals } = await agents.hub.host.api.pendingApprovals();
  expect((await cli(agents.hub, ['approvals', 'approve', approvals[0]?.id ?? ''])).exitCode).toBe(0);
  expect(await window.ended()).toBe(0);
  expect(window.screen().join('\n')).toContain('It was made later.');
  expect(existsSync(file)).toBe(true);
});

test('A2, A3: after Ctrl-D at a question Ctrl-C stops the run; in a dialogue Ctrl-D leaves, and it waits', async () => {
  agents.model.script(() => run(`touch ${join(agents.hub.userHome, 'never')}`));
  await using one = openWindow(agents.hub, ['chat', 'make it'], { columns: 120, rows: 30 });
  await one.shows('Allow it?');
  one.type('\x04');
  await one.shows('It waits for you');
  one.type('\x03');
  expect(await one.ended()).toBe(130);
  expect(one.history().join('\n')).not.toMatch(/ERR_|closed/);
  await using dialogue = openWindow(agents.hub, ['chat'], { columns: 120, rows: 30 });
  await dialogue.shows('›');
  dialogue.type('make it\r');
  await dialogue.shows('Allow it?');
  dialogue.type('\x04');
  expect(await dialogue.ended()).toBe(0);
  expect(dialogue.screen().join('\n')).toContain('It waits for you');
  const { api } = agents.hub.host;
  const [waiting] = (await api.pendingApprovals()).approvals;
  if (waiting?.kind !== 'call') throw new Error('Nothing waits.');
  await api.stopRun({ params: { id: waiting.detail.call.sessionId } });
});

test('A2, A3: Ctrl-C at a question stops the run, says so, and the dialogue goes on', async () => {
  agents.model.script([run(`touch ${join(agents.hub.userHome, 'stopped')}`), { text: 'Something else.' }]);
  await using window = openWindow(agents.hub, ['chat'], { columns: 120, rows: 30 });
  await window.shows('›');
  window.type('make it\r');
  await window.shows('Allow it?');
  window.type('\x03');
  await window.shows(/^\(.*stopped.*\)$/m);
  expect(window.screen().join('\n')).not.toContain('another device');
  await window.shows(/^› *$/m);
  window.type('then what?\r');
  await window.shows('Something else.');
});

test('A3: Ctrl-C stops what it does', async () => {
  agents.model.script({ text: 'one two three four five six seven eight nine ten '.repeat(100), delayMs: 50 });
  await using window = openWindow(agents.hub, ['chat', 'count']);
  await window.shows('three');
  window.type('\x03');
  expect(await window.ended()).toBe(130);
});

test('A3: what is typed while the agent answers stays whole below it, and reaches it', async () => {
  const words = Array.from({ length: 60 }, (_, index) => `word${index}`);
  agents.model.script([{ text: `${words.join(' ')} end`, delayMs: 100 }, { text: 'Both are done.' }]);
  await using window = openWindow(agents.hub, ['chat']);
  await window.shows('›');
  window.type('count\r');
  await window.shows('word3');
  window.type('and this');
  await window.shows(/^› and this$/m);
  await window.shows(/word20[\s\S]*^› and this$/m);
  window.type(' too\r');
  await window.shows('Both are done.');
  const shown = window.history().join('').replaceAll(' ', '');
  expect(shown).toContain(words.slice(30).join(''));
  expect(window.history().filter((line) => line === '› and this too')).toHaveLength(1);
  expect(agents.model.requests.at(-1)?.said).toBe('and this too');
});

test('A2: a question that comes while the person types is asked by itself, and what was typed is kept for later', async () => {
  const file = join(agents.hub.userHome, 'typed');
  // What is typed stands there before the question comes.
  const typed = Promise.withResolvers<void>();
  agents.model.script([
    run('echo Now'),
    { after: typed.promise, text: 'I think about it.', ...run(`touch ${file}`) },
    { text: 'Made.' },
  ]);
  await using window = openWindow(agents.hub, ['chat']);
  await window.shows('›');
  window.type('make it\r');
  await window.shows('echo Now');
  window.type('yes, and then');
  await window.shows(/^› yes, and then$/m);
  typed.resolve();
  await window.shows(/why not: *$/m);
  expect(existsSync(file)).toBe(false);
  window.type('n\r');
  await window.shows('Made.');
  await window.shows(/^› yes, and then$/m);
  expect(existsSync(file)).toBe(false);
});

test('A3: what is pasted is one message, and a second Ctrl-C leaves', async () => {
  agents.model.script({ text: 'Two lines.' });
  await using window = openWindow(agents.hub, ['chat'], { columns: 30, rows: 20 });
  await window.shows('›');
  window.type('\u001b[200~first\rsecond\u001b[201~\r');
  await window.shows('Two lines.');
  expect(agents.model.requests.at(-1)?.said).toBe('first\nsecond');
  await window.shows(/^› *$/m);
  window.type('\x03');
  await window.shows('Ctrl-C again');
  window.type('\x03');
  expect(await window.ended()).toBe(130);
});

test('A3: a run that the hub left is told with what to do, and /continue goes on with it', async () => {
  agents.model.script([{ text: 'Half', hang: 1 }, { text: 'The whole.' }]);
  await using window = openWindow(agents.hub, ['chat'], { columns: 120, rows: 30 });
  await window.shows('›');
  window.type('go\r');
  await window.shows('Half');
  await agents.hub.kill();
  await agents.hub.start();
  await window.shows('interrupted: the hub ended while the agent worked');
  await window.shows('/continue goes on with it');
  window.type('/continue\r');
  await window.shows('The whole.');
});

test('P2: the prompt that was really sent can be inspected, and the conversation exported', async () => {
  agents.model.script({ text: 'A **short** answer.' });
  await chat(['tell me']);
  const { sessions } = await agents.hub.host.api.sessions({ query: { kind: 'agent' } });
  const id = sessions[0]?.id ?? '';
  const shown = await cli(agents.hub, ['sessions', 'prompt', id]);
  expect(shown).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('### Persistent terminals') });
  expect(agents.model.requests[0]?.messages[0]?.text).toContain('### Persistent terminals');
  const exported = await cli(agents.hub, ['sessions', 'export', id]);
  expect(exported.stdout).toContain('A **short** answer.');
});

test('P4: a conversation on the node of its profile begins in the home there, not in the directory of this machine', async () => {
  await writeProfile(agents.hub.home, { id: 'elsewhere', node_id: 'nas' });
  await chat(['!true', '--profile', 'elsewhere']);
  const { sessions } = await agents.hub.host.api.sessions({ query: { kind: 'agent' } });
  expect(sessions.find(({ agent }) => agent?.profile === 'elsewhere')?.agent?.directory ?? null).toBeNull();
  await chat(['!true']);
  const here = await agents.hub.host.api.sessions({ query: { kind: 'agent', limit: 1 } });
  expect(here.sessions[0]?.agent?.directory).toMatch(/^\//);
});

/** Calls that the hub itself makes for an agent are made once, whatever happens to the hub meanwhile (A2, A3, I20, N7). */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decideCall, type HubConnection } from '@navisai/client';
import type { Approval } from '@navisai/protocol';
import { until } from '@navisai/testkit';
import { expect, test } from 'vitest';
import { type AgentBench, startAgentBench, type Talk, writeProfile } from './conversation.fixture.ts';

const read = (path: string): Promise<string | undefined> => readFile(path, 'utf8').catch(() => undefined);

/** Counts its calls in the file `count`; connects after `connectMs`, and answers once the file `answers` is there. */
const serverSource = ({ count, answers, connectMs }: { count: string; answers: string; connectMs: number }) => `
import { appendFileSync, existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
const tell = (id, result) => process.stdout.write(JSON.stringify({ jsonrpc: '2.0', id, result }) + '\\n');
const input = { type: 'object', properties: {} };
const answer = {
  initialize: ({ id, params: { protocolVersion } }) =>
    setTimeout(() => tell(id, { protocolVersion, capabilities: { tools: {} }, serverInfo: { name: 's', version: '1' } }), ${connectMs}),
  'tools/list': ({ id }) => tell(id, { tools: [{ name: 'send', description: 'Sends a mail.', inputSchema: input }] }),
  'tools/call': ({ id }) => {
    appendFileSync(${JSON.stringify(count)}, 'sent\\n');
    const soon = setInterval(() => {
      if (!existsSync(${JSON.stringify(answers)})) return;
      clearInterval(soon);
      tell(id, { content: [{ type: 'text', text: 'The mail is sent.' }] });
    }, 10);
  },
};
createInterface({ input: process.stdin }).on('line', (line) => {
  const message = JSON.parse(line);
  answer[message.method]?.(message);
});`;

interface Mail {
  count: string;
  answers: string;
}

/** The hub has a server of mails, and agents of the profile `mailer` may use it. */
const addMail = async (bench: AgentBench, { approvals = 'never', connectMs = 0 } = {}): Promise<Mail> => {
  const { home, userHome } = bench.hub;
  const [count, answers, source] = ['mails', 'answers', 'mail.mjs'].map((name) => join(userHome, name)) as [
    string,
    string,
    string,
  ];
  await writeFile(source, serverSource({ count, answers, connectMs }));
  await bench.hub.stopKeeping();
  const path = join(home, 'config.json');
  const config = JSON.parse((await read(path)) ?? '{}') as object;
  const mail = { command: process.execPath, args: [source] };
  await writeFile(path, JSON.stringify({ ...config, mcpServers: { mail } }));
  await bench.hub.start();
  await writeProfile(home, { id: 'mailer', approvals, tools: ['terminal', 'mcp:mail'] });
  await isConnected(bench);
  return { count, answers };
};

const isConnected = async (bench: AgentBench): Promise<void> => {
  await until(
    () => 'the server of mails is not connected',
    async () => (await bench.hub.host.api.mcpServers({})).servers.find(({ state }) => state === 'connected'),
  );
};

const sendMail = { tool: 'mcp_mail_send', arguments: {} };
const waitFor = (gate: string) => ({
  tool: 'terminal',
  arguments: { action: 'run', command: `touch ${gate}.on; while [ ! -e ${gate} ]; do sleep 0.05; done`, timeout: 60 },
});

const questions = (bench: AgentBench, wanted: number): Promise<Approval[]> =>
  until(
    () => 'nothing is asked',
    async () => {
      const { approvals } = await bench.hub.host.api.pendingApprovals();
      return approvals.length === wanted ? approvals : undefined;
    },
  );

const approveOnce = async (bench: AgentBench, phone: HubConnection, wanted: number): Promise<void> => {
  for (const approval of await questions(bench, wanted))
    if (approval.kind === 'call') await decideCall(phone, { approval, grant: 'once' });
};

const resultsOf = (talk: Talk, runId: string) =>
  talk
    .parts(runId)
    .filter(({ kind }) => kind === 'tool_result')
    .map(({ tool, success, text }) => ({ tool, success, text }));

const leaves: [string, (bench: AgentBench) => Promise<void>][] = [
  ['killed', (bench) => bench.hub.kill()],
  ['restarted', (bench) => bench.hub.stopKeeping()],
];
for (const [how, leave] of leaves)
  test(`A2, N7: ${how} after a call to an MCP server that was approved once: its result is found, nothing is sent again`, async () => {
    await using bench = await startAgentBench();
    const phone = await bench.hub.pair({ scope: 'admin', name: 'phone' });
    const { count, answers } = await addMail(bench, { approvals: 'risky', connectMs: 500 });
    await writeFile(answers, '');
    using talk = await bench.talk({ profile: 'mailer' });
    const gate = join(bench.hub.userHome, 'gate');
    bench.model.script([{ calls: [sendMail, waitFor(gate)] }]);
    const { runId } = await talk.say('Go.');
    await approveOnce(bench, phone.connection, 2);
    await until(
      () => 'not both are under way',
      async () => ((await read(`${gate}.on`)) === undefined ? undefined : read(count)),
    );
    await talk.sees('the end of the call', () => talk.of('tool_call').some(({ tool }) => tool === 'mcp_mail_send'));
    await leave(bench);
    await writeFile(gate, '');
    await bench.hub.start();
    expect(await talk.end(runId)).toMatchObject({ reason: 'interrupted' });
    bench.model.script([{ text: 'Both are done.' }]);
    const again = await talk.goOn();
    expect(await talk.end(again.runId)).toMatchObject({ reason: 'completed' });
    expect(await read(count)).toBe('sent\n');
    expect(resultsOf(talk, again.runId)).toMatchObject([
      { tool: 'mcp_mail_send', success: true, text: 'The mail is sent.' },
      { tool: 'terminal', success: true },
    ]);
  });

for (const [how, leave] of leaves)
  test(`N7: ${how} while an MCP server works on a call: it is told that nobody knows, and nothing is sent again`, async () => {
    await using bench = await startAgentBench();
    const { count, answers } = await addMail(bench);
    using talk = await bench.talk({ profile: 'mailer' });
    bench.model.script([{ calls: [sendMail] }]);
    const { runId } = await talk.say('Go.');
    await until(
      () => 'nothing was sent',
      () => read(count),
    );
    await leave(bench);
    await writeFile(answers, '');
    await bench.hub.start();
    await talk.end(runId);
    await isConnected(bench);
    bench.model.script([{ text: 'I see.' }]);
    const again = await talk.goOn();
    expect(await talk.end(again.runId)).toMatchObject({ reason: 'completed' });
    expect(await read(count)).toBe('sent\n');
    const [result] = resultsOf(talk, again.runId);
    expect(result).toMatchObject({ tool: 'mcp_mail_send', success: false });
    expect(result?.text).toContain('It was not made again');
  });

test('A2: a call to an MCP server that waited for a person over a restart is made when the server is back', async () => {
  await using bench = await startAgentBench();
  const phone = await bench.hub.pair({ scope: 'admin', name: 'phone' });
  const { count, answers } = await addMail(bench, { approvals: 'risky', connectMs: 500 });
  await writeFile(answers, '');
  using talk = await bench.talk({ profile: 'mailer' });
  bench.model.script([{ calls: [sendMail] }, { text: 'It is sent.' }]);
  await talk.say('Go.');
  await questions(bench, 1);
  await bench.hub.kill();
  await bench.hub.start();
  await approveOnce(bench, phone.connection, 1);
  await talk.sees('the end', () => talk.of('stream_end').some(({ reason }) => reason === 'completed'));
  expect(await read(count)).toBe('sent\n');
});

for (const [how, leave] of leaves)
  test(`A5, N7: ${how} after a recall was scheduled, there is one`, async () => {
    await using bench = await startAgentBench();
    await writeProfile(bench.hub.home, { id: 'planner', approvals: 'never', tools: ['terminal', 'schedule_recall'] });
    using talk = await bench.talk({ profile: 'planner' });
    const gate = join(bench.hub.userHome, 'gate');
    const schedule = { kind: 'once', at: '2030-01-01T09:00:00Z' };
    const plan = { tool: 'schedule_recall', arguments: { title: 'remind', task: 'Say hello.', schedule } };
    bench.model.script([{ calls: [plan, waitFor(gate)] }]);
    const { runId } = await talk.say('Go.');
    const recalls = async () => (await bench.hub.host.api.recalls()).recalls;
    await until(
      () => 'not both are under way',
      async () => ((await read(`${gate}.on`)) !== undefined && (await recalls()).length > 0 ? true : undefined),
    );
    await leave(bench);
    await writeFile(gate, '');
    await bench.hub.start();
    await talk.end(runId);
    bench.model.script([{ text: 'Done.' }]);
    const again = await talk.goOn();
    await talk.end(again.runId);
    expect(await recalls()).toHaveLength(1);
    expect(resultsOf(talk, again.runId).map(({ tool }) => tool)).toEqual(['schedule_recall', 'terminal']);
  });

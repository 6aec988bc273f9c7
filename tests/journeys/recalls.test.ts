/** Recalls as people use them: made in the CLI, carried out by an agent, found again after the hub was killed (A5, N11). */
import { decideCall } from '@navisai/client';
import type { ApprovalOf, Recall, RouteResponse } from '@navisai/protocol';
import { type ModelServer, startHub, startModelServer, type TestHub, until } from '@navisai/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cli, cliJson } from './cli-process.fixture.ts';

let hub: TestHub;
let server: ModelServer;
const cleanUp = new AsyncDisposableStack();
beforeAll(async () => {
  hub = cleanUp.use(await startHub());
  server = cleanUp.use(await startModelServer());
  server.models = [{ id: 'scripted', contextTokens: 32_000 }];
  const url = server.baseUrl('openai-compatible');
  await cli(hub, ['models', 'add', 'lab', '--url', url, '--model', 'scripted', '--context', '32000', '--default']);
});
afterAll(() => cleanUp.disposeAsync());

const add = async (...words: string[]): Promise<Recall> => cliJson<Recall>(hub, ['recalls', 'add', ...words]);
const runsOf = async (id: string) => (await hub.host.api.recallRuns({ params: { id }, query: {} })).runs;
const ended = (id: string) =>
  until(
    () => `the recall does not end:\n${hub.process.printed}`,
    async () => (await runsOf(id)).find(({ state }) => state !== 'running'),
  );

test('A5, I12: a recall runs as a conversation of its own, and the CLI shows how it went', async () => {
  server.script([{ text: 'The disk is fine.' }], 'look at the disk');
  const recall = await add('--now', '--title', 'disk', '--', 'look', 'at', 'the', 'disk');
  const run = await ended(recall.id);
  expect(run).toMatchObject({ state: 'completed', answer: 'The disk is fine.', attempt: 1, cause: 'asked' });
  const session = await hub.host.api.session({ params: { id: run.sessionId ?? '' } });
  expect(session).toMatchObject({ kind: 'agent', title: 'disk' });
  const { events } = await hub.host.api.sessionEvents({ params: { id: session.id }, query: {} });
  expect(events.find(({ type }) => type === 'message')?.data).toMatchObject({
    author: { kind: 'recall', name: 'disk' },
  });
  const shown = await cli(hub, ['recalls', 'show', 'disk']);
  expect(shown.stdout).toMatch(/state +done/);
  expect((await cli(hub, ['recalls', 'history', 'disk'])).stdout).toContain('The disk is fine.');
  expect((await cli(hub, ['recalls'])).stdout).toMatch(/completed +disk/);
  expect((await cli(hub, ['recalls', 'show', 'nothing'])).exitCode).toBe(5);
});

test('A5: what would ask fails at once, says what it was, and did not run', async () => {
  const marker = `${hub.userHome}/made-by-a-recall`;
  const call = { tool: 'terminal', arguments: { action: 'run', command: `touch ${marker}` } };
  server.script([{ calls: [call] }, { text: 'never said' }], 'make a file');
  const recall = await add('--now', '--', 'make a file');
  expect(await ended(recall.id)).toMatchObject({
    state: 'failed',
    error: { code: 'APPROVAL_REQUIRED', message: expect.stringContaining('touch') },
  });
  const { events } = await hub.host.api.hubEvents({ query: {} });
  const told = events.filter(({ type }) => type === 'recall.updated').map(({ data }) => data);
  expect(told.at(-1)).toMatchObject({ change: 'ended', run: { state: 'failed' } });
  expect((await hub.host.api.pendingApprovals()).approvals).toEqual([]);
  expect((await cli(hub, ['run', '--', 'test', '-e', marker])).exitCode).toBe(1);
});

test('A5: a recall with approvals never acts; schedules are changed, paused, resumed and removed', async () => {
  const call = { tool: 'terminal', arguments: { action: 'run', command: 'echo from-a-recall' } };
  server.script([{ calls: [call] }, { text: 'done' }], 'say something');
  const recall = await add('--every', '2h', '--title', 'talk', '--approvals', 'never', '--', 'say something');
  expect(recall.nextAt).not.toBeNull();
  expect((await cli(hub, ['recalls', 'pause', 'talk'])).stdout).toContain('Paused');
  expect((await cli(hub, ['recalls', 'run', 'talk'])).exitCode).toBe(0);
  const run = await ended(recall.id);
  expect(run.state).toBe('completed');
  expect(server.requests.at(-1)?.messages.at(-1)?.text).toContain('from-a-recall');
  expect((await cli(hub, ['recalls', 'resume', 'talk'])).stdout).toContain(recall.nextAt);
  expect((await cli(hub, ['recalls', 'remove', 'talk'])).exitCode).toBe(0);
  expect((await cliJson<RouteResponse<'recalls'>>(hub, ['recalls'])).recalls.map(({ title }) => title)).not.toContain(
    'talk',
  );
});

test('A5, P5: an agent schedules a recall with no more than its own permissions', async () => {
  const given = {
    title: 'later',
    task: 'look again',
    schedule: { kind: 'interval', seconds: 3600 },
    approvals: 'never',
  };
  server.script([{ calls: [{ tool: 'schedule_recall', arguments: given }] }, { text: 'scheduled' }], 'every hour');
  const recall = await add('--now', '--approvals', 'never', '--title', 'parent', '--', 'look every hour');
  expect((await ended(recall.id)).state).toBe('completed');
  const { recalls } = await hub.host.api.recalls();
  const made = recalls.find(({ title }) => title === 'later');
  expect(made).toMatchObject({ createdBy: 'parent', permissions: { approvals: 'never', mayAsk: false } });
  await hub.host.api.removeRecall({ params: { id: made?.id ?? '' } });
});

test('N11: a hub that is killed in the middle runs the recall once more, marked; nothing runs twice', async () => {
  const held = Promise.withResolvers<void>();
  const file = `${hub.userHome}/count`;
  const count = { tool: 'terminal', arguments: { action: 'run', command: `echo counted >> ${file}; cat ${file}` } };
  server.script(
    [{ calls: [count] }, { text: 'too late', after: held.promise }, { text: 'second attempt' }],
    'count it',
  );
  const recall = await add('--now', '--approvals', 'never', '--', 'count it');
  await until('the command ran', () =>
    server.requests.some(({ messages }) =>
      messages.some(({ role, text }) => role === 'tool' && text.includes('counted')),
    ),
  );
  await hub.kill();
  held.resolve();
  await hub.start();
  const [second, first] = await until(
    'it is over',
    async () => {
      const runs = await runsOf(recall.id);
      return runs.length === 2 && runs[0]?.state === 'completed' ? runs : undefined;
    },
    90_000,
  );
  expect(second).toMatchObject({ attempt: 2, answer: 'second attempt', sessionId: first?.sessionId });
  expect(first).toMatchObject({ attempt: 1, state: 'interrupted' });
  expect((await cli(hub, ['run', '--', 'cat', file])).stdout.trim()).toBe('counted');
});

test('A2, A5: a recall that waits for an answer goes on waiting after the hub was killed, and is answered once', async () => {
  const file = `${hub.userHome}/answered`;
  const call = { tool: 'terminal', arguments: { action: 'run', command: `echo answered >> ${file}` } };
  server.script([{ calls: [call] }, { text: 'it was allowed' }], 'wait for me');
  const recall = await add('--now', '--ask', '--', 'wait for me');
  const asked = () =>
    until('it asks', async () => {
      const { approvals } = await hub.host.api.pendingApprovals();
      return approvals.find((one): one is ApprovalOf<'call'> => one.kind === 'call');
    });
  const { id, detail } = await asked();
  expect(detail.requester).toMatchObject({ kind: 'recall' });
  await hub.kill();
  await hub.start();
  const approval = await asked();
  expect(approval.id).toBe(id);
  await until('it was taken over', async () => (await runsOf(recall.id))[0]?.attempt === 2);
  await hub.kill();
  await hub.start();
  await until('it was taken over again', async () => (await runsOf(recall.id))[0]?.attempt === 3);
  await decideCall(hub.host, { approval, grant: 'once' });
  const runs = await until('it is over', async () => {
    const found = await runsOf(recall.id);
    return found[0]?.state === 'running' ? undefined : found;
  });
  expect(runs.map(({ state, attempt }) => [state, attempt])).toEqual([
    ['completed', 3],
    ['interrupted', 2],
    ['interrupted', 1],
  ]);
  expect(runs[0]?.answer).toBe('it was allowed');
  const { events } = await hub.host.api.sessionEvents({ params: { id: runs[0]?.sessionId ?? '' }, query: {} });
  expect(events.filter(({ type }) => type === 'message')).toHaveLength(1);
  expect((await cli(hub, ['run', '--', 'cat', file])).stdout.trim()).toBe('answered');
});

test('A2: a browser gets the key, subscribes at a public address only, and leaves', async () => {
  const { connection } = await hub.pair({ scope: 'operator' });
  const { publicKey, isSubscribed } = await connection.api.pushKey();
  expect([Buffer.from(publicKey, 'base64url').length, isSubscribed]).toEqual([65, false]);
  const keys = { p256dh: publicKey, auth: 'AAAAAAAAAAAAAAAAAAAAAA' };
  const subscribe = (endpoint: string) => connection.api.subscribeToPush({ body: { endpoint, keys } });
  await expect(subscribe('https://169.254.169.254/latest')).rejects.toMatchObject({ field: 'endpoint' });
  await subscribe('https://fcm.googleapis.com/fcm/send/none');
  expect(await connection.api.pushKey()).toEqual({ publicKey, isSubscribed: true });
  await connection.api.unsubscribeFromPush();
  expect((await connection.api.pushKey()).isSubscribed).toBe(false);
});

/** What an ACP agent does ends neither the hub nor another agent, and is shown as it is (I19). */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { decideCall } from '@navisai/client';
import { type HubEvent, planSchema } from '@navisai/protocol';
import { type TestHub, until } from '@navisai/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startAgentHub } from './agent-hub.fixture.ts';

const file = fileURLToPath(new URL('acp-plain-agent.fixture.ts', import.meta.url));
const kinds = ['quick', 'hangs', 'asks', 'plans', 'fails', 'talks', 'dies'] as const;
const env = { ODD_KEY: 'sk-secret-of-mine' };
const acpAgents = Object.fromEntries(
  kinds.map((kind) => [kind, { command: process.execPath, args: [file, kind], env }]),
);
const deadlineMs = 60_000;

let agents: Awaited<ReturnType<typeof startAgentHub>>;
beforeAll(async () => {
  agents = await startAgentHub({ config: { acpAgents } });
});
afterAll(() => agents[Symbol.asyncDispose]());

const begin = async (acpAgent: (typeof kinds)[number]) => {
  const { host } = agents.hub;
  const { id } = await host.api.createSession({ body: { kind: 'acp', agent: { acpAgent } } });
  const events: HubEvent[] = [];
  host.live().followSession(id, { onEvent: (event) => events.push(event) }, { after: 0 });
  const end = (count = 1) =>
    until('the run ends', () => events.filter((event) => event.type === 'stream_end')[count - 1]?.data, deadlineMs);
  const said = () =>
    events
      .flatMap((event) => (event.type === 'stream_delta' && event.data.seq !== undefined ? [event.data.text] : []))
      .join('');
  const say = (text: string) => host.api.sendMessage({ params: { id }, body: { text } });
  return { id, events, end, said, say };
};

const logOf = ({ home }: TestHub): string => {
  const folder = join(home, 'logs');
  return readdirSync(folder)
    .map((name) => readFileSync(join(folder, name), 'utf8'))
    .join('');
};

test('I19, N9: a plan is kept as large as it may be; one that cannot be kept ends nothing, least of all the hub', async () => {
  const { hub } = agents;
  const large = await begin('plans');
  const now = join(hub.userHome, 'now');
  writeFileSync(now, '');
  await large.say(now);
  expect(await large.end()).toMatchObject({ reason: 'completed' });
  const plan = large.events.find(({ type }) => type === 'plan');
  expect(planSchema.safeParse(plan?.data)).toMatchObject({ success: true, data: { entries: { length: 100 } } });

  const late = await begin('plans');
  const later = join(hub.userHome, 'later');
  await late.say(later);
  await until('it has begun', () => late.said() === 'begun ', deadlineMs);
  {
    using store = new DatabaseSync(join(hub.home, 'store', 'navis.db'), { timeout: 10_000 });
    store.exec('begin immediate');
    writeFileSync(later, '');
    await until('it is logged', () => logOf(hub).includes('the plan of an agent could not be shown'), deadlineMs);
    store.exec('rollback');
  }
  expect(await late.end()).toMatchObject({ reason: 'completed' });
  expect(late.said()).toBe('begun done');
});

test('I19, A1: while an agent waits for permission its conversation says so', async () => {
  const { api } = agents.hub.host;
  const { id, end, said, say } = await begin('asks');
  const now = async () => {
    const [run] = (await api.runs({ params: { id }, query: {} })).runs;
    return { activity: (await api.session({ params: { id } })).activity, state: run?.state };
  };
  await say('go');
  const approval = await until(
    'it asks',
    async () => (await api.pendingApprovals()).approvals.find((one) => one.kind === 'call'),
    deadlineMs,
  );
  await expect.poll(now).toEqual({ activity: 'waiting', state: 'waiting' });
  await decideCall(agents.hub.host, { approval, grant: 'once' });
  expect(await end()).toMatchObject({ reason: 'completed' });
  expect(said()).toBe('yes done');
  await expect.poll(now).toEqual({ activity: null, state: 'completed' });
});

test('I19, T29: an agent that ends is told with the last of what it said, without what is secret', async () => {
  const fails = await begin('fails');
  await fails.say('go');
  const { reason, error } = await fails.end();
  expect(reason).toBe('failed');
  expect(error?.message).toMatch(
    /could not be started with: [^ ]+\. The last that it said: FATAL: there is no configuration$/,
  );

  const dies = await begin('dies');
  await dies.say('go');
  expect(await dies.end()).toMatchObject({
    reason: 'interrupted',
    error: { message: expect.stringMatching(/has ended\..*long before there is no credit for \[hidden\]$/) },
  });
});

test('I19: the end of an agent is heard though what it started goes on with its standard error', async () => {
  const talks = await begin('talks');
  await talks.say('go');
  expect(await talks.end()).toMatchObject({
    reason: 'interrupted',
    error: { message: expect.stringMatching(/has ended\.$/) },
  });
});

test('I19: of many agents at rest those leave that rested longest; one at work stays', async () => {
  const { api } = agents.hub.host;
  const atWork = await begin('hangs');
  await atWork.say('go');
  await until('it runs', () => atWork.events.some(({ type }) => type === 'stream_start'), deadlineMs);
  const rested = async () => {
    const one = await begin('quick');
    await one.say('go');
    expect(await one.end()).toMatchObject({ reason: 'completed' });
    return one;
  };
  const again = await rested();
  const longest = await rested();
  await again.say('go again');
  expect(await again.end(2)).toMatchObject({ reason: 'completed' });
  for (let number = 3; number < 21; number += 1) await rested();
  const isThere = async ({ id }: { id: string }) =>
    (await api.session({ params: { id } })).terminals.some(({ name }) => name.startsWith('acp-'));
  await expect.poll(() => isThere(longest)).toBe(false);
  expect(await Promise.all([atWork, again].map(isThere))).toEqual([true, true]);
  expect(atWork.events.filter(({ type }) => type === 'stream_end')).toEqual([]);
  await api.stopRun({ params: { id: atWork.id } });
  expect(await atWork.end()).toMatchObject({ reason: 'stopped' });
}, 240_000);

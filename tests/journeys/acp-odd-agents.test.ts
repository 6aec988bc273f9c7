/** ACP agents that crash, talk nonsense or much: the run ends as it should, and the next prompt works (I19). */
import { fileURLToPath } from 'node:url';
import type { HubEvent } from '@navisai/protocol';
import { type TestHub, until } from '@navisai/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startAgentHub } from './agent-hub.fixture.ts';

const file = fileURLToPath(new URL('acp-odd-agent.fixture.ts', import.meta.url));
const memories = ['loads', 'resumes', 'lost', 'forgets'] as const;
const kinds = ['crash', 'refuse', 'garbage', 'terminals', 'many', ...memories] as const;
const acpAgents = Object.fromEntries(kinds.map((kind) => [kind, { command: process.execPath, args: [file, kind] }]));
const deadlineMs = 60_000;

let agents: Awaited<ReturnType<typeof startAgentHub>>;
beforeAll(async () => {
  agents = await startAgentHub({ config: { acpAgents } });
});
afterAll(() => agents[Symbol.asyncDispose]());

const follow = (hub: TestHub, sessionId: string): HubEvent[] => {
  const events: HubEvent[] = [];
  hub.host.live().followSession(sessionId, { onEvent: (event) => events.push(event) }, { after: 0 });
  return events;
};

const saidIn = (events: readonly HubEvent[]): string =>
  events
    .flatMap((event) => (event.type === 'stream_delta' && event.data.seq !== undefined ? [event.data.text] : []))
    .join('');

const begin = async (acpAgent: (typeof kinds)[number]) => {
  const { hub } = agents;
  const { id } = await hub.host.api.createSession({ body: { kind: 'acp', agent: { acpAgent } } });
  const events = follow(hub, id);
  const end = (count = 1) =>
    until('the run ends', () => events.filter((event) => event.type === 'stream_end')[count - 1]?.data, deadlineMs);
  const said = () => saidIn(events);
  const say = (text: string) => hub.host.api.sendMessage({ params: { id }, body: { text } });
  return { id, events, end, said, say };
};

test('I19: an agent that crashes ends its run honestly, and is started anew for the next prompt', async () => {
  const { end, say } = await begin('crash');
  await say('go');
  expect(await end()).toMatchObject({ reason: 'interrupted', error: { message: expect.stringContaining('ended') } });
  await say('go again');
  expect(await end(2)).toMatchObject({ reason: 'interrupted' });
});

test('I19: what an agent gives as its reason is told', async () => {
  const { end, say } = await begin('refuse');
  await say('go');
  expect(await end()).toMatchObject({
    reason: 'failed',
    error: { message: expect.stringContaining('no more credit') },
  });
});

test('I19: nonsense and lines without end are left out', async () => {
  const { end, said, say } = await begin('garbage');
  await say('go');
  expect(await end()).toMatchObject({ reason: 'completed' });
  expect(said()).toBe('done');
});

test('I19: its terminals are Navis terminals; what it opened it may end unasked', async () => {
  const { end, said, say } = await begin('terminals');
  await say('go');
  expect(await end()).toMatchObject({ reason: 'completed' });
  expect(said()).toBe("it is here' 0 done");
  expect((await agents.hub.host.api.pendingApprovals()).approvals).toEqual([]);
});

test('I19: an agent that says much is heard to the end', async () => {
  const { end, said, say } = await begin('many');
  await say('go');
  expect(await end()).toMatchObject({ reason: 'completed' });
  expect(said()).toHaveLength(20_004);
});

const ends = (events: readonly HubEvent[], count: number) =>
  until('the run ends', () => events.filter(({ type }) => type === 'stream_end').length === count, deadlineMs);

test('I19: after a restart of the hub an agent goes on with its conversation, and one that cannot is told of once', async () => {
  const begun = await Promise.all(
    memories.map(async (kind) => {
      const { id, events, end, said, say } = await begin(kind);
      await say('remember this');
      expect(await end()).toMatchObject({ reason: 'completed' });
      const first = said();
      expect(first).toMatch(/^new of \S+ done$/);
      return { kind, id, events, first, own: first.slice('new '.length, -' done'.length) };
    }),
  );
  await agents.hub.stopKeeping();
  await agents.hub.start();
  const { api } = agents.hub.host;
  const again = async ({ kind, id, events, first, own }: (typeof begun)[number]) => {
    for (const count of [2, 3]) {
      await api.sendMessage({ params: { id }, body: { text: 'what was it?' } });
      await ends(events, count);
    }
    const notices = events.flatMap((event) => (event.type === 'stream_notice' ? [event.data.text] : []));
    return { kind, said: saidIn(events).slice(first.length).replaceAll(own, 'its own'), notices };
  };
  const about = (how: string) => [expect.stringContaining(how)];
  expect(await Promise.all(begun.map(again))).toEqual([
    { kind: 'loads', said: 'loaded its own doneloaded its own done', notices: [] },
    { kind: 'resumes', said: 'resumed its own doneresumed its own done', notices: [] },
    { kind: 'lost', said: expect.stringMatching(/^(new of \S+ done){2}$/), notices: about('no longer has') },
    { kind: 'forgets', said: expect.stringMatching(/^(new of \S+ done){2}$/), notices: about('cannot take up') },
  ]);
});

/** How ACP agents are started and stopped, and what the person hears of it (I19). */
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { HubEvent } from '@navisai/protocol';
import { until } from '@navisai/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startAgentHub } from './agent-hub.fixture.ts';

const file = fileURLToPath(new URL('acp-strict-agent.fixture.ts', import.meta.url));
const kinds = ['login', 'future', 'slow', 'deaf', 'where', 'late'] as const;
type Kind = (typeof kinds)[number];
const folder = mkdtempSync(join(tmpdir(), 'acp-'));
const socketOf = (kind: Kind): string => join(folder, kind);
const acpAgents = Object.fromEntries(
  kinds.map((kind) => [kind, { command: process.execPath, args: [file, kind, socketOf(kind)] }]),
);
const deadlineMs = 60_000;

/** What the processes of one agent did, and how many of them live: their numbers mean nothing outside of their sandbox. */
interface Deeds {
  told: string;
  living: number;
}

const witness = async (kind: Kind, opened: AsyncDisposableStack): Promise<[Kind, Deeds]> => {
  const deeds: Deeds = { told: '', living: 0 };
  const server = createServer((socket) => {
    deeds.living += 1;
    socket.setEncoding('utf8').on('data', (text: string) => void (deeds.told += text));
    socket.on('error', () => undefined).on('close', () => void (deeds.living -= 1));
  });
  await new Promise<void>((resolve) => void server.listen(socketOf(kind), resolve));
  opened.use(server);
  return [kind, deeds];
};

const opened = new AsyncDisposableStack();
let deeds: Record<Kind, Deeds>;
let agents: Awaited<ReturnType<typeof startAgentHub>>;
beforeAll(async () => {
  opened.defer(() => rmSync(folder, { recursive: true }));
  const witnessed = await Promise.all(kinds.map((kind) => witness(kind, opened)));
  deeds = Object.fromEntries(witnessed) as Record<Kind, Deeds>;
  agents = opened.use(await startAgentHub({ config: { acpAgents } }));
});
afterAll(() => opened.disposeAsync());

const did = (kind: Kind, what: string): boolean => deeds[kind].told.includes(`${what}\n`);

const begin = async (acpAgent: Kind) => {
  const { host } = agents.hub;
  const { id } = await host.api.createSession({ body: { kind: 'acp', agent: { acpAgent } } });
  const events: HubEvent[] = [];
  host.live().followSession(id, { onEvent: (event) => events.push(event) }, { after: 0 });
  const end = (count = 1) =>
    until('the run ends', () => events.filter((event) => event.type === 'stream_end')[count - 1]?.data, deadlineMs);
  const said = (kind: 'text' | 'tool_call' = 'text') =>
    events
      .flatMap((event) => (event.type === 'stream_delta' && event.data.seq !== undefined ? [event.data] : []))
      .flatMap((data) => (data.kind === kind ? [data.text] : []))
      .join('');
  const say = (text: string) => host.api.sendMessage({ params: { id }, body: { text } });
  const stop = () => host.api.stopRun({ params: { id } });
  return { end, said, say, stop };
};

test('I19: Stop while an agent starts ends it; it never hears what was said', async () => {
  const { end, say, stop } = await begin('slow');
  await say('go');
  await until('it starts', () => did('slow', 'asked for a session'), deadlineMs);
  await stop();
  expect(await end()).toMatchObject({ reason: 'stopped', error: null });
  await until('it is ended or prompted', () => deeds.slow.living === 0 || did('slow', 'prompted'), deadlineMs);
  expect(did('slow', 'prompted')).toBe(false);
  await say('go again');
  expect(await end(2)).toMatchObject({ reason: 'completed' });
});

test('I19: an agent that does not listen to Stop is ended; the next message starts it anew, and it goes on', async () => {
  const { end, said, say, stop } = await begin('deaf');
  await say('go');
  await until('it acts', () => did('deaf', 'prompted'), deadlineMs);
  await stop();
  expect(await end()).toMatchObject({ reason: 'stopped', error: null });
  await expect.poll(() => deeds.deaf.living).toBe(0);
  expect(did('deaf', 'told to stop')).toBe(true);
  const own = /^new (of \S+) $/.exec(said())?.[1];
  await say('go on');
  expect(await end(2)).toMatchObject({ reason: 'completed' });
  expect(said()).toBe(`new ${own} resumed ${own} `);
});

test('I19: without a directory an agent works in the home directory', async () => {
  const { end, said, say } = await begin('where');
  await say('go');
  expect(await end()).toMatchObject({ reason: 'completed' });
  expect(said()).toBe(`${realpathSync(agents.hub.userHome)} `);
});

test('I19: an agent that is not logged in says so, and the person hears what to do', async () => {
  const { end, say } = await begin('login');
  await say('go');
  const { reason, error } = await end();
  expect(reason).toBe('failed');
  expect(error?.message).toMatch(/run login first.* log in with it in a terminal/);
  expect(error?.message).not.toContain('installed');
});

test('I19: an agent of another version of the protocol is left, and told of', async () => {
  const { end, say } = await begin('future');
  await say('go');
  expect(await end()).toMatchObject({ reason: 'failed', error: { message: expect.stringContaining('version 99') } });
  await expect.poll(() => deeds.future.living).toBe(0);
  expect(did('future', 'asked for a session')).toBe(false);
});

test('I19: what a call was given is shown when the agent tells it later', async () => {
  const { end, said, say } = await begin('late');
  await say('go');
  expect(await end()).toMatchObject({ reason: 'completed' });
  expect(JSON.parse(said('tool_call'))).toEqual({ title: '`touch it`', input: { command: 'touch it' } });
});

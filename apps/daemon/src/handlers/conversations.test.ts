/** Conversations over HTTP: what is repeated is one, what is slow slows nobody, what is served cannot act (A3, A8, N9). */
import { newId } from '@navisai/protocol';
import { type ModelServer, startModelServer, until } from '@navisai/testkit';
import { expect, test } from 'vitest';
import { maxWaiting } from '../agents/conversation/conversations.ts';
import { type HubBench, startHubBench } from '../hub-bench.fixture.ts';

interface Bench extends AsyncDisposable {
  bench: HubBench;
  model: ModelServer;
  session: string;
}

const startBench = async (): Promise<Bench> => {
  await using opened = new AsyncDisposableStack();
  const model = opened.use(await startModelServer());
  const bench = opened.use(await startHubBench());
  const baseUrl = model.baseUrl('openai-compatible');
  const provider = { id: 'scripted', kind: 'openai-compatible', baseUrl, models: [{ id: 'scripted' }] };
  expect((await bench.call('POST', '/models', provider)).status).toBe(200);
  const { body } = await bench.call('POST', '/sessions', { kind: 'agent' });
  const kept = opened.move();
  return { bench, model, session: String(body.id), [Symbol.asyncDispose]: () => kept.disposeAsync() };
};

const atRest = ({ bench, session }: Bench): Promise<unknown> =>
  until('the run does not end', async () => (await bench.call('GET', `/sessions/${session}`)).body.activity === null);

const events = async ({ bench, session }: Bench): Promise<{ type: string; data: Record<string, unknown> }[]> => {
  const { body } = await bench.call('GET', `/sessions/${session}/events?limit=500`);
  return body.events as { type: string; data: Record<string, unknown> }[];
};

test('A3: a message that is sent many times with one id is said and answered once', async () => {
  await using given = await startBench();
  const { bench, model, session } = given;
  model.script(() => ({ text: 'Once.' }));
  const body = { messageId: newId('message'), text: 'Hello' };
  const send = () => bench.call('POST', `/sessions/${session}/messages`, body);
  const answers = await Promise.all(Array.from({ length: 20 }, send));
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
  expect(new Set(answers.map((answer) => answer.body.runId)).size).toBe(1);
  await atRest(given);
  expect((await send()).body).toMatchObject({ messageId: body.messageId, outcome: 'started' });
  const types = (await events(given)).map(({ type }) => type);
  expect(types.filter((type) => type === 'message' || type === 'stream_start')).toEqual(['message', 'stream_start']);
  expect(model.requests).toHaveLength(1);
});

test('N9: a viewer who does not read slows no run, and has the whole text when it reads again', async () => {
  await using given = await startBench();
  const { bench, model, session } = given;
  const words = Array.from({ length: 3000 }, (_, index) => `w${index} `);
  model.script(() => ({ text: words }));
  const stop = new AbortController();
  const { feed } = bench.hub.services;
  const slow = feed.follow({ stream: session, after: 0, signal: stop.signal });
  await slow.next();
  await bench.call('POST', `/sessions/${session}/messages`, { text: 'Talk.' });
  await atRest(given);
  let text = '';
  for await (const item of slow) {
    if (item.kind === 'live') continue;
    const { event } = item.event;
    if (event.type === 'stream_delta') text = text.slice(0, event.data.offset) + event.data.text;
    if (event.type === 'stream_end') stop.abort();
  }
  expect(text).toBe(words.join(''));
  expect((await events(given)).filter(({ type }) => type === 'stream_delta')).toHaveLength(1);
});

test('A3: what waits for a run is bounded, and the bound is told', async () => {
  await using given = await startBench();
  const { bench, model, session } = given;
  model.script({ hang: true });
  const send = (text: string) => bench.call('POST', `/sessions/${session}/messages`, { text });
  await send('Think.');
  for (let index = 0; index < maxWaiting; index += 1) expect((await send(`and ${index}`)).body.outcome).toBe('queued');
  expect(await send('one too many')).toMatchObject({ status: 429, body: { code: 'RATE_LIMITED' } });
  expect((await bench.call('POST', `/sessions/${session}/stop`)).body).toEqual({ stopped: true });
  model.script(() => ({ text: 'All of it.' }));
  expect((await send('Now.')).body.outcome).toBe('started');
  await atRest(given);
  expect(model.requests.at(-1)?.said).toContain(`and ${maxWaiting - 1}`);
});

test('A8: a file is served as a download that can do nothing', async () => {
  await using given = await startBench();
  const { bench, session } = given;
  const data = Buffer.from('<script>').toString('base64');
  const attached = { name: 'a "b"\r\nx: ü.html', mediaType: 'text/html', data };
  const { body } = await bench.call('POST', `/sessions/${session}/attachments`, attached);
  const { headers, text } = await bench.call('GET', `/sessions/${session}/contents/${String(body.id)}`);
  expect(text).toBe('<script>');
  expect(headers).toMatchObject({
    'content-type': 'application/octet-stream',
    'content-disposition': "attachment; filename*=UTF-8''a%20%22b%22%0D%0Ax%3A%20%C3%BC.html",
    'x-content-type-options': 'nosniff',
    'content-security-policy': "sandbox; default-src 'none'",
  });
  const large = { ...attached, data: Buffer.alloc(5 * 1024 * 1024 + 1).toString('base64') };
  expect((await bench.call('POST', `/sessions/${session}/attachments`, large)).status).toBe(413);
});

test('A3: what has no end in a closed session is stopped with it', async () => {
  await using given = await startBench();
  const { bench, model, session } = given;
  model.script({ hang: true });
  await bench.call('POST', `/sessions/${session}/messages`, { text: 'Think.' });
  await until('the model is not asked', () => model.open === 1);
  expect((await bench.call('DELETE', `/sessions/${session}`)).status).toBe(204);
  await until('the model is still asked', () => model.open === 0);
  expect((await bench.call('POST', `/sessions/${session}/messages`, { text: 'x' })).status).toBe(404);
});

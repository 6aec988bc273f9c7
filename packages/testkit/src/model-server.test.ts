import { modelProviderKinds } from '@navisai/protocol';
import { expect, test } from 'vitest';
import { startModelServer } from './model-server.ts';
import { until } from './until.ts';

const post = (url: string, body: unknown, signal?: AbortSignal): Promise<Response> =>
  fetch(url, { method: 'POST', body: JSON.stringify(body), signal });

test.each(modelProviderKinds)('A4: a scripted turn comes in the shape of %s, and the request is kept', async (kind) => {
  await using server = await startModelServer([
    { text: 'hello there', calls: [{ tool: 'open', arguments: { a: 1 } }] },
  ]);
  const answer = await post(`${server.baseUrl(kind)}/anything?stream`, {
    model: 'm',
    stream: true,
    messages: [{ role: 'user', content: [{ type: 'text', text: 'say hello' }] }],
  });
  const text = await answer.text();
  expect(text).toContain('hello');
  expect(text).toContain('"open"');
  expect(server.requests).toMatchObject([{ kind, said: 'say hello' }]);
});

test.each(modelProviderKinds)(
  'A4: %s: who asks for no stream gets the turn at once, and counting uses no turn',
  async (kind) => {
    await using server = await startModelServer([
      { text: 'hello there', calls: [{ tool: 'open', arguments: { a: 1 } }] },
    ]);
    await post(`${server.baseUrl(kind)}/messages/count_tokens`, {});
    const answer = await post(`${server.baseUrl(kind)}/anything`, { model: 'm' });
    expect(answer.headers.get('content-type')).toBe('application/json');
    const text = JSON.stringify(await answer.json());
    for (const words of ['hello there', '"open"']) expect(text).toContain(words);
  },
);

test('A4: scripts are chosen by what a request says, and a request without a turn is refused', async () => {
  await using server = await startModelServer([{ text: 'anyone' }]);
  server.script([{ text: 'first' }, { text: 'second' }], 'task "one"');
  server.script(({ said }) => ({ text: `echo ${said}` }), /two/);
  const ask = async (content: string): Promise<string> => {
    const url = `${server.baseUrl('openai-compatible')}/chat/completions`;
    const text = await (await post(url, { stream: true, messages: [{ role: 'user', content }] })).text();
    return [...text.matchAll(/"content":"([^"]*)"/g)].map(([, piece]) => piece).join('');
  };
  expect(await Promise.all([ask('task "one"'), ask('two')])).toEqual(['first', 'echo two']);
  expect([await ask('task "one"'), await ask('three')]).toEqual(['second', 'anyone']);
  const refused = await post(`${server.baseUrl('openai')}/responses`, {});
  expect(refused.status).toBe(400);
});

test('A4: an answer can be held back, cut, refused and never given', async () => {
  await using server = await startModelServer();
  const url = `${server.baseUrl('anthropic')}/messages`;
  let release = (): void => undefined;
  const after = new Promise<void>((resolve) => (release = resolve));
  const turns = [{ text: 'late', after }, { text: 'one two three', cutAfter: 2 }, { status: 529 }, { hang: true }];
  server.script(turns);
  const held = post(url, { stream: true });
  await until('the request came', () => server.requests.length === 1);
  release();
  expect(await (await held).text()).toContain('late');
  const cut = await post(url, { stream: true });
  await expect(cut.text()).rejects.toThrow();
  expect((await post(url, { stream: true })).status).toBe(529);
  const hanging = new AbortController();
  const never = post(url, { stream: true }, hanging.signal);
  await until('the request came', () => server.requests.length === 4);
  hanging.abort();
  await expect(never).rejects.toThrow();
  await until('it was let go', () => server.open === 0);
});

/** Models as a person has them in the CLI: added by name, tried, preferred, removed; their keys are seen nowhere (A4, A8). */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RouteResponse } from '@navisai/protocol';
import { type ModelServer, startHub, startModelServer, type TestHub } from '@navisai/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cli, cliJson, openWindow } from './cli-process.fixture.ts';

const key = 'sk-journey-0123456789';

let hub: TestHub;
let server: ModelServer;
const cleanUp = new AsyncDisposableStack();
beforeAll(async () => {
  hub = cleanUp.use(await startHub());
  server = cleanUp.use(await startModelServer(() => ({ text: 'ready' })));
});
afterAll(() => cleanUp.disposeAsync());

const models = () => cliJson<RouteResponse<'models'>>(hub, ['models']);

test('A4, I12: without models the list says how to add one', async () => {
  const { exitCode, stdout } = await cli(hub, ['models']);
  expect(exitCode).toBe(0);
  expect(stdout).toContain('navisai models add ollama');
});

test('A4, I12: a server of ones own is added by its URL, tried and made the default', async () => {
  const url = server.baseUrl('openai-compatible');
  const added = await cli(hub, [
    'models',
    'add',
    'lab',
    '--url',
    url,
    '--model',
    'a/b:1',
    '--context',
    '8192',
    '--default',
  ]);
  expect(added).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('lab/a/b:1 answers') });
  expect(added.stderr).toContain('Default: lab/a/b:1');
  expect(server.requests.at(-1)?.headers['authorization']).toBeUndefined();
  expect(await models()).toMatchObject({
    providers: [{ id: 'lab', hasKey: false, models: [{ id: 'a/b:1', contextTokens: 8192 }] }],
    defaults: ['lab/a/b:1'],
  });
  const listed = await cli(hub, ['models', 'list']);
  expect(listed.stdout).toMatch(/^lab +openai-compatible +no +http/m);
});

test('A4, A8: a key comes from stdin, from the environment or from a prompt that shows nothing', async () => {
  const url = ['--url', server.baseUrl('anthropic')];
  const piped = await cli(hub, ['models', 'add', 'anthropic', ...url, '--key-stdin'], { input: `${key}-1\n` });
  expect(piped).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('anthropic/scripted answers') });
  expect(piped.stderr).toContain('navisai models default anthropic/scripted');
  expect(server.requests.at(-1)?.headers['x-api-key']).toBe(`${key}-1`);
  const environment = { NAVIS_MODEL_KEY: `${key}-2` };
  const json = ['models', 'add', 'openai', '--url', server.baseUrl('openai')];
  const document = await cliJson<{ provider: { hasKey: boolean }; test: { ok: boolean } }>(hub, json, { environment });
  expect(document).toMatchObject({ provider: { hasKey: true }, test: { ok: true } });
  expect(server.requests.at(-1)?.headers['authorization']).toBe(`Bearer ${key}-2`);
  await using window = openWindow(hub, ['models', 'add', 'google', '--url', server.baseUrl('google'), '--key']);
  await window.shows('Key of google');
  window.type(`${key}-3\r`);
  await window.shows('Use google/scripted by default?');
  window.type('\r');
  await window.shows('Default: google/scripted, then lab/a/b:1');
  expect(window.raw).not.toContain(key);
  expect(server.requests.at(-1)?.headers['x-goog-api-key']).toBe(`${key}-3`);
  expect((await models()).defaults).toEqual(['google/scripted', 'lab/a/b:1']);
  const printed = [await cli(hub, ['models']), await cli(hub, ['--json', 'models']), await cli(hub, ['logs']), piped];
  for (const { stdout, stderr } of printed) expect(stdout + stderr).not.toContain(key);
  expect(readFileSync(join(hub.home, 'logs', 'hub.log'), 'utf8')).not.toContain(key);
});

test('A4, I12: a refused key names the command that sets another, where the provider is known to be', async () => {
  await using picky = await startModelServer(({ headers }) =>
    headers['authorization'] === `Bearer ${key}-right` ? { text: 'ready' } : { status: 401 },
  );
  const url = picky.baseUrl('openai-compatible');
  const wrong = ['models', 'add', 'picky', '--url', url, '--model', 'scripted', '--key-stdin'];
  const refused = await cli(hub, wrong, { input: `${key}-wrong\n` });
  expect(refused).toMatchObject({ exitCode: 1, stdout: expect.stringContaining('navisai models add picky --key') });
  await using window = openWindow(hub, ['models', 'add', 'picky', '--key']);
  await window.shows('Key of picky');
  window.type(`${key}-right\r`);
  await window.shows('Use picky/scripted by default?');
  window.type('n\r');
  expect(await window.ended()).toBe(0);
  const { providers } = await models();
  expect(providers.find(({ id }) => id === 'picky')).toMatchObject({ baseUrl: url, hasKey: true });
  expect((await cli(hub, ['models', 'add', 'picky'])).exitCode).toBe(0);
  expect((await cli(hub, ['models', 'remove', 'picky'])).exitCode).toBe(0);
});

test('A4, I12: what does not answer is kept and told; defaults are set, shown and emptied; a provider is removed', async () => {
  const dead = await cli(hub, ['models', 'add', 'vllm', '--url', 'http://127.0.0.1:1/v1']);
  expect(dead).toMatchObject({ exitCode: 1, stdout: expect.stringContaining('http://127.0.0.1:1/v1') });
  expect((await cli(hub, ['models', 'test', 'lab'])).exitCode).toBe(0);
  expect((await cli(hub, ['models', 'test', 'vllm'])).exitCode).toBe(1);
  const set = await cliJson<{ defaults: string[] }>(hub, ['models', 'default', 'lab/a/b:1', 'openai/scripted']);
  expect(set.defaults).toEqual(['lab/a/b:1', 'openai/scripted']);
  expect((await cli(hub, ['models', 'remove', 'openai'])).exitCode).toBe(0);
  expect((await cli(hub, ['models', 'default'])).stdout).toBe('Default: lab/a/b:1\n');
  expect((await cli(hub, ['models', 'default', '--none'])).stdout).toContain('Default: none');
  expect((await cli(hub, ['models', 'remove', 'openai'])).exitCode).toBe(5);
});

test('A4, I12: what cannot be meant is refused before anything is done', async () => {
  const wrong = [
    ['add', 'mine'],
    ['add', 'Mine', '--url', 'http://127.0.0.1:1/v1'],
    ['add', 'mine', '--kind', 'openai-compatible'],
    ['add', 'openai'],
    ['add', 'lab', '--context', '5000'],
    ['default', 'lab'],
    ['default', 'lab/x', '--none'],
    ['default', 'nowhere/x'],
  ];
  for (const words of wrong) {
    const { exitCode } = await cli(hub, ['models', ...words]);
    expect({ words, exitCode }).toEqual({ words, exitCode: 2 });
  }
  const noAddress = await cli(hub, ['models', 'add', 'lab', '--url', 'ftp://x'], { input: '' });
  expect(noAddress).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('--url must be an address') });
  const empty = await cli(hub, ['models', 'add', 'openai', '--key-stdin'], { input: 'two words\n' });
  expect(empty.exitCode).toBe(2);
});

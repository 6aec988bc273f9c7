/** What a foreground hub says and asks in its terminal (I14). */
import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type HubBench, startHubBench } from '../hub-bench.fixture.ts';
import { newKeyPair } from '../run/identity.ts';
import { announce } from './announce.ts';
import { askToPair } from './ask-to-pair.ts';
import { openConsole } from './console.ts';
import { printable } from './printable.ts';

const openTalk = async (bench: HubBench, isTTY = true) => {
  const input = Object.assign(new PassThrough(), { isTTY });
  const output = Object.assign(new PassThrough(), { isTTY });
  let printed = '';
  output.on('data', (chunk: Buffer) => (printed += chunk.toString('utf8')));
  const console = openConsole({ input, output, isPlain: true });
  const announcement = { hub: bench.hub, console, commandName: 'navisai' };
  await announce(announcement);
  const asking = askToPair(announcement);
  return {
    type: (line: string) => input.write(`${line}\n`),
    printed: () => printed,
    token: () => [...printed.matchAll(/\/pair#([A-Za-z0-9_-]{22})/g)].at(-1)?.[1] ?? '',
    [Symbol.dispose]() {
      asking[Symbol.dispose]();
      console[Symbol.dispose]();
    },
  };
};

const knock = (bench: HubBench, token: string, name = 'Phone') =>
  bench.send({
    method: 'POST',
    path: '/pairing/request',
    json: { token, name, kind: 'browser', publicKey: newKeyPair().publicText },
  });

test('I14: it prints where the hub is and a link, asks about who knocks with name and code, and pairs on y', async () => {
  await using bench = await startHubBench();
  using talk = await openTalk(bench);
  expect(talk.printed()).toContain(`https://localhost:${bench.port}`);
  expect(talk.printed()).toContain('navisai trust');
  const asked = await knock(bench, talk.token());
  await expect.poll(talk.printed).toContain(String(asked.body.shortCode));
  expect(talk.printed()).toContain('Phone wants to be paired');
  talk.type('what?');
  await expect.poll(talk.printed).toContain('Please answer y or n.');
  talk.type('y');
  await expect.poll(talk.printed).toContain('Phone is paired.');
  expect((await bench.send({ path: '/status' })).body.pairing).toBe('PAIRED');
});

test('I14: n rejects, and Enter makes another link', async () => {
  await using bench = await startHubBench();
  using talk = await openTalk(bench);
  const first = talk.token();
  await knock(bench, first);
  await expect.poll(talk.printed).toContain('Pair it?');
  talk.type('n');
  await expect.poll(talk.printed).toContain('was not paired (rejected)');
  talk.type('');
  await expect.poll(talk.token).not.toBe(first);
  expect((await knock(bench, talk.token())).status).toBe(200);
});

test('I14: without a person at the terminal it asks nothing, and says how to decide', async () => {
  await using bench = await startHubBench();
  using talk = await openTalk(bench, false);
  await knock(bench, talk.token());
  await expect.poll(talk.printed).toContain('navisai approvals');
  expect(talk.printed()).not.toContain('y/n');
  expect(talk.printed()).not.toContain('\u001b[');
});

test('I14: names of clients cannot draw on the terminal', async () => {
  await using bench = await startHubBench();
  using talk = await openTalk(bench);
  await knock(bench, talk.token(), 'evil\u001b[2J\u202Ename\r\nPhone is paired.');
  await expect.poll(talk.printed).toContain('wants to be paired');
  expect(talk.printed()).not.toMatch(/\u001b\[2J|\u202e|\rPhone/);
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 300 }),
      (text) => !/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/u.test(printable(text)),
    ),
  );
});

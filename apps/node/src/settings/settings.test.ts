/** The settings of a node: which source wins, what is refused, what is never shown (N2, T29). */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { formatNodeKey } from '@navisai/protocol';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parseFlags } from './flags.ts';
import { parseHubUrl } from './hub-url.ts';
import { composeSettings, readSettings } from './settings.ts';

const key = formatNodeKey({ nodeId: 'n_test', hubId: 'H'.repeat(43), secret: 'SSSSSSSSSSSSSSSSSSSSSS' });

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nv-'));
  mkdirSync(join(folder, 'home/node'), { recursive: true });
  mkdirSync(join(folder, 'here'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const compose = (variables: Record<string, string> = {}, words: string[] = []) =>
  composeSettings({
    flags: parseFlags(['--home', join(folder, 'home'), ...words]),
    variables,
    workingDirectory: join(folder, 'here'),
  });

test('flags win over the environment, that over .env here, that over .env of the node', () => {
  writeFileSync(join(folder, 'home/node/.env'), `NODE_API_KEY=${key}\nNAVIS_HUB_URL=https://one.example.com\n`);
  expect(compose()).toMatchObject({ hubUrl: 'https://one.example.com' });
  expect(compose().key?.reveal().nodeId).toBe('n_test');
  writeFileSync(join(folder, 'here/.env'), 'export NAVIS_HUB_URL=two.example.com:8443 # here\nSECRET_OF_A_PROJECT=1\n');
  expect(compose()).toMatchObject({ hubUrl: 'https://two.example.com:8443' });
  expect(compose({ NAVIS_HUB_URL: 'wss://three.example.com' })).toMatchObject({ hubUrl: 'https://three.example.com' });
  const all = { NAVIS_HUB_URL: 'wss://three.example.com' };
  expect(compose(all, ['--hub', 'four.example.com'])).toMatchObject({ hubUrl: 'https://four.example.com' });
});

test('an empty line of the template counts as absent; T27: no allowed command is something else than none told', () => {
  writeFileSync(join(folder, 'home/node/.env'), 'NODE_API_KEY=\nNAVIS_HUB_URL=\nTERMINAL_ALLOWED_COMMANDS=\n');
  expect(compose()).toMatchObject({ key: undefined, hubUrl: undefined, allowedCommands: '' });
  rmSync(join(folder, 'home/node/.env'));
  mkdirSync(join(folder, 'here/.env'));
  expect(compose().allowedCommands).toBeUndefined();
});

test('T29: the key is taken out of the environment and never shown', () => {
  const before = process.env['NODE_API_KEY'];
  process.env['NODE_API_KEY'] = key;
  const settings = readSettings(parseFlags(['--home', join(folder, 'home')]));
  expect(process.env['NODE_API_KEY']).toBeUndefined();
  expect(settings.key?.reveal().secret).toBe('SSSSSSSSSSSSSSSSSSSSSS');
  expect(`${JSON.stringify(settings)}${inspect(settings, { depth: 9 })}${String(settings.key)}`).not.toContain('SSSSS');
  if (before !== undefined) process.env['NODE_API_KEY'] = before;
});

test.each([
  [{ NODE_API_KEY: 'navis1.n_test.half' }, 'NODE_API_KEY is not a node key'],
  [{ NAVIS_HUB_URL: 'http://hub.example.com' }, 'NAVIS_HUB_URL must be the address'],
  [{ NAVIS_NODE_TLS: 'none' }, 'NAVIS_NODE_TLS must be hub or proxy'],
  [{ NAVIS_NODE_IDLE_SECONDS: '0' }, 'NAVIS_NODE_IDLE_SECONDS must be'],
  [{ NAVIS_NODE_LOG_LEVEL: 'loud' }, 'NAVIS_NODE_LOG_LEVEL must be'],
])('%j is refused by name', (variables, message) => {
  expect(() => compose(variables)).toThrow(message);
});

test.each([
  [['--hub']],
  [['--hub', '']],
  [['dance']],
  [['status', 'now']],
  [['service']],
  [['service', 'dance']],
  [['--key', 'x']],
])('the command line %j is refused', (words) => {
  expect(() => parseFlags(words)).toThrow();
});

test('whatever is given as an address, the answer is an origin with https or a refusal', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.webUrl(), fc.domain()), (text) => {
      let origin: string;
      try {
        origin = parseHubUrl(text, 'hub');
      } catch (error) {
        expect(error).toMatchObject({ code: 'INVALID_ARGUMENT', field: 'hub' });
        return;
      }
      expect(new URL(origin)).toMatchObject({ protocol: 'https:', origin, pathname: '/' });
    }),
  );
});

/** The log: bounded, without secrets, and never a reason to fail. */
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openRotatingFile } from '@navisai/service';
import { newTestHome, startHubBench } from '../hub-bench.fixture.ts';
import { openLog } from './logger.ts';

test('a full file is set aside, the oldest goes, and the last lines are found across files', () => {
  using home = newTestHome();
  using file = openRotatingFile(join(home.path, 'hub.log'), 1000);
  for (let index = 0; index < 1000; index += 1) file.write(`line ${String(index).padStart(4, '0')}\n`);
  expect(readdirSync(home.path).toSorted()).toEqual(['hub.log', 'hub.log.1', 'hub.log.2', 'hub.log.3', 'hub.log.4']);
  for (const name of readdirSync(home.path)) expect(statSync(join(home.path, name)).size).toBeLessThanOrEqual(1000);
  expect(file.tail(150)).toEqual(
    Array.from({ length: 150 }, (_, index) => `line ${String(850 + index).padStart(4, '0')}`),
  );
  expect(file.tail(1_000_000).at(0)).not.toBe('line 0000');
});

test('a log that cannot be written is no failure', () => {
  using home = newTestHome();
  mkdirSync(join(home.path, 'hub.log'));
  using file = openRotatingFile(join(home.path, 'hub.log', 'x', 'y'));
  file.write('lost\n');
  expect(file.tail(5)).toEqual([]);
  writeFileSync(join(home.path, 'other'), '');
});

test('secrets are blotted out wherever they stand in a line', () => {
  using home = newTestHome();
  using logs = openLog(home.path, 'info');
  logs.log.info(
    {
      token: 'hush',
      request: { headers: { authorization: 'hush' } },
      device: { privateKey: 'hush' },
      body: { key: 'hush' },
    },
    'said',
  );
  expect(logs.tail(1)[0]).toContain('[secret]');
  expect(logs.tail(1)[0]).not.toContain('hush');
});

test('I13: neither credentials nor queries of sockets are ever in the log', async () => {
  await using bench = await startHubBench({ config: { logLevel: 'debug' } });
  await bench.call('GET', '/sessions?limit=7');
  await bench.send({ path: '/ws?deviceId=d_aaaa&signature=SECRETSIGNATURE&nonce=SECRETNONCE' });
  await bench.send({ path: '/sessions', headers: { authorization: 'Navis SECRETHEADER' } });
  const log = readFileSync(join(bench.home, 'logs', 'hub.log'), 'utf8');
  expect(log).toContain('"route":"/sessions"');
  expect(log).not.toMatch(/SECRET|signature=|nonce=/);
});

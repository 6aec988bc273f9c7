import { chmodSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { startHub, until, type TestHub } from '@navisai/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cli, cliJson, startCli } from './cli-process.fixture.ts';

interface Report {
  healthy: boolean;
  findings: { check: string; state: string; message: string; remedy?: string }[];
}

let hub: TestHub;
beforeAll(async () => {
  hub = await startHub();
});
afterAll(() => hub[Symbol.asyncDispose]());

const doctor = async (): Promise<{ exitCode: number | null; report: Report }> => {
  const { exitCode, stdout } = await cli(hub, ['doctor', '--json']);
  return { exitCode, report: JSON.parse(stdout) as Report };
};
const finding = (report: Report, check: string) => report.findings.find((one) => one.check === check);

test('I12: doctor finds nothing broken on a healthy hub, and changes nothing', async () => {
  const { exitCode, report } = await doctor();
  // A8: a test home has no session with a keyring.
  expect(finding(report, 'model keys')).toMatchObject({ state: 'ok', message: expect.stringContaining('models.key') });
  expect(report.findings.filter(({ state }) => state === 'problem')).toEqual([]);
  expect([exitCode, report.healthy]).toEqual([0, true]);
  for (const check of ['Node.js', 'home folder', 'configuration', 'disk', 'hub', 'store', 'clock', 'terminals'])
    expect(finding(report, check)).toMatchObject({ state: 'ok' });
  expect(existsSync(join(hub.userHome, '.pki'))).toBe(false);
});

test('I12: each problem comes with a remedy, and exit code 1', async () => {
  chmodSync(hub.home, 0o755);
  writeFileSync(join(hub.home, 'config.json'), '{"port":0}');
  const { exitCode, report } = await doctor();
  expect([exitCode, report.healthy]).toEqual([1, false]);
  expect(finding(report, 'home folder')).toMatchObject({
    state: 'problem',
    remedy: expect.stringContaining('chmod') as string,
  });
  expect(finding(report, 'configuration')).toMatchObject({ state: 'problem', remedy: expect.any(String) as string });
  chmodSync(hub.home, 0o700);
  writeFileSync(join(hub.home, 'config.json'), '{}');
});

const hasCertutil = spawnSync('certutil', ['-H']).error === undefined;

test.skipIf(!hasCertutil)(
  'issue 2: trust puts the CA of the running hub into the browsers of this person, and takes it out',
  async () => {
    const trusted = await cliJson<{ outcomes: { state: string; title: string }[] }>(hub, ['trust', '--no-system']);
    expect(trusted.outcomes).toMatchObject([{ title: 'Chromium and Chrome', state: 'added' }]);
    expect(finding((await doctor()).report, 'trust')).toMatchObject({ state: 'ok' });
    expect((await cli(hub, ['trust', '--no-system'])).stdout).toContain('Nothing had to be changed');
    expect((await cli(hub, ['trust', '--no-system', '--remove'])).exitCode).toBe(0);
    expect(existsSync(join(hub.userHome, '.pki'))).toBe(false);
  },
);

test('I12: the shell completes names of terminals and ids of sessions', async () => {
  await cliJson(hub, ['terminal', 'open', 'webserver', '--description', 'dev server', '--', 'sleep 600']);
  const complete = async (...words: string[]) => (await cli(hub, ['__complete', ...words])).stdout;
  expect(await complete('attach', 'web')).toBe('webserver\tdev server\n');
  const { id } = await cliJson<{ id: string }>(hub, ['sessions', 'new', '--title', 'second']);
  expect(await complete('terminal', 'list', '--session', id.slice(0, 4))).toContain(`${id}\tsecond`);
  expect(await complete('terminal', 'close', '--session', id, '')).toBe('');
});

test('I12: logs follow the hub through its restart', async () => {
  const running = startCli(hub, ['logs', '--follow', '--tail', '1']);
  await until('the last line', () => running.stdout !== '');
  await hub.stopKeeping();
  await hub.start();
  await until(
    'the lines of both',
    () => running.stdout.includes('the hub stops') && running.stdout.includes('the hub is up'),
  );
  running.child.kill('SIGINT');
  expect((await running.ended).exitCode).toBe(0);
});

test('I17: in degraded mode status says what is wrong, with exit code 7, and the rest refuses', async () => {
  await hub.stopKeeping();
  writeFileSync(join(hub.home, 'store', 'navis.db'), 'this is not a database'.repeat(100));
  await hub.start();
  const status = await cli(hub, ['status']);
  expect(status.exitCode).toBe(7);
  expect(status.stdout).toContain('degraded');
  expect((await cli(hub, ['sessions'])).exitCode).toBe(7);
  expect(finding((await doctor()).report, 'store')).toMatchObject({
    state: 'problem',
    remedy: expect.any(String) as string,
  });
});

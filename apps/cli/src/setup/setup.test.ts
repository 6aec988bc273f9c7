/** What setup would write and show: unit files that systemd accepts, settings that leave the rest alone, one line of sudo (I4). */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readBridgeSetting, removeBridgeSetting, writeBridgeSetting } from './bridge-setting.ts';
import { bridgeServiceStep } from './bridge-steps.ts';
import { bridgePlist, hubPlist } from './launchd-plists.ts';
import type { ServiceManager } from './service-manager.ts';
import { gatherFacts } from './setup-facts.ts';
import {
  bridgeSocketName,
  bridgeSocketUnit,
  bridgeUnit,
  bridgeUnitName,
  hubUnit,
  hubUnitName,
  systemBridgeUnit,
} from './systemd-units.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ns-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const factsIn = (home: string) => ({
  runtime: process.execPath,
  hubProgram: '/opt/na vis/main.js',
  bridgeProgram: '/opt/na vis/bridge.js',
  home,
  port: 443,
});

const hasAnalyze = spawnSync('systemd-analyze', ['--version']).error === undefined;

test.skipIf(!hasAnalyze)(
  'I4, N13: systemd accepts every unit file without a remark, whatever the folders are called',
  () => {
    const home = '/home/a "b" 100% $HOME \\n/.navis';
    const facts = factsIn(home);
    const units = mkdtempSync(join(folder, 'units-'));
    const write = (name: string, text: string) => {
      const path = join(units, name);
      writeFileSync(path, text);
      return path;
    };
    const user = [write(hubUnitName, hubUnit(facts)), write(bridgeUnitName, bridgeUnit(facts))];
    const verify = (words: string[]) =>
      spawnSync('systemd-analyze', ['verify', '--man=no', ...words], {
        encoding: 'utf8',
        env: { PATH: process.env.PATH },
      });
    for (const path of user) expect(verify([path]).stderr).toBe('');
    const system = [
      write(bridgeSocketName, bridgeSocketUnit(facts)),
      write(bridgeUnitName, systemBridgeUnit({ ...facts, user: 'root' })),
    ];
    expect(verify(system).stderr).toBe('');
  },
);

test('I12, T18: a restart of the service leaves the terminals, a failure starts the hub again', () => {
  const unit = hubUnit(factsIn('/home/x/.navis'));
  for (const line of ['KillMode=process', 'KillSignal=SIGHUP', 'Restart=on-failure', 'RestartPreventExitStatus=2 4 6'])
    expect(unit).toContain(`\n${line}\n`);
  expect(unit).toContain(`ExecStart="${process.execPath}" "/opt/na vis/main.js"`);
});

test('I4: specifiers and variables of systemd in paths are meant as they stand', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^\/[ -~]{0,40}$/), (home) => {
      const [, quoted = ''] = /^Environment="NAVIS_HOME=(.*)"$/m.exec(hubUnit(factsIn(home))) ?? [];
      expect(quoted.replaceAll(/\\(.)|%(%)/g, '$1$2')).toBe(home);
    }),
  );
});

const hasPython = spawnSync('python3', ['--version']).error === undefined;

test.skipIf(!hasPython)('N13: the property lists for launchd are well-formed, whatever the folders are called', () => {
  const facts = factsIn('/Users/a <b> & "c"/.navis');
  for (const text of [hubPlist(facts), bridgePlist(facts)]) {
    const script = 'import plistlib,sys,json; print(json.dumps(plistlib.loads(sys.stdin.buffer.read())))';
    const parsed = JSON.parse(execFileSync('python3', ['-c', script], { input: text, encoding: 'utf8' })) as Record<
      string,
      unknown
    >;
    expect(parsed).toMatchObject({
      EnvironmentVariables: { NAVIS_HOME: facts.home },
      AbandonProcessGroup: true,
      KeepAlive: { SuccessfulExit: false },
    });
  }
});

test('I4: the setting is added beside the others and taken out again, and a damaged file is left alone', async () => {
  const home = mkdtempSync(join(folder, 'home-'));
  const file = join(home, 'config.json');
  writeFileSync(file, '{"port": 5000, "logLevel": "debug"}');
  expect(await writeBridgeSetting(home, 443)).toBe(true);
  expect(await writeBridgeSetting(home, 443)).toBe(false);
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ port: 5000, logLevel: 'debug', bridge: {} });
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(await writeBridgeSetting(home, 8443)).toBe(true);
  expect(await readBridgeSetting(home)).toEqual({ publicPort: 8443 });
  expect(await removeBridgeSetting(home)).toBe(true);
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ port: 5000, logLevel: 'debug' });
  expect(await removeBridgeSetting(home)).toBe(false);
  for (const text of ['{"port": ', '[]', '7']) {
    writeFileSync(file, text);
    await expect(writeBridgeSetting(home, 443)).rejects.toMatchObject({ facts: { exitCode: 2 } });
    expect(readFileSync(file, 'utf8')).toBe(text);
  }
});

test('I4: a port that belongs to root gets one line of sudo, is not touched otherwise, and no sudo is called', async () => {
  const home = mkdtempSync(join(folder, "it's-"));
  const environment = { home, userFolder: home, hubName: undefined, insideTerminalId: undefined, isWsl: false };
  const facts = await gatherFacts(environment, 443);
  // Whatever runs services here: this step asks it for nothing but to forget an earlier bridge.
  const manager = { kind: 'systemd', remove: async () => undefined } as unknown as ServiceManager;
  const step = bridgeServiceStep({ ...facts, manager, isPortAllowed: false, user: 'nobody' });
  expect(step.plan.join(' ')).toContain('/etc/systemd/system');
  const outcome = await step.apply();
  expect(outcome).toMatchObject({ state: 'open', remedy: expect.stringMatching(/^sudo sh -c '/) as string });
  expect(outcome.remedy?.split('\n')).toHaveLength(1);
  expect(spawnSync('sh', ['-n', '-c', outcome.remedy ?? '(']).status).toBe(0);
  expect(readFileSync(join(home, 'setup', bridgeUnitName), 'utf8')).toContain('User=nobody');
  expect(existsSync(join('/etc/systemd/system', bridgeSocketName))).toBe(false);
  expect(outcome.remedy).toContain('systemctl enable navis-bridge.socket');
  await step.remove();
  expect(existsSync(join(home, 'setup'))).toBe(false);
});

/** The keyring of a desktop, with the real programs on a bus of the test's own (A8); and how it is found. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { until } from '@navisai/testkit';
import { expect, test } from 'vitest';
import { everythingIn } from '../everything-in.fixture.ts';
import { newTestHome } from '../../../hub-bench.fixture.ts';
import { openKeyVault } from '../key-vault.ts';
import { findKeyring } from './find-keyring.ts';
import { openKeychain } from './keychain.ts';
import { openKeyring } from './open-keyring.ts';
import { runKeyringTool } from './run-keyring-tool.ts';

const hasProgram = (name: string): boolean =>
  (process.env['PATH'] ?? '').split(':').some((folder) => statSync(join(folder, name), { throwIfNoEntry: false }));
const needed = ['gnome-keyring-daemon', 'secret-tool', 'dbus-daemon', 'dbus-send'];
const missing = needed.filter((name) => !hasProgram(name));
/** A skipped test says what it lacks. */
const without = missing.length === 0 ? '' : ` (NOT TESTED: install ${missing.join(', ')})`;
/** A session of a desktop: a bus, and nothing on it yet. */
const startSession = async () => {
  await using opened = new AsyncDisposableStack();
  const home = opened.use(newTestHome());
  const runtime = join(home.path, 'run');
  mkdirSync(runtime, { mode: 0o700 });
  const environment: Record<string, string> = {
    HOME: home.path,
    PATH: process.env['PATH'] ?? '',
    XDG_RUNTIME_DIR: runtime,
  };
  const processes = opened.use(new AsyncDisposableStack());
  const start = (file: string, words: string[]) => {
    const child = spawn(file, words, { env: environment, stdio: ['pipe', 'pipe', 'ignore'] });
    const ended = once(child, 'exit');
    processes.defer(async () => {
      child.kill('SIGKILL');
      await ended;
    });
    return child;
  };
  const bus = start('dbus-daemon', ['--session', '--nofork', '--nopidfile', '--print-address=1']);
  const [address] = (await once(bus.stdout, 'data')) as [Buffer];
  environment['DBUS_SESSION_BUS_ADDRESS'] = address.toString().trim();
  const unlock = (): void =>
    void start('gnome-keyring-daemon', ['--foreground', '--unlock', '--components=secrets']).stdin.end('word');
  const settings = findKeyring(environment, 'linux');
  const keyring = openKeyring(settings);
  if (keyring === undefined) throw new Error('no keyring was found');
  const lock = (): void => {
    const method = 'org.freedesktop.Secret.Service.Lock';
    const collection = 'array:objpath:/org/freedesktop/secrets/collection/login';
    const words = ['--session', '--print-reply', '--dest=org.freedesktop.secrets', '/org/freedesktop/secrets', method];
    execFileSync('dbus-send', [...words, collection], { env: environment, stdio: 'ignore' });
  };
  const kept = opened.move();
  return { home, keyring, unlock, lock, [Symbol.asyncDispose]: () => kept.disposeAsync() };
};

test.skipIf(missing.length > 0)(
  `A8: the Secret Service keeps the master key: no file opens a key, and a locked one asks nobody${without}`,
  async () => {
    await using session = await startSession();
    const { keyring, home } = session;
    expect(await keyring.isOpen()).toBe(false);
    session.unlock();
    await until('the keyring is open', () => keyring.isOpen());
    expect(await keyring.find('hub')).toBeUndefined();
    await keyring.keep('hub', 'first');
    await keyring.keep('hub', 'sec+ret/==');
    await keyring.keep('other', 'another');
    expect(await keyring.find('hub')).toBe('sec+ret/==');
    const folder = join(home.path, 'keys');
    const sealed = await openKeyVault({ folder, account: 'mine', keyring }).seal('sk-123', 'p');
    expect(statSync(folder, { throwIfNoEntry: false })).toBeUndefined();
    const master = (await keyring.find('mine')) ?? '';
    expect(Buffer.from(master, 'base64')).toHaveLength(32);
    expect(everythingIn(home.path)).not.toContain(master);
    const vault = openKeyVault({ folder, account: 'mine', keyring });
    expect(await vault.open(sealed, 'p')).toMatchObject({ state: 'open' });

    session.lock();
    expect(await keyring.isOpen()).toBe(false);
    expect(await keyring.find('mine')).toBeUndefined();
    const later = openKeyVault({ folder, account: 'mine', keyring });
    expect(await later.open(sealed, 'p')).toEqual({ state: 'locked' });
    const meanwhile = await later.seal('sk-456', 'p');
    expect(await openKeyVault({ folder, account: 'mine', keyring: undefined }).open(meanwhile, 'p')).toMatchObject({
      state: 'open',
    });
  },
);

test('A8: a keyring is looked for where the session has a bus, and nowhere else', async () => {
  using home = newTestHome();
  const variables = { HOME: home.path, PATH: '/bin', SECRET: 'x' };
  expect(findKeyring({}, 'linux')).toBeUndefined();
  expect(findKeyring(variables, 'linux')).toBeUndefined();
  expect(findKeyring({ ...variables, XDG_RUNTIME_DIR: home.path }, 'linux')).toBeUndefined();
  const address = 'unix:path=/nowhere';
  const given = { ...variables, DBUS_SESSION_BUS_ADDRESS: address };
  expect(findKeyring(given, 'linux')).toEqual({
    kind: 'secret-service',
    environment: { HOME: home.path, PATH: '/bin', DBUS_SESSION_BUS_ADDRESS: address },
  });
  expect(await openKeyring(findKeyring(given, 'linux'))?.isOpen()).toBe(false);
  expect(findKeyring(variables, 'darwin')).toMatchObject({ kind: 'keychain' });
  const bus = createServer().listen(join(home.path, 'bus'));
  await once(bus, 'listening');
  const found = findKeyring({ ...variables, XDG_RUNTIME_DIR: home.path }, 'linux');
  bus.close();
  expect(found?.environment['DBUS_SESSION_BUS_ADDRESS']).toBe(`unix:path=${join(home.path, 'bus')}`);
});

test('A8: a program that waits for a person is ended, and what it was told is in no message', async () => {
  using home = newTestHome();
  const file = join(home.path, 'ask');
  writeFileSync(file, '#!/bin/sh\nexec sleep 60\n', { mode: 0o700 });
  const asked = runKeyringTool({ file, arguments: [], environment: {}, input: 'sk-123' });
  await expect(asked).rejects.toThrow(`${file} did not answer within 2 s`);
  const failed = runKeyringTool({ file: '/bin/false', arguments: [], environment: {}, input: 'sk-123' });
  await expect(failed).rejects.toThrow('/bin/false failed (1)');
});

test('A8: the keychain of macOS is given the secret by the input of its program, never by its words', async () => {
  using home = newTestHome();
  const [file, words, kept] = [join(home.path, 'security'), join(home.path, 'words'), join(home.path, 'kept')];
  // As the program of macOS answers, by its manual; the real one is on no other system.
  const script = `#!/bin/sh
echo "$@" >> ${words}
case "$1" in
  -i) read -r line; test -e ${kept}.full || echo "\${line##* }" > ${kept} ;;
  find-generic-password) test -e ${kept} || exit 44; cat ${kept} ;;
  show-keychain-info) exit 0 ;;
esac
`;
  writeFileSync(file, script, { mode: 0o700 });
  const keychain = openKeychain({ PATH: '/usr/bin:/bin' }, file);
  expect(await keychain.isOpen()).toBe(true);
  expect(await keychain.find('hub')).toBeUndefined();
  await keychain.keep('hub', 'sec+ret/==');
  expect(await keychain.find('hub')).toBe('sec+ret/==');
  writeFileSync(`${kept}.full`, '');
  await expect(keychain.keep('hub', 'another')).rejects.toThrow('did not keep the key');
  expect(readFileSync(words, 'utf8')).not.toMatch(/sec.ret|another/);
});

/** Flags and settings: what counts, what is refused and by which name (I5). */
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { defaultPort, NavisError } from '@navisai/protocol';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { newTestHome } from '../hub-bench.fixture.ts';
import { composeConfig } from './config.ts';
import { parseFlags } from './flags.ts';
import { openHomeFolder } from './home-folder.ts';

const compose = (home: string, file?: unknown, given: string[] = [], variables: NodeJS.ProcessEnv = {}) => {
  if (file !== undefined)
    writeFileSync(join(home, 'config.json'), typeof file === 'string' ? file : JSON.stringify(file));
  return composeConfig({ flags: parseFlags([`--home=${home}`, ...given]), variables });
};

const failureOf = (attempt: () => unknown): NavisError | undefined => {
  try {
    attempt();
    return undefined;
  } catch (error) {
    return error instanceof NavisError ? error : undefined;
  }
};

test('I5: the flag beats the file, the file beats the default', () => {
  using home = newTestHome();
  expect(compose(home.path).port).toBe(defaultPort);
  expect(compose(home.path, { port: 5000 }).port).toBe(5000);
  expect(compose(home.path, { port: 5000 }, ['--port=6000']).port).toBe(6000);
  expect(compose(home.path, {}, ['--port', '0']).port).toBe(0);
});

test('I5: bad values are refused by name, with the exit code for wrong usage', () => {
  using home = newTestHome();
  const bad: [unknown, string][] = [
    [{ port: '5000' }, 'port'],
    [{ port: 70_000 }, 'port'],
    [{ port: 0 }, 'port'],
    [{ prot: 5000 }, 'prot'],
    [{ listen: 'localhost' }, 'listen'],
    [{ listen: ['10.0.0.1', 'hub'] }, 'listen'],
    [{ listen: [] }, 'listen'],
    [{ listen: 7 }, 'listen'],
    [{ bridge: true }, 'bridge'],
    [{ bridge: { port: -1 } }, 'bridge.port'],
    [{ bridge: { publicPort: 0 } }, 'bridge.publicPort'],
    [{ bridge: { mdns: 'yes' } }, 'bridge.mdns'],
    [{ bridge: { ports: 1 } }, 'bridge.ports'],
    [{ origins: ['http://hub.example.com'] }, 'origins.0'],
    [{ origins: ['https://hub.example.com/path'] }, 'origins.0'],
    [{ origins: '*' }, 'origins'],
    [{ certificate: { certificateFile: 'x' } }, 'certificate.keyFile'],
    [{ terminalIdleSeconds: -1 }, 'terminalIdleSeconds'],
    ['{"__proto__": {"port": 1}}', '__proto__'],
    ['{"port": ', 'config.json'],
    ['[]', 'config.json'],
  ];
  for (const [file, field] of bad) {
    const failure = failureOf(() => compose(home.path, file));
    expect({ file, code: failure?.code, field: failure?.field }).toEqual({ file, code: 'INVALID_ARGUMENT', field });
    expect(failure?.message).toContain('config.json');
  }
  for (const flag of [
    '--port=x',
    '--port=70000',
    '--port=-1',
    '--port=',
    '--nonsense',
    'word',
    '--home=',
    '--foreground=3',
  ])
    expect(failureOf(() => parseFlags([flag]))?.code, flag).toBe('INVALID_ARGUMENT');
});

test('I5: no file whatever makes the reader fail otherwise than by saying so', () => {
  using home = newTestHome();
  fc.assert(
    fc.property(fc.oneof(fc.json(), fc.string()), (text) => {
      const failure = failureOf(() => compose(home.path, text));
      expect(failure === undefined || failure.code === 'INVALID_ARGUMENT').toBe(true);
    }),
    { numRuns: 60 },
  );
});

test('the home is NAVIS_HOME, else ~/.navis; a relative one is refused', () => {
  using home = newTestHome();
  const flags = parseFlags([]);
  expect(composeConfig({ flags, variables: { NAVIS_HOME: home.path } }).home).toBe(home.path);
  expect(composeConfig({ flags, variables: { NAVIS_HOME: '' } }).home).toMatch(/\/\.navis$/);
  expect(failureOf(() => composeConfig({ flags, variables: { NAVIS_HOME: 'x' } }))?.field).toBe('NAVIS_HOME');
});

test('T27: TERMINAL_ALLOWED_COMMANDS is told from being empty', () => {
  using home = newTestHome();
  expect(compose(home.path).allowedCommands).toBeUndefined();
  expect(compose(home.path, {}, [], { TERMINAL_ALLOWED_COMMANDS: '' }).allowedCommands).toBe('');
});

test('the folders of the home are private, also when they were not', () => {
  using home = newTestHome();
  const root = join(home.path, 'navis');
  mkdirSync(root, { mode: 0o755 });
  const folders = openHomeFolder(root);
  for (const folder of [folders.root, folders.run, folders.logs, folders.certificates])
    expect(statSync(folder).mode & 0o777).toBe(0o700);
});

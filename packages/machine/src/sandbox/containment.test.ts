/** Commands of the hub on a machine with a ceiling cannot reach that machine's own state, by whatever door they come (N12). */
import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { mkdtempSync } from 'node:fs';
import { createServer } from 'node:net';
import type { Server } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeLocalTarget, until } from '../tools/terminal-target.fixture.ts';
import type { TerminalTarget } from '../tools/terminal-target.fixture.ts';
import { attackOn } from './attack.fixture.ts';
import { hasSandbox, makeConfined } from './sandbox-target.fixture.ts';

const secret = `secret${randomBytes(8).toString('hex')}`;

/** A home as on a laptop: the node's state, its ceiling and its program lie in the very directory that may be written. */
const makeHome = (): { home: string; secrets: string[]; hiddenPaths: string[]; ceilingFile: string } => {
  const home = realpathSync(mkdtempSync(join(tmpdir(), 'navis-home-')));
  const ceilingFile = join(home, '.config/navis/policy.json');
  const secrets = ['.navis/key', '.local/share/app/program.js', '.config/navis/node.env'].map((name) =>
    join(home, name),
  );
  for (const path of [ceilingFile, ...secrets]) mkdirSync(dirname(path), { recursive: true });
  for (const path of secrets) writeFileSync(path, `// ${secret}`, { mode: 0o600 });
  const ceiling = { version: 1, directories: [{ path: '~', access: 'write' }] };
  writeFileSync(ceilingFile, JSON.stringify({ ...ceiling, hours: [{ from: '00:00', to: '00:00' }] }));
  return {
    home,
    secrets,
    ceilingFile,
    hiddenPaths: [join(home, '.local/share/app'), join(home, '.config/navis/node.env')],
  };
};

describe.skipIf(!hasSandbox)('N12: with a ceiling, the state of the machine', () => {
  let target: TerminalTarget;
  let facts: ReturnType<typeof makeHome>;
  let attack = '';
  beforeAll(async () => {
    process.env['NAVIS_TEST_SECRET'] = secret;
    facts = makeHome();
    const { home, ceilingFile, hiddenPaths } = facts;
    const stateDirectory = join(home, '.navis');
    target = await makeLocalTarget({
      home,
      stateDirectory,
      runtimeDirectory: home,
      ceilingFile,
      hiddenPaths,
      onUnexpected: () => undefined,
    });
    attack = [...facts.secrets, ceilingFile].map((path) => attackOn(path)).join('\n');
  });
  afterAll(async () => {
    delete process.env['NAVIS_TEST_SECRET'];
    await target[Symbol.asyncDispose]();
    rmSync(facts.home, { recursive: true, force: true });
  });
  const expectUntouched = (said: string): void => {
    expect(said).not.toContain(secret);
    for (const path of facts.secrets) expect(readFileSync(path, 'utf8')).toBe(`// ${secret}`);
    expect(JSON.parse(readFileSync(facts.ceilingFile, 'utf8'))).toMatchObject({ version: 1 });
  };

  test('N12: is out of reach of run', async () => {
    const { output } = await target.session().run(`mkdir -p ~/a && cd ~/a; ${attack}`);
    expectUntouched(output);
  });

  test('N12: is out of reach of open and of what is typed', async () => {
    const session = target.session();
    writeFileSync(join(facts.home, 'attack.sh'), attack);
    const opened = await session.open('one', `mkdir -p ~/b && cd ~/b; ${attack}`, { timeout: 60 });
    expectUntouched(opened.output);
    await session.open('two', 'bash --norc', { background: true });
    const typed = { action: 'send_input', terminal_name: 'two', input: '. ~/attack.sh; echo do""ne\n' };
    await session.call({ ...typed, wait_for: { pattern: 'done', timeout: 60 } });
    const status = await session.call({ action: 'status', terminal_name: 'two', lines: 1000 });
    expectUntouched(status.output);
    await target.machine.closeSession(session.id, 'test');
  });

  test('N12: is out of reach of run in an open shell, and of code that was written first', async () => {
    const session = target.session();
    const run = await session.shell('sh', 'bash --norc');
    const inShell = await run(attack);
    expectUntouched(inShell.output);
    const code =
      'import os,sys\nfor p in sys.argv[1:]:\n  for q in (p, "/proc/1/root" + p):\n    try: print(open(q).read())\n    except OSError as e: print(e)\nprint(os.environ)';
    await session.run(`cat > ~/attack.py <<'EOF'\n${code}\nEOF`);
    const coded = await session.run(
      `python3 ~/attack.py ${facts.secrets.join(' ')} ${facts.ceilingFile}; perl -pe 1 ${facts.secrets.join(' ')}`,
    );
    expectUntouched(coded.output);
    await target.machine.closeSession(session.id, 'test');
  });

  test('N12: is out of reach of what outlives its command', async () => {
    const session = target.session();
    writeFileSync(
      join(facts.home, 'later.sh'),
      `sleep 0.5; { ${attack}; } > ~/later.log 2>&1; echo end >> ~/later.log`,
    );
    await session.run('setsid nohup bash ~/later.sh > /dev/null 2>&1 < /dev/null & (bash ~/later.sh &) ; echo left');
    const log = join(facts.home, 'later.log');
    const said = (): string => (readdirSync(facts.home).includes('later.log') ? readFileSync(log, 'utf8') : '');
    await until('the attack has ended', () => said().endsWith('end\n'), 30_000);
    expectUntouched(said());
  });

  test('N12: no process outside is seen, signalled or traced', async () => {
    const session = target.session();
    const { output } = await session.run(
      `ls /proc | grep -E '^[0-9]+$' | wc -l; kill -0 ${process.pid} && echo seen; ls /proc/${process.pid} && echo seen; python3 -c '
import ctypes
print("traced" if ctypes.CDLL(None).ptrace(16, ${process.pid}, 0, 0) == 0 else "refused")'`,
    );
    expect(Number(output.split('\n')[0])).toBeLessThan(20);
    expect(output).toContain('refused');
    expect(output).not.toContain('seen');
  });

  test('N12: settings of the kernel cannot be changed, not even as user 0', async () => {
    const before = readFileSync('/proc/sys/kernel/core_pattern', 'utf8');
    await target.session().run('echo "|/tmp/x" > /proc/sys/kernel/core_pattern; echo b > /proc/sysrq-trigger');
    expect(readFileSync('/proc/sys/kernel/core_pattern', 'utf8')).toBe(before);
  });

  test('N12: a profile written by a command runs inside of a sandbox only, when the machine starts again', async () => {
    const { home } = facts;
    await target.session().run(`echo 'cat ~/.navis/key > ~/leak 2>&1; export SEEN=profile' > ~/.bash_profile`);
    await target.restart();
    const { output } = await target.session().run('echo $SEEN; cat ~/leak');
    expect(output).toContain('profile');
    expectUntouched(output + readFileSync(join(home, 'leak'), 'utf8'));
    // By now it exists: what others execute at the next login can be read only.
    expect((await target.session().run('echo evil >> ~/.bash_profile')).success).toBe(false);
  });

  test('N12: variables of such a profile reach no process outside of the sandbox', async () => {
    const { home } = facts;
    rmSync(join(home, '.bash_profile'), { force: true });
    await target
      .session()
      .run(
        `printf 'export LD_PRELOAD=$HOME/evil.so ENV=$HOME/evil.sh BASH_ENV=$HOME/evil.sh X="a b\\nc"\nexport PATH=$HOME/evil:$PATH' > ~/.bash_profile`,
      );
    await target.restart();
    const session = target.session();
    const { output } = await session.run('echo "$LD_PRELOAD|$ENV|$X"; echo $PATH; env | grep -c NAVIS_V_');
    expect(output).toContain(`${home}/evil.so|${home}/evil.sh|a b`);
    expect(output).toContain(`${home}/evil:`);
    await session.open('sh', 'exec sleep 1000', { background: true });
    const [terminal] = target.machine.terminals(session.id);
    const outside = processesAround(terminal?.pid ?? 0);
    expect(outside.length).toBeGreaterThanOrEqual(2);
    for (const environment of outside)
      for (const name of ['LD_PRELOAD', 'ENV', 'BASH_ENV', 'PATH'])
        expect(environment.some((entry) => entry.startsWith(`${name}=`))).toBe(false);
    await target.machine.closeSession(session.id, 'test');
    rmSync(join(home, '.bash_profile'));
    await target.restart();
  });

  test('N12: a link from where commands write leads nowhere, also when the overlay names it', async () => {
    const { home } = facts;
    await target.session().run('rm -rf ~/project; ln -s ~/.navis ~/project; ln -s / ~/root; mkdir ~/real');
    const directories = ['~/project', '~/root', '~/real', '~/.navis'].map((path) => ({
      path,
      access: 'write' as const,
    }));
    await target.machine.setOverlay({ version: 1, directories });
    const { output } = await target
      .session()
      .run('ls -a ~ ~/project ~/root/etc; cat ~/project/key ~/root/etc/shadow; echo x > ~/real/y; echo x > ~/z');
    expectUntouched(output);
    expect(readdirSync(join(home, 'real'))).toEqual(['y']);
    expect(readdirSync(home)).not.toContain('z');
    await target.machine.setOverlay(null);
  });
});

/** Environments of the shell and of bubblewrap around a program. */
const processesAround = (pid: number): string[][] => {
  const environmentOf = (id: string): string[] => readFileSync(`/proc/${id}/environ`, 'utf8').split('\0');
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
  return [String(pid), ...children].map(environmentOf);
};

describe.skipIf(!hasSandbox)('N12: the network of a ceiling', () => {
  let server: Server;
  let abstract: Server;
  const name = `\0navis-test-${process.pid}`;
  beforeAll(async () => {
    server = createServer((socket) => socket.end('reached'));
    abstract = createServer((socket) => socket.end('reached'));
    await Promise.all([
      new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)),
      new Promise<void>((resolve) => abstract.listen(name, resolve)),
    ]);
  });
  afterAll(() => {
    server.close();
    abstract.close();
  });

  test('N12: without it neither this machine nor its abstract sockets are reached; with it they are', async () => {
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : 0;
    const reach = `python3 -c '
import socket
for family, place in ((socket.AF_INET, ("127.0.0.1", ${port})), (socket.AF_UNIX, "\\0navis-test-${process.pid}")):
  try:
    s = socket.socket(family); s.connect(place); print(s.recv(99))
  except OSError as error: print(error)'`;
    for (const network of [true, false]) {
      await using target = await makeConfined({ network });
      const { output } = await target.session().run(reach);
      expect(output.split('reached').length - 1, output).toBe(network ? 2 : 0);
    }
  });
});

describe.skipIf(!hasSandbox)('N12: what a ceiling names', () => {
  test('N12: programs: no other one can be started, however it is typed', async () => {
    await using target = await makeConfined({
      programs: ['ls', 'bash'],
      directories: [{ path: '~', access: 'write' }],
    });
    const session = target.session();
    expect(await session.run('id')).toMatchObject({
      success: false,
      error: { code: 'COMMAND_NOT_ALLOWED', field: 'command' },
    });
    expect((await session.run('ls | id')).error?.message).toContain(`rule programs of ${target.ceilingFile}`);
    const run = await session.shell('sh', 'bash --norc');
    const typed = 'send_input';
    const input = 'id; /usr/bin/id; python3 -c 1; cp /bin/ls x; (exec -a id ls -d /); echo o""k\n';
    await session.call({ action: typed, terminal_name: 'sh', input, wait_for: { pattern: 'ok', timeout: 10 } });
    const { output } = await session.call({ action: 'status', terminal_name: 'sh', lines: 50 });
    expect(output).not.toContain('uid=');
    expect(output.match(/command not found|No such file/g)?.length).toBeGreaterThanOrEqual(3);
    expect(await run('ls -d /usr')).toMatchObject({ success: true, output: '/usr\n' });
    await target.machine.closeSession(session.id, 'test');
  });

  test('N12: read only: refused early with the reason, and impossible by the sandbox', async () => {
    await using target = await makeConfined({ readOnly: true });
    const session = target.session();
    const refused = await session.run('touch ~/x');
    expect(refused).toMatchObject({ success: false, error: { code: 'POLICY_DENIED' } });
    expect(refused.error?.message).toContain('readOnly');
    expect(await session.run('ls / | sort | head -2')).toMatchObject({ success: true });
    expect((await session.open('sh', 'cat', { background: true })).success).toBe(true);
    const explained = await target.machine.explain({ command: 'touch x', userId: 'u', origin: 'agent' });
    expect(explained).toMatchObject({ effect: 'deny', decidedBy: { rule: 'readOnly', source: target.ceilingFile } });
    await target.machine.closeSession(session.id, 'test');
  });

  test('N12: directories: others do not exist, a link between them included', async () => {
    const outside = realpathSync(mkdtempSync(join(tmpdir(), 'navis-outside-')));
    writeFileSync(join(outside, 'file'), secret);
    await using target = await makeConfined({
      directories: [
        { path: '~/work', access: 'write' },
        { path: '~/docs', access: 'read' },
      ],
    });
    mkdirSync(join(target.home, 'work'));
    mkdirSync(join(target.home, 'docs'));
    writeFileSync(join(target.home, 'docs/page'), 'page');
    symlinkSync(outside, join(target.home, 'work/link'));
    const session = target.session();
    const { output } = await session.run(
      `cat ${outside}/file ~/work/link/file ~/work/../../*/file; cat ~/docs/page; echo x > ~/docs/y; echo x > ~/work/z; ls ~`,
    );
    expect(output).not.toContain(secret);
    expect(output).toContain('page');
    expect(output).toContain('Read-only file system');
    expect(readFileSync(join(target.home, 'work/z'), 'utf8')).toBe('x\n');
    expect(await session.run('ls', { working_dir: outside })).toMatchObject({ error: { code: 'POLICY_DENIED' } });
    expect(await session.run('pwd', { working_dir: '~/work' })).toMatchObject({ output: `${target.home}/work\n` });
    rmSync(outside, { recursive: true });
  });
});

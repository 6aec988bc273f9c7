/** A machine in trouble: full disks, killed hosts, floods (issue "Faults"). */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeLocalTarget, newMark, processesWith, until } from './tools/terminal-target.fixture.ts';

const isRoot = process.getuid?.() === 0;

/** A small disk of its own; `undefined` where mounting is not allowed. */
const mountDisk = (megabytes: number): (Disposable & { path: string }) | undefined => {
  const path = mkdtempSync(join(tmpdir(), 'navis-disk-'));
  const unmount = (): void => {
    spawnSync('umount', ['-l', path]);
    rmSync(path, { recursive: true, force: true });
  };
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', path]).status === 0;
  if (!mounted) rmSync(path, { recursive: true, force: true });
  return mounted ? { path, [Symbol.dispose]: unmount } : undefined;
};

const fill = (path: string): void => {
  for (let size = 1024 * 1024, count = 0; size >= 1; count += 1) {
    try {
      writeFileSync(join(path, `fill${count}`), Buffer.alloc(size));
    } catch {
      size = Math.floor(size / 4);
    }
  }
};

const empty = (path: string): void => {
  for (const name of readdirSync(path).filter((entry) => entry.startsWith('fill'))) rmSync(join(path, name));
};

test.skipIf(!isRoot)(
  'on a full disk new terminals fail clearly, running ones go on with a warning',
  async (context) => {
    using disk = mountDisk(24);
    if (disk === undefined) return context.skip('mounting is not allowed here');
    await using target = await makeLocalTarget({
      stateDirectory: join(disk.path, 'state'),
      onUnexpected: () => undefined,
    });
    const session = target.session();
    await session.open('cat', 'cat', { background: true });
    const run = await session.shell('sh', 'bash --norc');
    expect((await run('echo before')).output).toBe('before\n');
    fill(disk.path);

    const refused = await session.open('new', 'sleep 100', { background: true });
    expect(refused).toMatchObject({ success: false, error: { code: 'SPAWN_FAILED' } });
    expect(refused.error?.message).toMatch(/disk is full|no space/i);
    expect(target.machine.terminals(session.id).map(({ name }) => name)).toEqual(['cat', 'sh']);
    expect(await run('echo during')).toMatchObject({ success: false, error: { code: 'SPAWN_FAILED' } });
    const input = `${'x'.repeat(1000)}\n`.repeat(200);
    await session.call({ action: 'send_input', terminal_name: 'cat', input });
    const echoed = await session.call({
      action: 'send_input',
      terminal_name: 'cat',
      input: 'still there\n',
      wait_for: { pattern: '^still there\\n(.*\\n)*still there$', timeout: 30 },
    });
    expect(echoed).toMatchObject({ success: true });
    await until('the warning', () =>
      target.events.some((event) => event.type === 'terminal.updated' && event.reason !== undefined),
    );

    empty(disk.path);
    expect(await session.open('new', 'sleep 100', { background: true })).toMatchObject({ success: true });
    expect((await run('echo after')).output).toBe('after\n');
  },
  60_000,
);

test('kill -9 of the pty-host in the middle of a command is told honestly, and the machine goes on', async () => {
  await using target = await makeLocalTarget();
  const session = target.session();
  const run = await session.shell('sh', 'bash --norc');
  const mark = newMark();
  const running = run(`echo begun; sleep ${mark}`, { timeout: 60 });
  const opened = session.open('fg', `sleep ${mark}`, { timeout: 60 });
  await until('both have begun', () => processesWith(mark).length === 2);
  const isHost = (pid: string): boolean => {
    try {
      const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      return line.includes('pty-host') && line.includes(target.home);
    } catch {
      return false;
    }
  };
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name) && isHost(name)))
    process.kill(Number(pid), 'SIGKILL');
  expect(await running).toMatchObject({ success: false, error: { code: 'INTERRUPTED' } });
  expect(await opened).toMatchObject({ success: false, error: { code: 'INTERRUPTED' } });
  expect(target.machine.terminals(session.id)).toMatchObject([
    { name: 'sh', status: 'idle', exitCode: null, reason: expect.stringContaining('lost') },
  ]);
  await until('nothing is left', () => processesWith(mark).length === 0);
  expect((await session.call({ action: 'list' })).output).toContain('idle (lost');
  const again = await session.shell('again', 'bash --norc');
  expect((await again('echo alive')).output).toBe('alive\n');
  await session.call({ action: 'close', terminal_name: 'sh' });
}, 180_000);

test('beside floods, a 50 MB line and a wait on each, other calls are answered within a second', async () => {
  await using target = await makeLocalTarget();
  const session = target.session();
  for (const index of [1, 2, 3])
    await session.open(`flood${index}`, 'yes "some text that goes on"', { background: true });
  await session.open('line', `head -c 50000000 /dev/zero | tr '\\0' x; echo; echo END; sleep 100`, {
    background: true,
  });
  const ended = session.call({ action: 'status', terminal_name: 'line', wait_for: { pattern: '^END$', timeout: 30 } });
  const waiting = [1, 2, 3].map((index) =>
    session.call({
      action: 'status',
      terminal_name: `flood${index}`,
      wait_for: { pattern: 'never \\d+ seen', timeout: 4 },
    }),
  );
  const durations: number[] = [];
  for (let round = 0; round < 8; round += 1) {
    const startedAt = performance.now();
    const [run, list, status] = await Promise.all([
      session.run(`echo ${round}`),
      session.call({ action: 'list' }),
      session.call({ action: 'status', terminal_name: 'flood1' }),
    ]);
    expect(run.output).toBe(`${round}\n`);
    expect([list.success, status.success]).toEqual([true, true]);
    durations.push(performance.now() - startedAt);
  }
  // The tests' own machine may be busy with more than this.
  expect(durations.toSorted((a, b) => a - b)[4]).toBeLessThan(1000);
  expect((await Promise.all(waiting)).map(({ error }) => error?.code)).toEqual(['timeout', 'timeout', 'timeout']);
  expect(await ended).toMatchObject({ success: true });
  const closing = performance.now();
  await session.call({ action: 'close', terminal_name: 'flood1' });
  expect(performance.now() - closing).toBeLessThan(6000);
}, 180_000);

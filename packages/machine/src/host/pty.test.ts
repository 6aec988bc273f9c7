import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterEach, expect, test } from 'vitest';
import { loadNativePty } from './native-pty.ts';
import { Pty, type PtyExit } from './pty.ts';
import { PtyWriter } from './pty-writer.ts';

const native = loadNativePty();
const living = new Set<Pty>();

const start = (script: string, onData?: (pty: Pty) => void) => {
  const chunks: Buffer[] = [];
  let ended: (exit: PtyExit) => void = () => undefined;
  const exit = new Promise<PtyExit>((resolve) => (ended = resolve));
  const environment = { PATH: process.env.PATH ?? '', TERM: 'xterm-256color', HOME: tmpdir() };
  const spawn = { file: 'bash', args: ['-c', script], environment, workingDirectory: '/', columns: 120, rows: 40 };
  const onExit = (how: PtyExit): void => {
    living.delete(pty);
    ended(how);
  };
  const listener = { onData: (bytes: Buffer) => void (chunks.push(Buffer.from(bytes)), onData?.(pty)), onExit };
  const pty = new Pty(spawn, listener, native);
  living.add(pty);
  return { pty, exit, text: () => Buffer.concat(chunks).toString(), bytes: () => Buffer.concat(chunks) };
};

afterEach(() => {
  for (const pty of living) process.kill(pty.pid, 'SIGKILL');
});

test('T10: a program runs on a real terminal of the given size, in its directory, with its environment only', async () => {
  const { exit, text } = start('tty; stty size; pwd; env | sort | cut -d= -f1 | tr "\\n" " "; exit 7');
  expect(await exit).toEqual({ exitCode: 7, signal: null });
  expect(text()).toMatch(/^\/dev\/pts\/\d+\r\n40 120\r\n\/\r\n/);
  expect(text()).toMatch(/HOME OLDPWD PATH PWD SHLVL TERM _ $|HOME PATH PWD SHLVL TERM _ $/);
});

test('nothing of the last output is lost when the program ends at once, read slowly or not', async () => {
  for (let round = 0; round < 5; round += 1) {
    const { exit, text } = start('head -c 50000 /dev/zero | tr "\\0" x; printf END', (pty) => {
      pty.pause();
      setTimeout(() => pty.resume(), 1);
    });
    await exit;
    expect(text().length).toBe(50_003);
    expect(text().endsWith('END')).toBe(true);
  }
});

test('a paused terminal stops its program and loses nothing', async () => {
  const { pty, exit, bytes } = start('seq 1 200000');
  pty.pause();
  await new Promise((resolve) => setTimeout(resolve, 50));
  const paused = bytes().length;
  expect(paused).toBeLessThan(200_000);
  pty.resume();
  await exit;
  const expected = Array.from({ length: 200_000 }, (_, index) => `${index + 1}\r\n`).join('');
  expect(bytes().toString() === expected).toBe(true);
});

test('a program may close its terminal and open it again', async () => {
  const { exit, text } = start('exec </dev/null >/dev/null 2>&1; sleep 0.1; echo back >/dev/tty; exit 4');
  expect(await exit).toEqual({ exitCode: 4, signal: null });
  expect(text()).toBe('back\r\n');
});

test('T8: a survivor that holds the terminal delays the exit by a bounded time', { retry: 2 }, async () => {
  const startedAt = performance.now();
  const { exit, text } = start(`trap '' HUP; (sleep 0.05; echo late; sleep 30) & echo hi; exit 0`);
  expect(await exit).toEqual({ exitCode: 0, signal: null });
  expect(performance.now() - startedAt).toBeLessThan(2000);
  expect(text()).toBe('hi\r\nlate\r\n');
});

test('a signal is told by name', async () => {
  const { exit } = start('kill -USR1 $$');
  expect(await exit).toEqual({ exitCode: null, signal: 'SIGUSR1' });
});

test(
  'T22: a program that does not read takes what the kernel buffers, and the write ends at its deadline',
  { retry: 2 },
  async () => {
    const { pty, text } = start('stty raw -echo; echo ready; sleep 30');
    await expect.poll(text).toContain('ready');
    const startedAt = performance.now();
    const usedBefore = process.cpuUsage();
    const first = pty.write(Buffer.alloc(1024 * 1024, 'x'), 300);
    const second = pty.write(Buffer.from('later'), 400);
    const accepted = await first;
    const used = process.cpuUsage(usedBefore);
    expect(accepted).toBeGreaterThan(1000);
    expect(accepted).toBeLessThan(200_000);
    expect(await second).toBe(0);
    expect(performance.now() - startedAt).toBeLessThan(1000);
    expect(used.user + used.system).toBeLessThan(200_000);
    expect(await pty.write(Buffer.alloc(5 * 1024 * 1024), 1000)).toBe(0);
  },
);

test('T22: what a reading program takes arrives whole and in order', async () => {
  const { pty, exit, text } = start('stty raw -echo; echo ready; head -c 300000 | sha1sum');
  await expect.poll(text).toContain('ready');
  const input = Buffer.from(Array.from({ length: 300_000 }, (_, index) => index % 251));
  const writes = [0, 100_000, 200_000].map((at) => pty.write(input.subarray(at, at + 100_000), 20_000));
  expect(await Promise.all(writes)).toEqual([100_000, 100_000, 100_000]);
  await exit;
  const { createHash } = await import('node:crypto');
  expect(text()).toContain(createHash('sha1').update(input).digest('hex'));
});

test('a failing terminal ends its writes', async () => {
  const failing = new PtyWriter(-1, () => {
    throw Object.assign(new Error('gone'), { code: 'EIO' });
  });
  expect(await failing.write(Buffer.from('x'), 1000)).toBe(0);
});

test('no descriptor of one terminal, and no ignored signal, reaches the program of another', async () => {
  const others = [start('sleep 30'), start('sleep 30')];
  const { exit, text } = start('ls /proc/self/fd | tr "\\n" " "; grep SigIgn /proc/self/status');
  await exit;
  const inherited = readdirOf(text());
  expect(others).toHaveLength(2);
  // 0 to 2 are the terminal, 3 is the listing itself; what this test process itself was given may come on top.
  expect(inherited.filter((fd) => fd > 3 && !isInheritedFromParent(fd))).toEqual([]);
  expect(text()).toMatch(/SigIgn:\s*0+\r\n/);
});

const readdirOf = (text: string): number[] =>
  (text.split('\r\n')[0] ?? '').split('SigIgn')[0]?.trim().split(' ').map(Number) ?? [];

/** Without close-on-exec although nothing here opened it. */
const isInheritedFromParent = (fd: number): boolean => {
  try {
    const flags = /flags:\s*(\d+)/.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'))?.[1] ?? '0';
    return (
      (Number.parseInt(flags, 8) & 0o2000000) === 0 &&
      !readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8').includes('tty-index')
    );
  } catch {
    return false;
  }
};

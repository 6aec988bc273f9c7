import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startHub, until, type TestHub } from '@navisai/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cli, cliFile, cliJson, openWindow, TerminalWindow } from './cli-process.fixture.ts';

let hub: TestHub;
beforeAll(async () => {
  hub = await startHub();
});
afterAll(() => hub[Symbol.asyncDispose]());

const prefix = '\x1c';
const has = (program: string): boolean => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;
/** Each line that is counted takes a process, which a busy machine has little time for. */
const countedMs = 90_000;
/** A shell without the person's own prompt and history. */
const openShell = (name: string) =>
  cliJson(hub, ['terminal', 'open', name, '--', 'env', 'PS1=$ ', 'bash', '--norc', '--noprofile']);
const attach = (name: string, ...words: string[]) => openWindow(hub, ['attach', name, ...words]);

test('issue 2: attach repaints what is there, takes the size of the window, types, and detaches with Ctrl-\\ d', async () => {
  await openShell('shell');
  await cli(hub, ['terminal', 'send', 'shell', 'echo before-$((40+2))', '--enter']);
  await using window = attach('shell');
  await window.shows('before-42');
  window.type('stty size\r');
  await window.shows('24 80');
  window.type(`${prefix}d`);
  expect(await window.ended()).toBe(0);
  await window.shows('[detached from shell]');
  await using again = attach('shell');
  await again.shows('24 80');
  expect(again.screen().filter((line) => line.includes('echo before')).length).toBe(1);
});

test('issue 2: a resize of the window reaches the program', async () => {
  await openShell('resized');
  await using window = attach('resized');
  await window.shows('$');
  window.resize({ columns: 100, rows: 30 });
  await until('the terminal takes the size', async () => {
    const { terminals } = await cliJson<{ terminals: { name: string; columns: number; rows: number }[] }>(hub, [
      'terminal',
      'list',
    ]);
    const found = terminals.find(({ name }) => name === 'resized');
    return found?.columns === 100 && found.rows === 30;
  });
  window.type('stty size\r');
  await window.shows('30 100');
});

test('issue 2: the exit code of the program is returned when it ends, and of one that has ended already', async () => {
  await openShell('ends');
  await using window = attach('ends');
  await window.shows('$');
  window.type('exit 9\r');
  expect(await window.ended()).toBe(9);
  await window.shows('[ends ended: exit code 9]');
  await using again = attach('ends');
  expect(await again.ended()).toBe(9);
  await again.shows('exit 9');
});

test('issue 2: Ctrl-\\ twice types it, Ctrl-C and Ctrl-Z reach the program, other detach keys work', async () => {
  await openShell('keys');
  await using window = attach('keys', '--detach-keys', 'Ctrl-a d');
  await window.shows('$');
  window.type('cat -v\r');
  window.type('\x16\x01\x01\r');
  await window.shows('^A');
  window.type('\x03');
  await window.shows('^C');
  window.type('echo alive\r');
  await window.shows(/^alive/m);
  window.type('\x01d');
  expect(await window.ended()).toBe(0);
});

test.skipIf(!has('vim'))(
  'issue 2: vim through attach looks as it does locally, survives a reattach, and leaves the window as it was',
  async () => {
    const file = join(hub.userHome, 'poem.txt');
    writeFileSync(file, Array.from({ length: 100 }, (_, index) => `line ${index + 1} grün 漢字`).join('\n'));
    const vim = ['vim', '-n', '-u', 'NONE', '-N', '--cmd', 'set ruler showcmd nomodeline mouse=a', file];
    const size = { columns: 90, rows: 26 };
    await using local = new TerminalWindow({
      file: '/usr/bin/env',
      args: vim,
      env: hub.environment({ TERM: 'xterm-256color' }),
      cwd: hub.userHome,
      ...size,
    });
    await cliJson(hub, ['terminal', 'open', 'editor', '--', ...vim]);
    await using window = openWindow(hub, ['attach', 'editor'], size);
    await window.shows('line 25');
    // The first key clears the message line, which a resize at the start leaves empty.
    const keys = ['\x0c:echo "ready"\r', '20G', 'ihello \x1b', 'dd', 'p', '/line 5\r', ':set number\r', '\x06'];
    for (const key of keys) {
      local.type(key);
      window.type(key);
      await until(
        () => `after ${JSON.stringify(key)}:\n${window.screen().join('\n')}\n--- local\n${local.screen().join('\n')}`,
        () =>
          local.screen().join('\n') === window.screen().join('\n') &&
          local.cursor.row === window.cursor.row &&
          local.cursor.column === window.cursor.column,
      );
    }
    expect(window.isAlternateScreen).toBe(true);
    window.type(`${prefix}d`);
    expect(await window.ended()).toBe(0);
    expect(window.isAlternateScreen).toBe(false);
    expect(window.modes).toEqual({
      mouseTrackingMode: 'none',
      bracketedPasteMode: false,
      applicationCursorKeysMode: false,
      sendFocusMode: false,
    });
    await using again = openWindow(hub, ['attach', 'editor'], size);
    await until(
      () => `after the reattach:\n${again.screen().join('\n')}\n--- local\n${local.screen().join('\n')}`,
      () => again.screen().join('\n') === local.screen().join('\n'),
    );
    expect(again.modes.mouseTrackingMode).not.toBe('none');
    again.type(':q!\r');
    expect(await again.ended()).toBe(0);
  },
);

test('T18, A2: kill -9 of the hub while attached: the connection comes back by itself, nothing is lost or doubled', async () => {
  await openShell('counter');
  await using window = attach('counter');
  await window.shows('$');
  window.type('for i in $(seq 1 400); do echo "count $i"; sleep 0.01; done; echo finished\r');
  await window.shows('count 20');
  await hub.kill();
  await hub.start();
  await window.shows(/^finished/m, countedMs);
  const counted = window.history().filter((line) => /^count \d+$/.test(line));
  expect(counted).toEqual(Array.from({ length: 400 }, (_, index) => `count ${index + 1}`));
  window.type('echo still here\r');
  await window.shows(/^still here/m);
});

test('T18, A2: a hub that is away for long is told over the screen, and no line above is missing when it is back', async () => {
  await openShell('long');
  await using window = attach('long');
  await window.shows('$');
  window.type('for i in $(seq 1 900); do echo "count $i"; sleep 0.01; done; echo finished\r');
  await window.shows('count 20');
  await hub.kill();
  await window.shows('reconnecting to the hub');
  await hub.start();
  await window.shows(/^finished/m, countedMs);
  window.type('echo still here\r');
  await window.shows(/^still here/m);
  const counted = window.history().filter((line) => /^count \d+$/.test(line));
  expect(counted).toEqual(Array.from({ length: 900 }, (_, index) => `count ${index + 1}`));
});

test('issue 2: two windows and one terminal: the second takes control, the first watches and takes it back', async () => {
  await openShell('shared');
  await using first = attach('shared');
  await first.shows('$');
  await using second = openWindow(hub, ['attach', 'shared'], { columns: 80, rows: 24 });
  await second.shows('$');
  second.type('echo from second\r');
  await second.shows(/^from second/m);
  await first.shows(/^from second/m);
  await until('it is told that it watches', () => first.raw.includes('has control'));
  first.type('x');
  first.type(`${prefix}t`);
  const isBack = (): boolean => first.raw.lastIndexOf('shared · navis\x07') > first.raw.lastIndexOf('has control');
  await until('control is back', isBack);
  first.type('echo from first\r');
  await second.shows(/^from first/m);
});

test('issue 2: --view watches and never resizes or types', async () => {
  await openShell('watched');
  await cli(hub, ['terminal', 'send', 'watched', 'echo look', '--enter']);
  await using window = openWindow(hub, ['attach', 'watched', '--view'], { columns: 130, rows: 45 });
  await window.shows(/^look/m);
  window.type('echo typed\r');
  await cli(hub, ['terminal', 'send', 'watched', 'stty size', '--enter']);
  await window.shows('40 120');
  expect(window.screen().join('\n')).not.toContain('typed');
  await using small = openWindow(hub, ['attach', 'watched', '--view'], { columns: 60, rows: 20 });
  await small.shows('watched is 120×40, this window 60×20.');
});

test.skipIf(!has('tmux'))('issue 2: attach works inside tmux', async () => {
  await openShell('nested');
  await using window = new TerminalWindow({
    file: '/usr/bin/env',
    args: [
      'tmux',
      '-L',
      `navis-${process.pid}`,
      '-f',
      '/dev/null',
      'new-session',
      `${process.execPath} ${cliFile} attach nested; sleep 0.2; echo outside; exec cat`,
    ],
    env: hub.environment({ TERM: 'xterm-256color' }),
    cwd: hub.userHome,
    columns: 80,
    rows: 24,
  });
  await window.shows('$');
  window.type('stty size\r');
  await window.shows('23 80');
  window.type(`${prefix}d`);
  await window.shows('outside');
  spawnSync('tmux', ['-L', `navis-${process.pid}`, 'kill-server']);
});

test('I12: down ends an attached window too, with a word on why', async () => {
  await using own = await startHub();
  await cliJson(own, ['terminal', 'open', 'ending', '--', 'sleep', '600']);
  await using window = openWindow(own, ['attach', 'ending']);
  await until('it is attached', () => window.raw.includes('ending · navis'));
  await own.stop();
  // Either the end of its program is seen, or that the hub has gone for good.
  expect([3, 143]).toContain(await window.ended());
  await window.shows(/The hub was stopped|ending ended: SIGTERM/);
});

test('issue 2: what cannot be attached to is said clearly', async () => {
  const { exitCode, stderr } = await cli(hub, ['attach', 'shell']);
  expect([exitCode, stderr.includes('attach needs a terminal')]).toEqual([2, true]);
  await using window = attach('shelll');
  expect(await window.ended()).toBe(5);
  await window.shows('Did you mean shell?');
});

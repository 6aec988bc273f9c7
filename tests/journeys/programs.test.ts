/** Programs driven as an agent drives them: `send_input`, `wait_for` and `status`, against a screen of our own (T21, T22, T30). */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createSession, openTerminal, readHistory, startHub, until } from '@navisai/testkit';
import type { OpenedTerminal, TestHub } from '@navisai/testkit';
import type { ToolResult } from '@navisai/protocol';
import headless from '@xterm/headless';
import { afterAll, beforeAll, expect, test } from 'vitest';

let hub: TestHub;
beforeAll(async () => {
  hub = await startHub();
});
afterAll(() => hub[Symbol.asyncDispose]());

const has = (program: string): boolean => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;
/** Leaves out, by name, what this machine cannot show. */
const testWith = (program: string) => test.skipIf(!has(program));

const [columns, rows] = [120, 40];

/** The lines that the same bytes leave on a terminal, from the first one of the screen to the last that is not empty. */
const localLines = async (bytes: Uint8Array): Promise<string[]> => {
  const terminal = new headless.Terminal({ cols: columns, rows, scrollback: 10_000, allowProposedApi: true });
  await new Promise<void>((resolve) => terminal.write(bytes, resolve));
  const { active } = terminal.buffer;
  const lines = Array.from({ length: active.baseY + rows }, (_, row) =>
    (active.getLine(row)?.translateToString(true) ?? '').trimEnd(),
  );
  terminal.dispose();
  while (lines.at(-1) === '') lines.pop();
  return lines.slice(-rows);
};

class Driven {
  readonly terminal: OpenedTerminal;

  constructor(terminal: OpenedTerminal) {
    this.terminal = terminal;
  }

  async call(body: Record<string, unknown>): Promise<ToolResult> {
    const params = { id: this.terminal.sessionId, tool: 'terminal' };
    return hub.host.api.callTool({ params, body: { terminal_name: this.terminal.name, ...body } });
  }

  async type(input: string): Promise<void> {
    expect(await this.call({ action: 'send_input', input })).toMatchObject({ success: true });
  }

  async lines(): Promise<string[]> {
    const { metadata } = await this.call({ action: 'status', lines: rows });
    return (metadata['lines'] as string[]).map((line) => line.trimEnd());
  }

  /** The hub's screen is that of a local terminal after the same bytes, and `text` is on it. */
  async shows(text: string | RegExp): Promise<void> {
    let hubs: string[] = [];
    let local: string[] = [];
    const isSame = async (): Promise<boolean> => {
      hubs = await this.lines();
      local = await localLines(await readHistory(hub.host.api, this.terminal));
      const all = hubs.join('\n');
      return all === local.join('\n') && (typeof text === 'string' ? all.includes(text) : text.test(all));
    };
    await until('both screens are the same', isSame).catch(() => undefined);
    expect(hubs).toEqual(local);
    expect(hubs.join('\n')).toMatch(text);
  }

  async ended(): Promise<void> {
    const result = await this.call({ action: 'status', wait_for: { exit: true, timeout: 20 } });
    expect(result).toMatchObject({ success: true, metadata: { exit_code: 0 } });
  }
}

const drive = async (name: string, command: string): Promise<Driven> => {
  const { api } = hub.host;
  return new Driven(await openTerminal(api, { sessionId: await createSession(api), name, command }));
};

testWith('vim')(
  'T21, T22: vim is driven by send_input, its screen is a local one, and it writes the file',
  async () => {
    const file = join(hub.userHome, 'poem.txt');
    writeFileSync(file, Array.from({ length: 100 }, (_, index) => `line ${index + 1} grün 漢字`).join('\n'));
    const vim = await drive('vim', `exec vim -n -u NONE -N --cmd 'set ruler nomodeline' '${file}'`);
    await vim.shows('line 39 grün 漢字');
    await vim.type('20Gohello from an agent\x1b');
    await vim.shows('hello from an agent');
    await vim.type(':split\n/line 77\n:set number\n');
    await vim.shows(/78 line 77/);
    await vim.type('\x06:echo "moved"\n');
    await vim.shows('moved');
    await vim.type(':wqa\n');
    await vim.ended();
    expect(readFileSync(file, 'utf8').split('\n')[20]).toBe('hello from an agent');
  },
);

testWith('less')('T21, T22: less pages, searches and ends', async () => {
  const file = join(hub.userHome, 'long.txt');
  writeFileSync(file, Array.from({ length: 500 }, (_, index) => `row ${index + 1} äöü € 日本\n`).join(''));
  const less = await drive('less', `exec less '${file}'`);
  await less.shows('row 39');
  await less.type(' ');
  await less.shows('row 78');
  await less.type('/row 321\n');
  await less.shows(/^row 321/);
  await less.type('G');
  await less.shows('row 500');
  await less.type('q');
  await less.ended();
});

testWith('python3')('T22, T30: python3 is talked to, waits are met by what follows, Ctrl-C interrupts', async () => {
  const python = await drive('python', 'PYTHON_BASIC_REPL=1 exec python3 -q');
  await python.call({ action: 'status', wait_for: { pattern: '>>> ', timeout: 20 } });
  const send = (input: string, pattern: string) =>
    python.call({ action: 'send_input', input, wait_for: { pattern, timeout: 20 } });
  expect(await send('sum(range(101))\n', '^5050$')).toMatchObject({ success: true });
  expect(await send('for n in range(3):\n    print("n", n)\n\n', 'n 2')).toMatchObject({ success: true });
  expect(await send('while True: pass\n\n', 'pass')).toMatchObject({ success: true });
  expect(await send('\x03', 'KeyboardInterrupt')).toMatchObject({ success: true });
  await python.shows('KeyboardInterrupt');
  // After an interrupt it would end itself by SIGINT.
  await python.type('import os; os._exit(0)\n');
  await python.ended();
});

testWith('htop')('T21, T22: htop draws, moves, searches and quits', async () => {
  const htop = await drive('htop', 'exec htop -d 100');
  await htop.shows('F10');
  await htop.type('\x1b[B\x1b[B');
  await htop.shows('F10');
  await htop.type('/htop');
  await htop.shows('Search: htop');
  await htop.type('\n');
  await htop.type('q');
  await htop.ended();
});

testWith('npm')('T22, T30: npm init asks, is answered, and writes package.json', async () => {
  const folder = join(hub.userHome, 'project');
  mkdirSync(folder);
  const npm = await drive('npm', `cd '${folder}' && npm_config_update_notifier=false npm init`);
  const answers: [question: string, answer: string][] = [
    ['package name:', 'agent-made\n'],
    ['version:', '2.3.4\n'],
    ['description:', 'by send_input\n'],
    ['entry point:', '\n'],
    ['test command:', '\n'],
    ['git repository:', '\n'],
    ['keywords:', 'a b\n'],
    ['author:', '\n'],
    ['license:', 'MIT\n'],
  ];
  for (const [question, answer] of answers) {
    const seen = await npm.call({ action: 'status', wait_for: { pattern: `^${question} .*$`, timeout: 30 } });
    expect(seen).toMatchObject({ success: true });
    await npm.type(answer);
  }
  // Newer versions ask for the type of modules as well.
  const more = await npm.call({ action: 'status', wait_for: { pattern: '(Is this OK|^type:)', timeout: 30 } });
  if (!more.output.includes('Is this OK')) await npm.type('\n');
  await npm.shows('Is this OK?');
  await npm.type('\n');
  await npm.ended();
  const written = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as unknown;
  expect(written).toMatchObject({ name: 'agent-made', version: '2.3.4', description: 'by send_input', license: 'MIT' });
});

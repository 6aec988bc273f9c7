import headless from '@xterm/headless';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { terminalDirectory } from './host/stored-terminal.ts';
import { openRequest, readTerminal, type Reading } from './pty-hosts.fixture.ts';
import { hostRecordsOf, open, useTestPlace } from './pty-hosts-test.fixture.ts';
import type { PtyHosts } from './pty-hosts.types.ts';

const place = useTestPlace();
let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'navis-screen-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

interface Screen {
  lines: string[];
  cursor: number[];
  type: string;
  modes: unknown;
}

/** What a person's own terminal shows after these bytes. */
const screenOf = async (pieces: (string | Uint8Array)[], size = { cols: 80, rows: 24 }): Promise<Screen> => {
  const terminal = new headless.Terminal({ ...size, scrollback: 1000, allowProposedApi: true });
  for (const piece of pieces) await new Promise<void>((resolve) => terminal.write(piece, resolve));
  const { active } = terminal.buffer;
  const rows = Array.from({ length: terminal.rows }, (_, row) => active.getLine(active.baseY + row));
  return {
    lines: rows.map((row) => row?.translateToString(true) ?? ''),
    cursor: [active.cursorX, active.cursorY],
    type: active.type,
    modes: { ...terminal.modes },
  };
};

/** A viewer that attaches now sees what one sees that was there from the first byte. */
const expectSameScreen = async (hosts: PtyHosts, id: string, reading: Reading, size = { cols: 80, rows: 24 }) => {
  const snapshot = await hosts.snapshot(id, { scrollback: 1000 });
  await expect.poll(() => reading.offset).toBeGreaterThanOrEqual(snapshot.offset);
  const seen = reading.bytes().subarray(0, snapshot.offset);
  const later = reading.bytes().subarray(snapshot.offset);
  expect(await screenOf([snapshot.data, later], size)).toEqual(await screenOf([seen, later], size));
  return snapshot;
};

const type = (hosts: PtyHosts, id: string, text: string) => hosts.write(id, Buffer.from(text));

test('T17: attaching in the middle of vim shows the same screen as having watched', async () => {
  const file = join(folder, 'text.txt');
  writeFileSync(file, Array.from({ length: 300 }, (_, line) => `line ${line} with some words`).join('\n'));
  const hosts = await place().hub();
  const id = await open(hosts, `vim -u NONE -N ${file}`);
  const reading = readTerminal(hosts, id);
  await expect.poll(reading.text).toContain('line 20 with');
  const snapshot = await expectSameScreen(hosts, id, reading);
  expect(snapshot).toMatchObject({ alternateScreen: true, columns: 80, rows: 24 });
  await type(hosts, id, '150Gzzdd:set number\r/words\r');
  await expect.poll(async () => (await hosts.lastLines(id, 30)).join('\n')).toContain('151 line 151');
  await expectSameScreen(hosts, id, reading);
  await type(hosts, id, ':q!\r');
  await expect.poll(() => reading.exit).toMatchObject({ exitCode: 0 });
  expect(await expectSameScreen(hosts, id, reading)).toMatchObject({ alternateScreen: false });
});

test('T17: less, a coloured prompt and a progress bar are repainted as they are', async () => {
  const hosts = await place().hub();
  const id = await open(hosts, '', { args: ['--norc', '-i'], columns: 100, rows: 30 });
  const size = { cols: 100, rows: 30 };
  const reading = readTerminal(hosts, id);
  await expect.poll(reading.text).toContain('$ ');
  await type(
    hosts,
    id,
    `PS1='\\[\\e[1;32m\\]me\\[\\e[m\\]:\\w\\$ '; for i in 10 20 30; do printf "\\r%d%%\\e[K" $i; done; echo\r`,
  );
  await expect.poll(async () => (await hosts.lastLines(id, 3)).join('|')).toMatch(/30%\|me:.*[$#]$/);
  await expectSameScreen(hosts, id, reading, size);
  await type(hosts, id, 'seq 1 500 | less\r');
  await expect.poll(async () => hosts.snapshot(id, { scrollback: 0 })).toMatchObject({ alternateScreen: true });
  await type(hosts, id, '  /77\r');
  await expect.poll(async () => (await hosts.lastLines(id, 30)).join('|')).toContain('77');
  await expectSameScreen(hosts, id, reading, size);
});

test('A1: attaching costs one screen whatever the history, and the screen is exact after a plain flood', async () => {
  const hosts = await place().hub();
  const id = await open(
    hosts,
    'read go; yes "a line of some forty characters or so" | head -c 30000000; printf "\\e[7mend\\e[m"; sleep 60',
  );
  const reading = readTerminal(hosts, id, { keeps: false });
  await type(hosts, id, '\r');
  await expect.poll(async () => (await hosts.lastLines(id, 1))[0]).toContain('end');
  const snapshot = await hosts.snapshot(id, { scrollback: 0 });
  expect(snapshot.catchingUp).toBe(false);
  // The reader of 30 MB may still be on its way.
  await expect.poll(() => reading.offset).toBe(snapshot.offset);
  expect(snapshot.data.length).toBeLessThan(10_000);
  const { lines } = await screenOf([snapshot.data]);
  expect(lines.slice(0, 22)).toEqual(Array.from({ length: 22 }, () => 'a line of some forty characters or so'));
});

test('T21: 25 lines give 6 to 25, an unfinished one and applied carriage returns included', async () => {
  const hosts = await place().hub();
  const id = await open(hosts, 'seq 1 25; sleep 60');
  await expect.poll(() => hosts.lastLines(id, 20)).toEqual(Array.from({ length: 20 }, (_, index) => String(index + 6)));
  const other = await open(hosts, 'printf "10%%\\r20%%\\r\\n\\e[31mred\\e[m\\nworking..."; sleep 60');
  await expect.poll(() => hosts.lastLines(other, 20)).toEqual(['20%', 'red', 'working...']);
});

test('A8: the screen answers queries unless a viewer does, and nobody answers twice', async () => {
  const hosts = await place().hub();
  const ask = `stty raw -echo min 0 time 20; printf '\\e[6n'; head -c 6 | od -An -c; sleep 0.2; stty sane; echo done; read go;`;
  const id = await open(hosts, `${ask} ${ask}`);
  const reading = readTerminal(hosts, id);
  await expect.poll(reading.text).toContain('done');
  expect(reading.text()).toMatch(/033\s+\[\s+1\s+;\s+1\s+R/);
  hosts.setQueryResponder(id, 'viewer');
  const before = reading.offset;
  await type(hosts, id, '\r');
  await expect.poll(() => reading.text().slice(before)).toContain('done');
  expect(reading.text().slice(before)).not.toContain('033   [');
});

test('a title, a directory and the answer to device attributes come from the screen', async () => {
  const hosts = await place().hub();
  const titles: string[] = [];
  hosts.onEvent((event) => event.type === 'title' && titles.push(event.title));
  const id = await open(hosts, `printf '\\e]2;my title\\a\\e]7;file://host/some/where\\a'; sleep 60`);
  await expect.poll(() => titles).toEqual(['my title']);
  expect(hosts.get(id)?.title).toBe('my title');
  expect(await hosts.snapshot(id, { scrollback: 0 })).toMatchObject({ title: 'my title', cwd: '/some/where' });
});

test('a resize in between keeps the snapshot exact', async () => {
  const hosts = await place().hub();
  const id = await open(hosts, 'seq 1 100; printf "%0200d" 7; read go; seq 200 230; read go');
  const reading = readTerminal(hosts, id);
  await expect.poll(reading.text).toContain('0007');
  const changes: { offset: number; cols: number; rows: number }[] = [];
  hosts.onEvent((event) => {
    if (event.type === 'resized') changes.push({ offset: event.offset, cols: event.columns, rows: event.rows });
  });
  await hosts.resize(id, { columns: 50, rows: 10 });
  await type(hosts, id, '\r');
  await expect.poll(reading.text).toContain('230');
  await expect.poll(() => changes).toHaveLength(1);
  const snapshot = await hosts.snapshot(id, { scrollback: 1000 });
  const terminal = new headless.Terminal({ cols: 80, rows: 24, scrollback: 1000, allowProposedApi: true });
  const write = (piece: Uint8Array): Promise<void> => new Promise((resolve) => terminal.write(piece, resolve));
  const at = changes[0]?.offset ?? 0;
  await write(reading.bytes().subarray(0, at));
  terminal.resize(50, 10);
  await write(reading.bytes().subarray(at));
  const { active } = terminal.buffer;
  const expected = Array.from({ length: 10 }, (_, row) => active.getLine(active.baseY + row)?.translateToString(true));
  expect((await screenOf([snapshot.data], { cols: 50, rows: 10 })).lines).toEqual(expected);
});

test('full disk: the terminal goes on, its newest bytes stay, and the loss is told', async () => {
  const hosts = await place().hub({ retainBytes: 1024 * 1024 });
  const degraded: string[] = [];
  hosts.onEvent((event) => event.type === 'logDegraded' && degraded.push(event.terminalId));
  const request = openRequest('echo one; read go; seq 1 1000000; echo; echo LAST; sleep 60');
  await hosts.open(request);
  const reading = readTerminal(hosts, request.terminalId);
  await expect.poll(reading.text).toContain('one');
  // A file in the place of the folder refuses new segments as a full disk does.
  const directory = terminalDirectory(place().stateDirectory, request.terminalId);
  rmSync(directory, { recursive: true });
  writeFileSync(directory, '');
  await type(hosts, request.terminalId, '\r');
  await expect.poll(() => degraded).toContain(request.terminalId);
  await expect.poll(() => reading.text().endsWith('LAST\r\n')).toBe(true);
  expect(await hosts.lastLines(request.terminalId, 1)).toEqual(['LAST']);
  const page = await hosts.read(request.terminalId, 0, 100);
  expect(page.offset).toBeGreaterThan(0);
  expect(reading.text().startsWith(Buffer.from(page.bytes).toString(), page.offset)).toBe(true);
  rmSync(directory);
});

test('a terminal at rest is shown again from its checkpoint, by this host or another', async () => {
  const hosts = await place().hub({ buildId: 'one' });
  const id = await open(hosts, `seq 1 50; printf '\\e[?2004h\\e[5;5Hhere\\e]2;title\\a'; exit 3`);
  await expect.poll(() => hosts.get(id)?.exit).toMatchObject({ exitCode: 3 });
  const before = await hosts.snapshot(id, { scrollback: 100 });
  const [host] = hostRecordsOf(place());
  process.kill(host?.pid ?? 0, 'SIGKILL');
  const other = await place().hub({ buildId: 'two' });
  await expect.poll(() => hostRecordsOf(place())).toEqual([]);
  expect(await other.snapshot(id, { scrollback: 100 })).toEqual(before);
  expect(before).toMatchObject({ title: 'title', data: expect.stringContaining('\x1b[?2004h') });
});

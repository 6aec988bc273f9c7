/** Nodes as a person has them in the CLI: invited, joined, chosen by name and label, run on together, limited, left (issue 3). */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createTestHome, startHub, startNode, until, type TestHub, type TestNode } from '@navisai/testkit';
import type { Ceiling, NodeInfo } from '@navisai/protocol';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { cli, cliFile, cliJson, openWindow, startCli, TerminalWindow } from './cli-process.fixture.ts';

let hub: TestHub;
let web: TestNode;
let db: TestNode;
const cleanUp = new AsyncDisposableStack();
beforeAll(async () => {
  hub = cleanUp.use(await startHub());
  web = cleanUp.use(await startNode(hub, { name: 'web-1', labels: { role: 'web', env: 'test' } }));
  db = cleanUp.use(await startNode(hub, { name: 'db', labels: { role: 'db' } }));
});
afterAll(() => cleanUp.disposeAsync());

const cliDocument = ({ stdout }: { stdout: string }): unknown => JSON.parse(stdout);
const run = (...words: string[]) => cli(hub, ['run', ...words]);
const onDisk = (node: TestNode, name: string): string => join(node.userHome, name);

interface FleetDocument {
  succeeded: number;
  failed: number;
  not_run: number;
  nodes: { name: string; state: string; why?: string; output?: string; metadata?: { exit_code: number } }[];
  outliers: { nodes: string[]; diff: string[] }[];
}

test('N2, I12: a machine joins with the line that nodes add prints, stays through --wait, and leaves', async () => {
  await using place = await createTestHome();
  const waiting = startCli(hub, ['nodes', 'add', 'nas', '--label', 'role=storage', '-l', 'rack=7', '--wait']);
  await until('the line is there', () => waiting.stdout.includes('NODE_API_KEY='));
  const line = /^NODE_API_KEY=.*$/m.exec(waiting.stdout)?.[0] ?? '';
  expect(line).toMatch(/^NODE_API_KEY=navis1\.\S+ npx navisai node join https:\/\/\S+$/);
  const pasted = line.replace('npx navisai', `exec ${process.execPath} ${cliFile}`);
  const env = place.environment({ TERM: 'xterm-256color' });
  const size = { columns: 100, rows: 30 };
  const node = new TerminalWindow({ file: '/bin/bash', args: ['-c', pasted], env, cwd: place.userHome, ...size });
  try {
    expect(await waiting.ended).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('Connected: nas') });
    const listed = await cli(hub, ['nodes']);
    expect(listed.stdout).toMatch(/^NAME +STATE +SINCE +LOAD/);
    expect(listed.stdout).toMatch(/^nas +online .* rack=7 role=storage$/m);
    expect((await cli(hub, ['nodes', 'show', 'nas'])).stdout).toContain('rack=7 role=storage');
    expect((await cli(place, ['node', 'status'])).exitCode).toBe(0);
    expect((await cli(place, ['node', 'logs'])).stdout).toContain('info');
    expect((await run('--node', 'nas', '--', 'echo "$HOME"')).stdout).toBe(`${place.userHome}\n`);
    node.type('\x03');
    await node.ended();
  } finally {
    await node[Symbol.asyncDispose]();
    const left = await cli(place, ['node', 'leave', '--yes']);
    expect(left.stdout).toContain('The hub knows.');
  }
  expect((await cli(place, ['node', 'status'])).exitCode).not.toBe(0);
  await until('the hub knows that it is gone', async () => {
    const { nodes } = await cliJson<{ nodes: NodeInfo[] }>(hub, ['nodes']);
    return nodes.find(({ name }) => name === 'nas')?.state === 'left';
  });
  expect((await cli(hub, ['nodes', 'remove', 'nas'])).stderr).toContain('--yes');
  expect(await cliJson(hub, ['nodes', 'remove', 'nas', '--yes'])).toMatchObject({ name: 'nas', removed: true });
});

test('N2: a node key is no argument, and the refusal does not repeat it', async () => {
  const { key, command, id } = await cliJson<{ id: string; key: string; command: string }>(hub, [
    'nodes',
    'add',
    'later',
  ]);
  expect(command).toContain(key);
  for (const words of [[key], ['https://127.0.0.1:1', '--key', key]]) {
    const { exitCode, stdout, stderr } = await cli(hub, ['node', 'join', ...words]);
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toContain('NODE_API_KEY');
    expect(stderr).not.toContain(key);
  }
  const { exitCode, stderr } = await cli(hub, ['nodes', 'add', 'later']);
  expect([exitCode, stderr]).toEqual([6, expect.stringContaining('later')]);
  await cli(hub, ['nodes', 'remove', id, '--yes']);
});

test('N3, I12: names, labels and drain change at once; unknown nodes get the nearest name', async () => {
  expect((await cli(hub, ['nodes', 'label', 'db', 'tier=1', 'role=sql'])).stdout).toBe('db: role=sql tier=1\n');
  expect((await cli(hub, ['nodes', 'label', 'db', 'tier-', 'role=db'])).stdout).toBe('db: role=db\n');
  expect(await cli(hub, ['nodes', 'show', 'web1'])).toMatchObject({
    exitCode: 5,
    stderr: expect.stringContaining('web-1'),
  });
  expect((await cli(hub, ['nodes', 'rename', 'db', 'sql'])).exitCode).toBe(0);
  expect((await run('--node', 'sql', '--', 'echo hi')).stdout).toBe('hi\n');
  await cli(hub, ['nodes', 'rename', db.id, 'db']);
  await cli(hub, ['nodes', 'drain', 'db']);
  const refused = await run('--node', 'db', '--', 'touch drained');
  expect(refused).toMatchObject({ exitCode: 6, stdout: '' });
  const fleet = await run('--on', 'role=db', '--', 'touch drained');
  expect(fleet).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('draining') });
  await cli(hub, ['nodes', 'drain', 'db', '--undo']);
  expect(existsSync(onDisk(db, 'drained'))).toBe(false);
  const words = (await cli(hub, ['__complete', 'run', '--node', ''])).stdout;
  expect(words).toMatch(/^web-1\tonline/m);
  expect((await cli(hub, ['__complete', 'run', '--on', 'ro'])).stdout).toMatch(/^role=web\t/m);
});

test('N5: run, terminals and tools go to the node that is named; nothing falls back to this machine', async () => {
  expect(await run('--node', 'web-1', '--', 'pwd; echo err >&2; exit 3')).toEqual({
    exitCode: 3,
    stdout: `${web.userHome}\n`,
    stderr: 'err\n',
  });
  expect((await run('--node', web.id, '--cwd', '/', '--', 'pwd')).stdout).toBe('/\n');
  expect((await run('--node', 'web-1', '--cwd', 'x', '--', 'pwd')).exitCode).toBe(2);
  const unknown = await run('--node', 'web-9', '--', 'touch ran-anyway');
  expect(unknown).toMatchObject({ exitCode: 5, stdout: '' });
  expect(existsSync(join(hub.userHome, 'ran-anyway'))).toBe(false);
  const opened = await cli(hub, ['terminal', 'open', 'far', '--node', 'web-1', '--', 'bash']);
  expect(opened.exitCode).toBe(0);
  expect((await cli(hub, ['terminal', 'list'])).stdout).toMatch(/^far +web-1 +busy /m);
  const kept = await cli(hub, ['terminal', 'run', 'far', '--node', 'web-1', '--', 'export X=42; pwd']);
  expect(kept.stdout).toContain(web.userHome);
  const result = await cli(hub, [
    'tool',
    'terminal',
    '{"action":"run","terminal_name":"far","command":"echo $X"}',
    '--node',
    'web-1',
  ]);
  expect(JSON.parse(result.stdout)).toMatchObject({ success: true, metadata: { node_id: web.id } });
  await using window = openWindow(hub, ['attach', 'far']);
  await window.shows(/[$#] /);
  window.type('echo "it is $X"\r');
  await window.shows('it is 42');
  window.type('exit 5\r');
  expect(await window.ended()).toBe(5);
  await cli(hub, ['terminal', 'close', 'far', '--node', 'web-1']);
});

test('N5: Ctrl-C reaches a command on a node', async () => {
  const script = `trap 'echo caught; exit 7' INT; echo ready; while :; do sleep 0.1; done`;
  await using window = openWindow(hub, ['run', '--node', 'web-1', '--', script]);
  await window.shows('ready');
  window.type('\x03');
  await window.shows('caught');
  expect(await window.ended()).toBe(7);
});

test('N7, T18: a run on a node goes on through kill -9 of the hub and of the node: nothing lost, nothing twice', async () => {
  const script = 'echo run >> runs; for i in $(seq 1 60); do echo line $i; sleep 0.05; done; exit 5';
  const running = startCli(hub, ['run', '--node', 'web-1', '--', script]);
  await until('output', () => running.stdout.includes('line 3'));
  await hub.kill();
  await hub.start();
  await until('output goes on', () => running.stdout.includes('line 20'));
  await web.kill();
  await web.start();
  const { exitCode, stdout } = await running.ended;
  expect(stdout).toBe(Array.from({ length: 60 }, (_, index) => `line ${index + 1}\n`).join(''));
  expect(exitCode).toBe(5);
  expect(readFileSync(onDisk(web, 'runs'), 'utf8')).toBe('run\n');
});

test('N5: run --on streams whole lines behind aligned names, and sums up', async () => {
  const { exitCode, stdout, stderr } = await run('--on', 'role', '--', 'echo same; echo oops >&2');
  expect(exitCode).toBe(0);
  expect(stdout.split('\n').toSorted()).toEqual(['', 'db    │ same', 'web-1 │ same']);
  expect(stderr).toMatch(/^db {4}! oops$/m);
  expect(stderr).toMatch(/^web-1 ! oops$/m);
  expect(stderr).toMatch(/^2 nodes in .* s: 2 succeeded, 0 failed, 0 did not run$/m);
  expect(stderr).not.toContain('different');
});

test('N5: outliers, failures and canaries: the majority counts, others are not begun after a failure', async () => {
  const odd = await cliJson<FleetDocument>(hub, ['run', '--on', 'all', '--', 'test -e runs && echo odd || echo even']);
  expect(odd).toMatchObject({ succeeded: 3, failed: 0, not_run: 0 });
  expect(odd.outliers).toEqual([{ nodes: ['web-1'], end: 'exit code 0', diff: ['- even', '+ odd'] }]);

  const command = 'echo x >> tries; test "$(basename "$PWD")" = nowhere';
  const canary = await run('--json', '--on', 'role', '--canary', '1', '--', command);
  expect(canary.exitCode).toBe(1);
  const told = JSON.parse(canary.stdout) as FleetDocument;
  expect(told.nodes.map(({ state, why }) => why ?? state)).toEqual(['failed', 'canary']);

  const stopped = await run('--json', '--on', 'all', '--concurrency', '1', '--', 'false');
  expect((JSON.parse(stopped.stdout) as FleetDocument).nodes.map(({ why }) => why)).toEqual([
    undefined,
    'stopped',
    'stopped',
  ]);
  const going = await run('--json', '--on', 'all', '--keep-going', '--', 'exit 4');
  expect(JSON.parse(going.stdout)).toMatchObject({ failed: 3, not_run: 0 });
  expect((await run('--on', 'nobody', '--', 'true')).exitCode).toBe(5);
});

test('N5, N6: Ctrl-C on many nodes ends the command everywhere with exit code 130', async () => {
  const script = 'echo $$ > fleet-pid; echo ready; exec sleep 60';
  await using window = openWindow(hub, ['run', '--on', 'role', '--', script]);
  await window.shows(/db +│ ready/);
  await window.shows(/web-1 │ ready/);
  window.type('\x03');
  expect(await window.ended()).toBe(130);
  for (const node of [web, db]) {
    const pid = readFileSync(onDisk(node, 'fleet-pid'), 'utf8').trim();
    await until('the command is gone', () => !existsSync(`/proc/${pid}`));
  }
});

test('N7: a fleet run goes on through kill -9 of the hub: each node once, every line once', async () => {
  const script = 'echo run >> fleet-runs; for i in $(seq 1 40); do echo $i; sleep 0.05; done';
  const running = startCli(hub, ['run', '--on', 'role', '--', script]);
  await until('output', () => running.stdout.includes('db    │ 3\n') && running.stdout.includes('web-1 │ 3\n'));
  await hub.kill();
  await hub.start();
  const { exitCode, stdout } = await running.ended;
  expect(exitCode).toBe(0);
  const expected = Array.from({ length: 40 }, (_, index) => String(index + 1));
  for (const [name, node] of [['db    ', db] as const, ['web-1 ', web] as const]) {
    const lines = stdout.split('\n').filter((line) => line.startsWith(name));
    expect(lines.map((line) => line.slice(8))).toEqual(expected);
    expect(readFileSync(onDisk(node, 'fleet-runs'), 'utf8')).toBe('run\n');
  }
});

test('N3: a node that is away is told, not skipped; its terminals are marked', async () => {
  const gone = await startNode(hub, { name: 'gone', labels: { role: 'gone' } });
  onTestFinished(() => gone[Symbol.asyncDispose]());
  await cli(hub, ['terminal', 'open', 'lost', '--node', 'gone', '--', 'sleep 1000']);
  await gone.kill();
  await until('it is offline', async () => (await gone.info()).state === 'offline', 20_000);
  expect((await cli(hub, ['terminal', 'list'])).stdout).toMatch(/^lost +gone +unreachable \(was busy\)/m);
  await using window = openWindow(hub, ['attach', 'lost']);
  await window.shows('is not connected');
  expect(await window.ended()).toBe(3);
  expect(await run('--on', 'role=gone', '--', 'true')).toMatchObject({ exitCode: 3, stdout: '' });
  const some = await run('--json', '--on', 'role', '--', 'true');
  expect(some.exitCode).toBe(1);
  expect(JSON.parse(some.stdout)).toMatchObject({ succeeded: 2, not_run: 1 });
  expect(await run('--node', 'gone', '--', 'true')).toMatchObject({
    exitCode: 3,
    stderr: expect.stringMatching(/connected|offline/),
  });
  const status = await cliJson<{ nodes: { offline: string[] } }>(hub, ['status']);
  expect(status.nodes.offline).toEqual(['gone']);
  expect((await cli(hub, ['doctor'])).stdout).toContain('gone is offline');
  await gone.start();
  await cli(hub, ['terminal', 'close', 'lost', '--node', 'gone']);
  await cli(hub, ['nodes', 'revoke', 'gone']);
  await until('the revoked node ends', () => !gone.isRunning);
  await cli(hub, ['nodes', 'remove', 'gone', '--yes']);
});

test('N12, A1: a ceiling is shown, tightened and explained; a refusal names the rule and where it lives', async () => {
  const ceiling: Ceiling = {
    version: 1,
    programs: ['echo', 'ls', 'touch'],
    directories: [{ path: '~', access: 'write' }],
  };
  const limited = await startNode(hub, { name: 'limited', labels: { role: 'limited' }, ceiling });
  onTestFinished(() => limited[Symbol.asyncDispose]());
  const explain = (...words: string[]) => cli(hub, ['policy', 'explain', '--node', 'limited', ...words]);
  const file = join(limited.home, 'node', 'policy.json');

  expect(await explain('--', 'echo', 'hi')).toMatchObject({
    exitCode: 0,
    stdout: expect.stringContaining('allowed on limited'),
  });
  const denied = await explain('--', 'rm -rf x');
  expect(denied).toMatchObject({ exitCode: 4, stdout: expect.stringContaining('denied on limited') });
  expect(denied.stdout).toContain(file);
  expect(await run('--node', 'limited', '--', 'rm -rf x')).toMatchObject({
    exitCode: 4,
    stderr: expect.stringContaining(file),
  });
  expect((await run('--node', 'limited', '--', 'touch here')).exitCode).toBe(0);

  const shown = await cli(hub, ['nodes', 'policy', 'limited']);
  expect(shown.stdout).toContain(file);
  expect(shown.stdout).toContain('echo, ls, touch');
  expect((await cli(hub, ['nodes'])).stdout).toMatch(/^limited +online, restricted/m);

  writeFileSync(join(hub.userHome, 'overlay.json'), JSON.stringify({ version: 1, programs: ['ls', 'rm'] }));
  const set = await cli(hub, ['nodes', 'policy', 'limited', '--set', 'overlay.json']);
  expect(set).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('ls, rm') });
  const tightened = await cliDocument(await explain('--json', '--', 'echo hi'));
  expect(tightened).toMatchObject({ effect: 'deny', decidedBy: { source: expect.stringContaining('overlay') } });
  expect((await explain('--', 'rm x')).exitCode).toBe(4);
  expect((await run('--node', 'limited', '--', 'echo hi')).exitCode).toBe(4);
  expect((await cli(hub, ['nodes', 'policy', 'limited', '--remove'])).exitCode).toBe(0);
  expect((await run('--node', 'limited', '--', 'echo hi')).stdout).toBe('hi\n');
});

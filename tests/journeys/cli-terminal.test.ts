import { startHub, type TestHub } from '@navisai/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cli, cliJson } from './cli-process.fixture.ts';

interface Result {
  success: boolean;
  output: string;
  error?: { code: string; message: string; field?: string };
  metadata: Record<string, unknown>;
}

let hub: TestHub;
beforeAll(async () => {
  hub = await startHub();
});
afterAll(() => hub[Symbol.asyncDispose]());

const tool = async (session: string, input: unknown): Promise<{ exitCode: number | null; result: Result }> => {
  const { exitCode, stdout } = await cli(hub, ['tool', 'terminal', JSON.stringify(input), '--session', session]);
  return { exitCode, result: JSON.parse(stdout) as Result };
};
const newSession = async (): Promise<string> => (await cliJson<{ id: string }>(hub, ['sessions', 'new'])).id;

test('issue 2: the contract for scripts: sessions new, then tool terminal, exit code 0 only on success', async () => {
  const session = await newSession();
  expect((await cli(hub, ['session', 'new'])).stdout).toMatch(/^s_[0-9a-z]+\n$/);
  const ran = await tool(session, { action: 'run', command: 'echo "$((6*7))"' });
  expect(ran).toMatchObject({ exitCode: 0, result: { success: true, output: '42\n', metadata: { exit_code: 0 } } });
  const failed = await tool(session, { action: 'run', command: 'echo out; exit 3' });
  expect(failed.exitCode).toBe(1);
  expect(failed.result).toMatchObject({ success: false, output: 'out\n', metadata: { exit_code: 3 } });
  const refused = await tool(session, { action: 'foo' });
  expect(refused).toMatchObject({ exitCode: 2, result: { success: false, error: { field: 'action' } } });
  const unknown = await cli(hub, ['tool', 'terminal', '{"action":"list"}', '--session', 's_doesnotexist']);
  expect(unknown.exitCode).toBe(5);
  expect(JSON.parse(unknown.stdout)).toMatchObject({ success: false, error: { code: 'NOT_FOUND' } });
});

test('issue 2: arguments of a tool come from stdin or a file as well', async () => {
  const input = JSON.stringify({ action: 'run', command: 'echo from stdin' });
  expect((await cli(hub, ['tool', 'terminal', '-'], { input })).stdout).toContain('from stdin');
  expect((await cli(hub, ['tool', 'terminal', '@/does/not/exist'])).exitCode).toBe(2);
  const large = await cli(hub, ['tool', 'terminal', '-'], { input: 'x'.repeat(10 * 1024 * 1024) });
  expect(large.exitCode).toBe(2);
  expect(large.stderr).toContain('too large');
});

test('issue 2: the same call id answers with the first result and runs nothing again', async () => {
  const session = await newSession();
  const call = { action: 'run', command: 'date +%s%N', call_id: 'call-of-a-script-1' };
  const first = await tool(session, call);
  expect((await tool(session, call)).result.output).toBe(first.result.output);
});

test('T10-T22: the comfortable forms do the same', async () => {
  const session = await newSession();
  const on = ['--session', session];
  const open = ['terminal', 'open', 'sh', '--description', 'a shell', ...on, '--', 'env', 'PS1=$ ', 'bash', '--norc'];
  expect((await cli(hub, open)).exitCode).toBe(0);
  expect((await cli(hub, open)).exitCode).toBe(6);
  const sent = await cli(hub, [
    'terminal',
    'send',
    'sh',
    'echo hello-$((1+1))',
    '--enter',
    '--wait-for',
    'hello-2',
    ...on,
  ]);
  expect(sent).toMatchObject({ exitCode: 0 });
  const status = await cli(hub, ['terminal', 'status', 'sh', '--lines', '5', ...on]);
  expect(status.stdout).toContain('hello-2');
  const listed = await cliJson<{ terminals: Record<string, unknown>[] }>(hub, ['terminal', 'list', ...on]);
  expect(listed.terminals).toMatchObject([{ name: 'sh', description: 'a shell', status: 'busy' }]);
  expect((await cli(hub, ['terminal', 'list', ...on])).stdout).toContain('a shell');
  expect((await cli(hub, ['terminal', 'close', 'sh', ...on])).exitCode).toBe(0);
  expect((await cli(hub, ['terminal', 'close', 'sh', ...on])).exitCode).toBe(5);
  expect((await cli(hub, ['terminal', 'list', ...on])).stdout).toContain('There are no terminals');
});

test('T14: a foreground terminal prints its output and returns the exit code', async () => {
  const words = ['terminal', 'open', 'build', '--foreground', '--', 'echo built; exit 4'];
  expect(await cli(hub, words)).toMatchObject({ exitCode: 4, stdout: expect.stringContaining('built') as string });
  expect((await cli(hub, words)).exitCode).toBe(4);
});

test('T24: run inside an open shell keeps its state and returns the exit code', async () => {
  await cli(hub, ['terminal', 'open', 'state', '--', 'env', 'PS1=$ ', 'bash', '--norc']);
  const inside = (text: string) => cli(hub, ['terminal', 'run', 'state', '--', text]);
  expect((await inside('cd /usr && export STAGE=test')).exitCode).toBe(0);
  expect(await inside('pwd; echo $STAGE')).toMatchObject({ exitCode: 0, stdout: '/usr\ntest\n' });
  expect(await inside('(exit 6)')).toMatchObject({ exitCode: 6 });
});

test('issue 2: without --session the default session is used, and open just works', async () => {
  const words = [
    'terminal',
    'open',
    'web',
    '--description',
    'dev server',
    '--wait-for',
    'ready',
    '--',
    'sh',
    '-c',
    'echo ready; sleep 600',
  ];
  expect((await cli(hub, words)).exitCode).toBe(0);
  const { terminals } = await cliJson<{ terminals: Record<string, unknown>[] }>(hub, ['terminal', 'list']);
  expect(terminals.find(({ name }) => name === 'web')).toMatchObject({
    description: 'dev server',
    status: 'busy',
    background: true,
    keepAlive: true,
  });
  expect((await cli(hub, ['terminal', 'open', 'named-after-command', '--', 'sleep', '600'])).exitCode).toBe(0);
  const { terminals: all } = await cliJson<{ terminals: Record<string, unknown>[] }>(hub, [
    'terminal',
    'list',
    '--all',
  ]);
  expect(all.find(({ name }) => name === 'named-after-command')).toMatchObject({ description: 'sleep 600' });
});

test('issue 2: names and descriptions of others cannot act on the terminal', async () => {
  const session = await newSession();
  await tool(session, {
    action: 'open',
    terminal_name: 'x',
    description: '\x1b[2J\u202eevil',
    command: 'sleep 600',
    background: true,
  });
  for (const words of [
    ['terminal', 'list', '--all'],
    ['sessions', 'show', session],
  ]) {
    const { stdout } = await cli(hub, words);
    expect(stdout).toContain('\\x1b[2J\\u{202e}evil');
    expect(stdout).not.toMatch(/[\x1b\u202e]/);
  }
  expect((await cli(hub, ['sessions', 'rename', session, 'a\nb'])).stdout).not.toMatch(/a\nb/);
});

test('issue 2: api signs for scripts, and tells by its exit code how it went', async () => {
  const { exitCode, stdout } = await cli(hub, ['api', 'POST', '/sessions', '{"title":"by api"}']);
  expect(exitCode).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ title: 'by api' });
  expect((await cli(hub, ['api', 'GET', '/sessions/s_doesnotexist'])).exitCode).toBe(5);
  expect((await cli(hub, ['api', 'GET', '/nothing/here'])).exitCode).toBe(5);
});

test('T18: a tool call survives kill -9 and restart of the hub, and runs once', async () => {
  const session = await newSession();
  const running = tool(session, {
    action: 'run',
    command: 'echo x >> ran-once; sleep 2; cat ran-once',
    working_dir: hub.userHome,
  });
  await cli(hub, ['run', '--', 'until [ -e ran-once ]; do sleep 0.02; done']);
  await hub.kill();
  await hub.start();
  expect((await running).result).toMatchObject({ success: true, output: 'x\n' });
});

/** The machine's own file and the hub's overlay: read, kept, refused (N12). */
import {
  mkdtempSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Ceiling } from '@navisai/protocol';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { MachineOptions } from '../machine-options.types.ts';
import { hasSandbox, makeConfined } from '../sandbox/sandbox-target.fixture.ts';
import { makeLocalTarget } from '../tools/terminal-target.fixture.ts';
import { createMachinePolicy } from './machine-policy.ts';
import type { MachinePolicyRequest } from './machine-policy.ts';

let home = '';
let ceilingFile = '';
beforeEach(() => {
  home = realpathSync(mkdtempSync(join(tmpdir(), 'navis-policy-')));
  ceilingFile = join(home, 'policy.json');
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const write = (ceiling: unknown): void =>
  writeFileSync(ceilingFile, typeof ceiling === 'string' ? ceiling : JSON.stringify(ceiling));
const policyWith = (more: Partial<MachineOptions> = {}, parts: Partial<MachinePolicyRequest> = {}) => {
  const stateDirectory = join(home, '.navis');
  mkdirSync(join(stateDirectory, 'sh'), { recursive: true });
  const options = { stateDirectory, runtimeDirectory: home, home, nodeId: 'n', ceilingFile, ...more };
  return createMachinePolicy({ options, scriptFolder: () => Promise.resolve(join(stateDirectory, 'sh')), ...parts });
};
const request = {
  tool: 'terminal',
  arguments: {},
  sessionId: 's',
  callId: 'c',
  userId: 'u',
  origin: 'person',
} as const;

test.each([
  ['{', 'is not valid JSON'],
  [{}, 'version'],
  [{ version: 2 }, 'version'],
  [{ version: 1, program: ['ls'] }, 'program'],
  [{ version: 1, directories: [{ path: 'work', access: 'read' }] }, 'directories.0.path'],
  [{ version: 1, hours: [{ from: '8', to: '9' }] }, 'hours.0.from'],
  [[], 'expected object'],
])('N12: a wrong policy.json %j keeps the machine from starting, naming file and field', async (ceiling, said) => {
  write(ceiling);
  const started = makeLocalTarget({ home, ceilingFile });
  await expect(started).rejects.toMatchObject({ code: 'POLICY_DENIED' });
  await expect(policyWith().start()).rejects.toThrow(ceilingFile);
  await expect(policyWith().start()).rejects.toThrow(said);
});

test('N12: without a sandbox a restricting ceiling keeps the machine from starting, saying what to install', async () => {
  const findSandbox = () => Promise.resolve({ reason: 'bubblewrap is not installed; install the package bubblewrap.' });
  for (const ceiling of [
    { tools: ['terminal'] },
    { hours: [] },
    { network: false },
    { readOnly: true },
    { directories: [] },
  ]) {
    write({ version: 1, ...ceiling });
    await expect(policyWith({}, { findSandbox }).start()).rejects.toMatchObject({ code: 'SANDBOX_UNAVAILABLE' });
    await expect(policyWith({}, { findSandbox }).start()).rejects.toThrow('install the package bubblewrap');
  }
  write({ version: 1 });
  await policyWith({}, { findSandbox }).start();
});

test('N12: without a sandbox the hub cannot make limits that nothing enforces', async () => {
  const findSandbox = () => Promise.resolve({ reason: 'none.' });
  const policy = policyWith({}, { findSandbox });
  await policy.start();
  await expect(policy.setOverlay({ version: 1, readOnly: true })).rejects.toMatchObject({
    code: 'SANDBOX_UNAVAILABLE',
  });
  expect((await policy.describe()).overlay).toBeNull();
  expect(policy.guard.isRestricted).toBe(false);
});

describe.skipIf(!hasSandbox)('N12: ceiling and overlay', () => {
  test('N12: the file is read again when it changes; a broken or vanished one opens nothing', async () => {
    write({ version: 1, programs: ['ls'] });
    const { guard, start } = policyWith();
    await start();
    const allow = (text: string): void => guard.allowCommand(request, { text, workingDirectory: home });
    expect(() => allow('ls')).not.toThrow();
    expect(() => allow('cat x')).toThrow(`rule programs of ${ceilingFile}`);
    write({ version: 1, programs: ['cat', 'ls'] });
    expect(() => allow('cat x')).not.toThrow();
    write('{"version":1,');
    expect(() => allow('ls')).toThrow(ceilingFile);
    write({ version: 1, programs: ['cat'] });
    expect(() => allow('ls')).toThrow('programs');
    rmSync(ceilingFile);
    expect(() => allow('ls')).toThrow('programs');
  });

  test('N12: the overlay is kept for the owner alone, survives restarts and only narrows', async () => {
    write({ version: 1, programs: ['ls', 'cat'] });
    const first = policyWith();
    await first.start();
    await first.setOverlay({ version: 1, programs: ['ls', 'rm'] });
    expect(statSync(join(home, '.navis/policy-overlay.json')).mode & 0o777).toBe(0o600);
    const again = policyWith();
    await again.start();
    const allow = (text: string): void => again.guard.allowCommand(request, { text, workingDirectory: home });
    expect(() => allow('ls')).not.toThrow();
    expect(() => allow('cat x')).toThrow('rule programs of hub overlay');
    expect(() => allow('rm x')).toThrow(`rule programs of ${ceilingFile}`);
    expect(await again.describe()).toMatchObject({
      overlay: { programs: ['ls', 'rm'] },
      sandbox: 'bubblewrap',
      ceilingFile,
    });
    await again.setOverlay(null);
    expect(() => allow('cat x')).not.toThrow();
    writeFileSync(join(home, '.navis/policy-overlay.json'), '{}');
    await expect(policyWith().start()).rejects.toThrow('policy-overlay.json');
  });

  test('N12: hours are those of this machine, and end nothing', async () => {
    write({ version: 1, hours: [{ days: ['mon', 'tue', 'wed', 'thu', 'fri'], from: '08:00', to: '18:00' }] });
    let now = new Date('2026-11-20T12:00');
    const { guard, start } = policyWith({}, { now: () => now });
    await start();
    const allow = (): void => guard.allowCommand(request, { text: 'ls', workingDirectory: home });
    expect(allow).not.toThrow();
    now = new Date('2026-11-20T18:00');
    expect(allow).toThrow('08:00–18:00');
    expect(() => guard.allowTool(request, { action: 'close', access: 'change' })).not.toThrow();
    expect(() => guard.allowTool(request, { action: 'open', access: 'change' })).toThrow('hours');
  });

  test('N12: files: neither the state of the machine nor other processes, whatever the ceiling names', async () => {
    write({ version: 1, directories: [{ path: '/', access: 'write' }] });
    const { guard, start } = policyWith();
    await start();
    const allow =
      (realPath: string, access: 'read' | 'write' = 'read') =>
      (): void =>
        guard.allowPath({ ...request, tool: 'filesystem' }, { realPath, access });
    for (const path of [
      ceilingFile,
      join(home, '.navis/key'),
      '/proc/self/environ',
      '/proc/1/root/etc/passwd',
      '/run/x',
    ])
      expect(allow(path), path).toThrow('ceiling');
    expect(allow(join(home, 'x'), 'write')).not.toThrow();
    expect(allow('/etc/hosts')).not.toThrow();
    expect(allow('/etc/cron.d/x', 'write')).toThrow('system');
  });

  test('N12: what must be hidden and could be replaced keeps the machine from starting', async () => {
    write({ version: 1, directories: [{ path: '~', access: 'write' }] });
    const missing = join(home, 'program');
    await expect(policyWith({ hiddenPaths: [missing] }).start()).rejects.toThrow(`${missing} does not exist`);
    const link = join(home, 'link');
    mkdirSync(join(home, 'real'));
    symlinkSync(join(home, 'real'), link);
    await expect(policyWith({ hiddenPaths: [link] }).start()).rejects.toThrow(`${link} is a link`);
    // What lies in something hidden need not exist.
    mkdirSync(join(home, 'folder'));
    await policyWith({ hiddenPaths: [join(home, 'real'), join(home, 'folder'), join(home, 'folder/.env')] }).start();
  });

  test('A1: explain names every rule with where it lives, and runs nothing', async () => {
    write({ version: 1, programs: ['ls'] });
    const policy = policyWith({ allowedCommands: 'ls,touch' });
    await policy.start();
    const { effect, trace } = policy.explain({ command: `touch ${home}/made`, userId: 'u', origin: 'person' });
    expect(effect).toBe('deny');
    expect(trace.map(({ source }) => source)).toEqual([ceilingFile, 'TERMINAL_ALLOWED_COMMANDS']);
    expect(() => statSync(join(home, 'made'))).toThrow();
    expect(policy.explain({ tool: 'filesystem', action: 'read', userId: 'u', origin: 'person' }).effect).toBe('allow');
  });

  test('N12: a terminal from before the ceiling is closed when the machine starts with one', async () => {
    const ceiling: Ceiling = { version: 1, network: false };
    await using target = await makeConfined({}, {});
    writeFileSync(target.ceilingFile, JSON.stringify({ version: 1 }));
    const session = target.session();
    await session.open('sh', 'bash --norc', { background: true });
    writeFileSync(target.ceilingFile, JSON.stringify(ceiling));
    await target.restart();
    expect(target.machine.terminals(session.id)).toEqual([]);
    await session.open('sh', 'bash --norc', { background: true });
    await target.restart();
    expect(target.machine.terminals(session.id)).toMatchObject([{ name: 'sh' }]);
    await target.machine.closeSession(session.id, 'test');
  });

  test('N12: what is opened before a limit is typed into no more once it may reach too much', async () => {
    await using target = await makeConfined({ directories: [{ path: '~', access: 'write' }] });
    const session = target.session();
    const run = await session.shell('sh', 'bash --norc');
    expect(await run('echo one')).toMatchObject({ success: true });
    await target.machine.setOverlay({ version: 1, directories: [{ path: '~', access: 'read' }] });
    const denied = { success: false, error: { code: 'POLICY_DENIED' } };
    expect(await run('echo two')).toMatchObject(denied);
    const typed = { action: 'send_input', terminal_name: 'sh', input: 'echo three\n' };
    expect(await session.call(typed)).toMatchObject(denied);
    const [terminal] = target.machine.terminals(session.id);
    await expect(target.machine.input(terminal?.id ?? '', Buffer.from('x'))).rejects.toMatchObject(denied.error);
    await target.machine.setOverlay(null);
    expect(await run('echo four')).toMatchObject({ success: true, output: 'four\n' });
    await target.machine.closeSession(session.id, 'test');
  });

  test('N12: a viewer types only where the ceiling lets tools type', async () => {
    await using target = await makeConfined({ tools: ['terminal.open', 'terminal.close'] });
    const session = target.session();
    expect(await session.open('cat', 'cat', { background: true })).toMatchObject({ success: true });
    const [terminal] = target.machine.terminals(session.id);
    await expect(target.machine.input(terminal?.id ?? '', Buffer.from('x'))).rejects.toMatchObject({
      code: 'POLICY_DENIED',
    });
    expect((await session.call({ action: 'send_input', terminal_name: 'cat', input: 'x' })).error?.code).toBe(
      'POLICY_DENIED',
    );
    expect(readFileSync(target.ceilingFile, 'utf8')).toContain('terminal.open');
    await target.machine.closeSession(session.id, 'test');
  });
});

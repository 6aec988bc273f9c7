/** The terminal's host dies at chosen moments of a command in an open shell: the answer says what may have happened (T18, T24). */
import { existsSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newId, NavisError } from '@navisai/protocol';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readHostRecords } from '../host/host-record.ts';
import { LocalMachine } from '../machine.ts';
import { createPtyHosts } from '../pty-hosts.ts';
import type { PtyHosts } from '../pty-hosts.types.ts';
import { createRunHosts } from '../run-hosts.ts';
import { newMark, processesWith, sessionOf, until } from '../tools/terminal-target.fixture.ts';
import type { SessionOfTest } from '../tools/terminal-target.fixture.ts';

let home = '';
let problems: unknown[] = [];
let machine: LocalMachine | undefined;
/** What happens around the next write of a command's line, or the next read. */
let around: Partial<Pick<PtyHosts, 'write' | 'read'>> = {};
let hosts: PtyHosts;

beforeEach(async () => {
  home = realpathSync(mkdtempSync(join(tmpdir(), 'navis-lost-')));
  problems = [];
  around = {};
  const onUnexpected = (error: unknown): void => void problems.push(error);
  const options = { stateDirectory: join(home, '.navis'), runtimeDirectory: home, home, nodeId: 'main', onUnexpected };
  hosts = createPtyHosts({ ...options, onProblem: onUnexpected });
  const ptyHosts = new Proxy(hosts, {
    get(target, name: keyof PtyHosts) {
      const replaced = name === 'write' || name === 'read' ? around[name] : undefined;
      const value: unknown = replaced ?? target[name];
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  machine = new LocalMachine(options, { ptyHosts, runHosts: createRunHosts({ ...options, onProblem: onUnexpected }) });
  await machine.start();
});
afterEach(async () => {
  await machine?.shutdown();
  await machine?.[Symbol.asyncDispose]();
  rmSync(home, { recursive: true, force: true });
});

const killHost = (): void => {
  for (const { pid } of readHostRecords(join(home, '.navis'), 'pty-host')) process.kill(pid, 'SIGKILL');
};

const openShell = async (): Promise<{
  session: SessionOfTest;
  run: (command: string) => ReturnType<SessionOfTest['run']>;
}> => {
  const session = sessionOf(() => {
    if (machine === undefined) throw new Error('The machine is not made yet.');
    return machine;
  }, newId('session'));
  const run = await session.shell('sh', 'bash --norc');
  expect((await run('echo ready')).output).toBe('ready\n');
  return { session, run };
};

describe('T18, T24: the host of an open shell is killed', () => {
  test('after the line reached the shell and before the host said so: INTERRUPTED', async () => {
    const { run } = await openShell();
    const mark = newMark();
    around.write = async (...typed) => {
      around = {};
      await hosts.write(...typed);
      await until('the command runs', () => processesWith(mark).length === 1);
      killHost();
      throw new NavisError('HOST_UNAVAILABLE');
    };
    expect(await run(`sleep ${mark}`)).toMatchObject({ success: false, error: { code: 'INTERRUPTED' } });
    await until('nothing is left', () => processesWith(mark).length === 0);
    expect(problems).toEqual([]);
  });

  test('before the line is typed: nothing was started, and the answer is no success', async () => {
    const { run } = await openShell();
    around.write = (...typed) => {
      around = {};
      killHost();
      return hosts.write(...typed);
    };
    const result = await run(`touch ${home}/started`);
    expect(['INTERRUPTED', 'HOST_UNAVAILABLE', 'TERMINAL_EXITED']).toContain(result.error?.code);
    expect(existsSync(join(home, 'started'))).toBe(false);
    expect(problems).toEqual([]);
  });

  test('after the command ended and before its output is read: the command has succeeded', async () => {
    const { run } = await openShell();
    around.read = (...asked) => {
      around = {};
      killHost();
      return hosts.read(...asked);
    };
    expect(await run('echo done')).toMatchObject({ success: true });
    expect(problems).toEqual([]);
  });

  test('a status that cannot be asked for any more does not hide that the terminal was lost', async () => {
    const { session, run } = await openShell();
    const mark = newMark();
    const running = run(`sleep ${mark}`);
    await until('the command runs', () => processesWith(mark).length === 1);
    // The next thing typed after the interrupt is the question for the status.
    around.write = (...typed) => {
      around.write = () => {
        around = {};
        killHost();
        return Promise.reject(new NavisError('HOST_UNAVAILABLE'));
      };
      return hosts.write(...typed);
    };
    await session.call({ action: 'send_input', terminal_name: 'sh', input: '\x03' });
    expect(await running).toMatchObject({ success: false, error: { code: 'INTERRUPTED' } });
    expect(problems).toEqual([]);
  });
});

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { captureLoginEnvironment, currentAccount, LoginCapture, parseCaptured } from './login-environment.ts';
import type { Account } from './login-environment.ts';

let home = '';
let account: Account;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'navis-login-'));
  account = { name: 'someone', home, shell: '/bin/bash', language: 'C.UTF-8' };
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(home, { recursive: true });
});

const profile = (text: string): void => writeFileSync(join(home, '.bash_profile'), text);

test('T1: variables of the login profile arrive exactly, noise of the profile does not', async () => {
  profile("echo noise; export MULTI=$'a\\nb = c' EMPTY= PATH=/own/bin:$PATH; echo more >&2; alias env=false");
  const { variables, warnings } = await captureLoginEnvironment(account);
  expect(warnings).toEqual([]);
  expect(variables).toMatchObject({ HOME: home, USER: 'someone', MULTI: 'a\nb = c', EMPTY: '', TERM: 'dumb' });
  expect(variables['PATH']).toMatch(/^\/own\/bin:.*\/usr\/bin/);
  for (const name of ['_', 'PWD', 'OLDPWD', 'SHLVL']) expect(variables).not.toHaveProperty(name);
});

test("T29: nothing of this process's environment arrives, and no secret that a profile exports", async () => {
  vi.stubEnv('NAVIS_TEST_SECRET', 'one');
  vi.stubEnv('OPENAI_API_KEY', 'two');
  vi.stubEnv('LD_PRELOAD_X', 'three');
  profile('export NODE_API_KEY=four NAVIS_HOME=five FINE=six');
  const { variables } = await captureLoginEnvironment(account);
  expect(Object.keys(variables).filter((name) => /NAVIS|API_KEY|LD_/.test(name))).toEqual([]);
  expect(variables['FINE']).toBe('six');
});

test('T1: a profile that leaves something running does not delay the answer', async () => {
  profile('sleep 99 &');
  const startedAt = performance.now();
  expect((await captureLoginEnvironment(account)).warnings).toEqual([]);
  expect(performance.now() - startedAt).toBeLessThan(30_000);
});

test.each([
  ['hangs', 'sleep 99', 'no answer within'],
  ['ends', 'exit 3', 'ended without an answer'],
  ['prints without end', 'exec yes', 'too long'],
])('T1: a profile that %s leads to a plain environment and a warning', async (_, text, why) => {
  profile(text);
  const { variables, warnings } = await captureLoginEnvironment(account, { deadlineMs: 1500 });
  expect(variables).toMatchObject({ HOME: home, USER: 'someone', SHELL: '/bin/bash', LANG: 'C.UTF-8' });
  expect(warnings).toEqual([expect.stringContaining(why)]);
});

test.each(['/bin/sh', '/usr/bin/zsh', '/usr/bin/fish'])(
  'T1: %s as a login shell is understood, if it is there',
  async (shell) => {
    if (!existsSync(shell)) return;
    const { variables, warnings } = await captureLoginEnvironment({ ...account, shell });
    expect(warnings).toEqual([]);
    expect(variables).toMatchObject({ HOME: home, SHELL: shell });
  },
);

test('T1: a missing shell leads to a plain environment and a warning', async () => {
  expect((await captureLoginEnvironment({ ...account, shell: '/nowhere/sh' })).warnings).toHaveLength(1);
});

test('I12: what is still asked when the capture is disposed ends with it, and nothing is asked afterwards', async () => {
  const began = join(home, 'began');
  profile(`echo "$$" >> ${began}; sleep 99`);
  const capture = new LoginCapture(account, {});
  const environment = capture.environment();
  const pid = await vi.waitUntil(() => existsSync(began) && Number(readFileSync(began, 'utf8')), { timeout: 20_000 });
  await capture[Symbol.asyncDispose]();
  expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  expect(await environment).toMatchObject({
    variables: { HOME: home },
    warnings: [expect.stringContaining('ended without')],
  });
  const late = new LoginCapture(account, {});
  await late[Symbol.asyncDispose]();
  expect((await late.environment()).warnings).toHaveLength(1);
  expect(readFileSync(began, 'utf8')).toBe(`${pid}\n`);
});

test('the account is the system user with the home that the program has', () => {
  expect(currentAccount({ home: '/somewhere' })).toMatchObject({ home: '/somewhere', language: 'C.UTF-8' });
  expect(currentAccount({ home: '/x', language: 'de_DE.UTF-8' }).language).toBe('de_DE.UTF-8');
  expect(currentAccount({ home: '/x' }).shell).toMatch(/^\//);
});

test('an answer without its second marker is incomplete', () => {
  expect(parseCaptured(Buffer.from('m\nA=1\0'), 'm')).toBeNull();
  expect(parseCaptured(Buffer.from('x m\nA=1\0B=\0=c\0d\0m\n'), 'm')).toEqual({ A: '1', B: '' });
});

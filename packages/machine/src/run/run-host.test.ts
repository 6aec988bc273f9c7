import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createProcessTable } from '../process-table.ts';
import { readCallRecord } from './call-record.ts';
import { readStored } from './output-file.ts';
import { RunHostFixture } from './run-host.fixture.ts';

let fixture: RunHostFixture;
beforeEach(async () => {
  fixture = await RunHostFixture.open();
});
afterEach(() => fixture[Symbol.asyncDispose]());

const marked = async (callId: string): Promise<number[]> =>
  (await createProcessTable().list(`NAVIS_CALL_ID=${callId}`))
    .filter(({ carriesMarker, isDead }) => carriesMarker && !isDead)
    .map(({ pid }) => pid);

const elapsed = async (act: () => Promise<unknown>): Promise<number> => {
  const startedAt = performance.now();
  await act();
  return performance.now() - startedAt;
};

describe('one command', () => {
  test('T3: stdout, stderr and exit code come back whole', async () => {
    const done = await fixture.run('seq 1 3000; echo ERR >&2; exit 3');
    expect(done.end).toEqual({ kind: 'ended', exitCode: 3, signal: null });
    expect(done.out).toBe(execFileSync('seq', ['1', '3000'], { encoding: 'utf8' }));
    expect(done.error).toBe('ERR\n');
    expect(done.warnings).toEqual([]);
  });

  test('T3: stdin is at its end, and a signal is told', async () => {
    expect((await fixture.run('cat; echo done')).out).toBe('done\n');
    expect((await fixture.run('kill -SEGV $$')).end).toEqual({ kind: 'ended', exitCode: null, signal: 'SIGSEGV' });
  });

  test('T1: /dev/stdout and /dev/stderr can be opened, as on any pipe', async () => {
    const done = await fixture.run('echo a > /dev/stdout; echo b > /dev/stderr; echo c | tee /dev/stderr >/dev/null');
    expect([done.out, done.error]).toEqual(['a\n', 'b\nc\n']);
  });

  test('T1: no descriptor of the host or of another call reaches a child, and no variable but those given', async () => {
    // What the test's own parent left open reaches every child alike.
    const inherited = execFileSync('ls', ['/proc/self/fd'], { encoding: 'utf8' });
    const [first, second] = await Promise.all([
      fixture.run('ls /proc/self/fd; sleep 0.2'),
      fixture.run('env; sleep 0.2'),
    ]);
    expect(first.out).toBe(inherited);
    const names = second.out
      .trim()
      .split('\n')
      .map((line) => line.split('=')[0]);
    expect(names.sort()).toEqual(['HOME', 'NAVIS_CALL_ID', 'NAVIS_TEST', 'PATH', 'PWD', 'SHLVL', '_']);
  });

  test('T1: a child begins with no signal ignored or blocked', async () => {
    const done = await fixture.run('grep -E "SigIgn|SigBlk" /proc/self/status');
    expect(done.out.replaceAll(/\s+/g, '')).toMatch(/^SigBlk:0+SigIgn:0+$/);
  });

  test('a command that cannot start says so', async () => {
    expect((await fixture.run('', { file: '/nowhere/program' })).end).toMatchObject({
      kind: 'spawnFailed',
      message: expect.stringContaining('ENOENT'),
    });
    expect((await fixture.run('true', { environment: { BAD: 'a\0b' } })).end).toMatchObject({ kind: 'spawnFailed' });
    expect((await fixture.run('true', { args: ['-c', 'x'.repeat(3_000_000)] })).end).toMatchObject({
      kind: 'spawnFailed',
    });
    expect((await fixture.run('echo still fine')).out).toBe('still fine\n');
  });

  test('T8: what merely holds the pipe open is not waited for, lives on and may still print', async () => {
    const lingering = fixture.request('(until [ -e go ]; do sleep 0.02; done; seq 1 100000; echo $? > done) & echo hi');
    const tookMs = await elapsed(() => fixture.ask(lingering));
    expect(tookMs).toBeLessThan(5000);
    expect(fixture.host.isEmpty).toBe(false);
    writeFileSync(join(fixture.directory, 'go'), '');
    await expect
      .poll(() => existsSync(join(fixture.directory, 'done')) && readFileSync(join(fixture.directory, 'done'), 'utf8'))
      .toBe('0\n');
    await expect.poll(() => fixture.host.isEmpty).toBe(true);
    expect(fixture.emptied).toBe(1);
  });

  test('T8: output that follows the end closely is kept', async () => {
    expect((await fixture.run('(sleep 0.02; echo late) & echo first')).out).toBe('first\nlate\n');
  });
});

describe('the end of a call that takes too long', () => {
  test('T6, T7: partial output comes back, nothing of the tree is left', async () => {
    const done = await fixture.run('echo begun; sleep 98', { timeoutMs: 300 });
    expect(done.end).toEqual({ kind: 'timeout' });
    expect(done.out).toBe('begun\n');
    expect(await marked(done.callId)).toEqual([]);
  });

  test('T7: children that called setsid or daemonised die as well', async () => {
    const done = await fixture.run('setsid sleep 97 & (setsid -f sh -c "sleep 96 & sleep 95") ; echo x; sleep 94', {
      timeoutMs: 500,
    });
    expect(done.end).toEqual({ kind: 'timeout' });
    expect(await marked(done.callId)).toEqual([]);
  });

  test('T7: a tree that ignores TERM is killed after five seconds, and what it printed is kept', async () => {
    const asked = fixture.request(`trap 'echo no' TERM; echo on; while :; do sleep 0.1; done`, { timeoutMs: 200 });
    let out = '';
    const tookMs = await elapsed(async () => {
      const { payload } = await fixture.ask(asked);
      out = payload.toString();
    });
    expect(out).toMatch(/^on\nno\n/);
    expect(tookMs).toBeGreaterThan(5000);
    expect(tookMs).toBeLessThan(9000);
    expect(await marked(asked.callId)).toEqual([]);
  });

  test('cancel ends the tree; a signal reaches the whole group', async () => {
    const asked = fixture.request('sleep 93 | sleep 92');
    const running = fixture.ask(asked);
    await fixture.host.handlers.cancel({ callId: asked.callId }, Buffer.alloc(0));
    expect((await running).result.end).toEqual({ kind: 'cancelled' });
    const interrupted = fixture.request('trap "echo got; exit 7" INT; echo ready; sleep 91 & wait');
    const ending = fixture.ask(interrupted);
    await read(interrupted.callId, 'ready\n');
    await fixture.host.handlers.signal({ callId: interrupted.callId, signal: 'SIGINT' }, Buffer.alloc(0));
    expect((await ending).result.end).toEqual({ kind: 'ended', exitCode: 7, signal: null });
  });
});

/** Follows stdout by offset until it holds `text`. */
const read = async (callId: string, text: string): Promise<void> => {
  for (let seen = ''; !seen.includes(text);) {
    const asked = { callId, stdout: seen.length, stderr: 0, maxBytes: 65_536, waitMs: 2000 };
    const { result, payload } = await fixture.read(asked);
    expect(result.stdout.offset).toBe(seen.length);
    expect(result.end).toBeNull();
    seen += payload.toString('utf8', 0, result.stdout.bytes);
  }
};

describe('records', () => {
  test('N7: the record is on disk before the command runs, the result when it is answered', async () => {
    const asked = fixture.request('cat calls/*.json; echo output; echo problem >&2; exit 4');
    const { callId } = asked;
    const { result, payload } = await fixture.ask(asked);
    const [facts] = payload.toString().split('\n');
    expect(JSON.parse(facts ?? '')).toMatchObject({ callId, sessionId: 's_test', hostId: 'h_test', timeoutMs: 20_000 });
    const record = readCallRecord(fixture.callsDirectory, callId);
    expect(record?.result).toMatchObject({ end: result.end, endedAt: result.endedAt });
    const stored = record?.result?.stderr;
    expect(stored).toMatchObject({ totalBytes: 8, headBytes: 8, tailFrom: 8 });
    if (stored === undefined) return;
    const kept = {
      basePath: join(fixture.callsDirectory, callId),
      stream: 'stderr',
      stored,
      from: 0,
      maxBytes: 99,
    } as const;
    expect(readStored(kept).bytes.toString()).toBe('problem\n');
  });

  test('N7: an id that is taken runs nothing', async () => {
    const asked = fixture.request('echo x >> ran');
    await fixture.ask(asked);
    await expect(fixture.ask(asked)).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(readFileSync(join(fixture.directory, 'ran'), 'utf8')).toBe('x\n');
  });

  test.each(['../x', '', 'a/b', '.', 'x'.repeat(65)])('the id %j is refused', async (callId) => {
    await expect(fixture.ask(fixture.request('true', { callId }))).rejects.toMatchObject({
      code: 'INVALID_REQUEST',
    });
    expect(readdirSync(fixture.callsDirectory)).toEqual([]);
  });

  test('the environment of a call is not written anywhere', async () => {
    await fixture.run('true', { environment: { PATH: '/usr/bin:/bin', SECRET: 'swordfish' } });
    expect(spawnSync('grep', ['-r', 'swordfish', fixture.callsDirectory]).status).toBe(1);
  });
});

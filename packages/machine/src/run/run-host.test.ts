import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { RunRequest } from '../machine.types.ts';
import { createProcessTable } from '../process-table.ts';
import { readCallRecord } from './call-record.ts';
import { FifoPool } from './fifo-pool.ts';
import { readStored } from './output-file.ts';
import { RunHost } from './run-host.ts';

let directory = '';
let callsDirectory = '';
let host: RunHost;
let pipes: FifoPool;
let emptied = 0;
let started = 0;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'navis-run-host-'));
  callsDirectory = join(directory, 'calls');
  mkdirSync(callsDirectory);
  pipes = new FifoPool(join(directory, 'pipes'));
  await pipes.warm();
  emptied = 0;
  host = new RunHost({
    hostId: 'h_test',
    callsDirectory,
    activePath: join(directory, 'active'),
    preparedDirectory: join(directory, 'prepared'),
    pipes,
    markers: { NAVIS_TEST: directory },
    onEmpty: () => (emptied += 1),
  });
});

afterEach(async () => {
  await host.stop();
  host.close();
  pipes.close();
  rmSync(directory, { recursive: true });
});

const request = (command: string, facts: Partial<RunRequest> = {}): RunRequest => ({
  callId: `call_${(started += 1)}_${process.pid}`,
  sessionId: 's_test',
  file: 'bash',
  args: ['-c', command],
  workingDirectory: directory,
  environment: { PATH: process.env['PATH'] ?? '', HOME: directory },
  timeoutMs: 20_000,
  ...facts,
});

const run = async (command: string, facts: Partial<RunRequest> = {}) => {
  const asked = request(command, facts);
  const { result, payload = Buffer.alloc(0) } = await host.handlers.run(asked, Buffer.alloc(0));
  const bytes = Buffer.from(payload);
  const { stdout, stderr } = result;
  const errorAt = stdout.headBytes + stdout.tailBytes;
  return {
    ...result,
    callId: asked.callId,
    out: bytes.toString('utf8', 0, stdout.headBytes),
    outTail: bytes.toString('utf8', stdout.headBytes, errorAt),
    error: bytes.toString('utf8', errorAt, errorAt + stderr.headBytes),
  };
};

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
    const done = await run('seq 1 3000; echo ERR >&2; exit 3');
    expect(done.end).toEqual({ kind: 'ended', exitCode: 3, signal: null });
    expect(done.out).toBe(execFileSync('seq', ['1', '3000'], { encoding: 'utf8' }));
    expect(done.error).toBe('ERR\n');
    expect(done.warnings).toEqual([]);
  });

  test('T3: stdin is at its end, and a signal is told', async () => {
    expect((await run('cat; echo done')).out).toBe('done\n');
    expect((await run('kill -SEGV $$')).end).toEqual({ kind: 'ended', exitCode: null, signal: 'SIGSEGV' });
  });

  test('T1: /dev/stdout and /dev/stderr can be opened, as on any pipe', async () => {
    const done = await run('echo a > /dev/stdout; echo b > /dev/stderr; echo c | tee /dev/stderr >/dev/null');
    expect([done.out, done.error]).toEqual(['a\n', 'b\nc\n']);
  });

  test('T1: no descriptor of the host or of another call reaches a child, and no variable but those given', async () => {
    // What the test's own parent left open reaches every child alike.
    const inherited = execFileSync('ls', ['/proc/self/fd'], { encoding: 'utf8' });
    const [first, second] = await Promise.all([run('ls /proc/self/fd; sleep 0.2'), run('env; sleep 0.2')]);
    expect(first.out).toBe(inherited);
    const names = second.out
      .trim()
      .split('\n')
      .map((line) => line.split('=')[0]);
    expect(names.sort()).toEqual(['HOME', 'NAVIS_CALL_ID', 'NAVIS_TEST', 'PATH', 'PWD', 'SHLVL', '_']);
  });

  test('T1: a child begins with no signal ignored or blocked', async () => {
    const done = await run('grep -E "SigIgn|SigBlk" /proc/self/status');
    expect(done.out.replaceAll(/\s+/g, '')).toMatch(/^SigBlk:0+SigIgn:0+$/);
  });

  test('a command that cannot start says so', async () => {
    expect((await run('', { file: '/nowhere/program' })).end).toMatchObject({
      kind: 'spawnFailed',
      message: expect.stringContaining('ENOENT'),
    });
    expect((await run('true', { environment: { BAD: 'a\0b' } })).end).toMatchObject({ kind: 'spawnFailed' });
    expect((await run('true', { args: ['-c', 'x'.repeat(3_000_000)] })).end).toMatchObject({ kind: 'spawnFailed' });
    expect((await run('echo still fine')).out).toBe('still fine\n');
  });

  test('T8: what merely holds the pipe open is not waited for, lives on and may still print', async () => {
    const lingering = request('(sleep 0.6; seq 1 100000; echo $? > done) & echo hi');
    const tookMs = await elapsed(() => Promise.resolve(host.handlers.run(lingering, Buffer.alloc(0))));
    expect(tookMs).toBeLessThan(500);
    expect(host.isEmpty).toBe(false);
    await expect
      .poll(() => existsSync(join(directory, 'done')) && readFileSync(join(directory, 'done'), 'utf8'))
      .toBe('0\n');
    await expect.poll(() => host.isEmpty).toBe(true);
    expect(emptied).toBe(1);
  });

  test('T8: output that follows the end closely is kept', async () => {
    expect((await run('(sleep 0.1; echo late) & echo first')).out).toBe('first\nlate\n');
  });
});

describe('the end of a call that takes too long', () => {
  test('T6, T7: partial output comes back, nothing of the tree is left', async () => {
    const done = await run('echo begun; sleep 98', { timeoutMs: 300 });
    expect(done.end).toEqual({ kind: 'timeout' });
    expect(done.out).toBe('begun\n');
    expect(await marked(done.callId)).toEqual([]);
  });

  test('T7: children that called setsid or daemonised die as well', async () => {
    const done = await run('setsid sleep 97 & (setsid -f sh -c "sleep 96 & sleep 95") ; echo x; sleep 94', {
      timeoutMs: 500,
    });
    expect(done.end).toEqual({ kind: 'timeout' });
    expect(await marked(done.callId)).toEqual([]);
  });

  test('T7: a tree that ignores TERM is killed after five seconds, and what it printed is kept', async () => {
    const asked = request(`trap 'echo no' TERM; echo on; while :; do sleep 0.1; done`, { timeoutMs: 200 });
    let out = '';
    const tookMs = await elapsed(async () => {
      const { payload } = await host.handlers.run(asked, Buffer.alloc(0));
      out = Buffer.from(payload ?? []).toString();
    });
    expect(out).toMatch(/^on\nno\n/);
    expect(tookMs).toBeGreaterThan(5000);
    expect(tookMs).toBeLessThan(9000);
    expect(await marked(asked.callId)).toEqual([]);
  });

  test('cancel ends the tree; a signal reaches the whole group', async () => {
    const asked = request('sleep 93 | sleep 92');
    const running = host.handlers.run(asked, Buffer.alloc(0));
    await host.handlers.cancel({ callId: asked.callId }, Buffer.alloc(0));
    expect((await running).result.end).toEqual({ kind: 'cancelled' });
    const interrupted = request('trap "echo got; exit 7" INT; echo ready; sleep 91 & wait');
    const ending = host.handlers.run(interrupted, Buffer.alloc(0));
    await read(interrupted.callId, 'ready\n');
    await host.handlers.signal({ callId: interrupted.callId, signal: 'SIGINT' }, Buffer.alloc(0));
    expect((await ending).result.end).toEqual({ kind: 'ended', exitCode: 7, signal: null });
  });
});

/** Follows stdout by offset until it holds `text`. */
const read = async (callId: string, text: string): Promise<string> => {
  let seen = '';
  while (!seen.includes(text)) {
    const asked = { callId, stdout: seen.length, stderr: 0, maxBytes: 65_536, waitMs: 2000 };
    const { result, payload = Buffer.alloc(0) } = await host.handlers.read(asked, Buffer.alloc(0));
    expect(result.stdout.offset).toBe(seen.length);
    seen += Buffer.from(payload).toString('utf8', 0, result.stdout.bytes);
    if (result.end !== null && result.stdout.bytes === 0) break;
  }
  return seen;
};

describe('records', () => {
  test('N7: the record is on disk before the command runs, the result when it is answered', async () => {
    const asked = request('cat calls/*.json; echo output; echo problem >&2; exit 4');
    const { callId } = asked;
    const { result, payload } = await host.handlers.run(asked, Buffer.alloc(0));
    const [facts] = Buffer.from(payload ?? [])
      .toString()
      .split('\n');
    expect(JSON.parse(facts ?? '')).toMatchObject({ callId, sessionId: 's_test', hostId: 'h_test', timeoutMs: 20_000 });
    const record = readCallRecord(callsDirectory, callId);
    expect(record?.result).toMatchObject({ end: result.end, endedAt: result.endedAt });
    const stored = record?.result?.stderr;
    expect(stored).toMatchObject({ totalBytes: 8, headBytes: 8, tailFrom: 8 });
    if (stored === undefined) return;
    const kept = { basePath: join(callsDirectory, callId), stream: 'stderr', stored, from: 0, maxBytes: 99 } as const;
    expect(readStored(kept).bytes.toString()).toBe('problem\n');
  });

  test('N7: an id that is taken runs nothing', async () => {
    const asked = request('echo x >> ran');
    await host.handlers.run(asked, Buffer.alloc(0));
    await expect(host.handlers.run(asked, Buffer.alloc(0))).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(readFileSync(join(directory, 'ran'), 'utf8')).toBe('x\n');
  });

  test.each(['../x', '', 'a/b', '.', 'x'.repeat(65)])('the id %j is refused', async (callId) => {
    await expect(host.handlers.run(request('true', { callId }), Buffer.alloc(0))).rejects.toMatchObject({
      code: 'INVALID_REQUEST',
    });
    expect(readdirSync(callsDirectory)).toEqual([]);
  });

  test('the environment of a call is not written anywhere', async () => {
    await run('true', { environment: { PATH: '/usr/bin:/bin', SECRET: 'swordfish' } });
    expect(spawnSync('grep', ['-r', 'swordfish', callsDirectory]).status).toBe(1);
  });
});

const canMount = process.getuid?.() === 0 && process.platform === 'linux';

describe('a full disk', () => {
  test.skipIf(!canMount)(
    'commands go on, their result is recorded, what was lost is said, and new ones run',
    async () => {
      const disk = join(directory, 'disk');
      mkdirSync(disk);
      if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', disk]).status !== 0) return;
      try {
        mkdirSync(join(disk, 'calls'));
        const places = { callsDirectory: join(disk, 'calls'), activePath: join(disk, 'active') };
        const onEmpty = (): void => undefined;
        const full = new RunHost({
          ...places,
          hostId: 'h',
          preparedDirectory: join(disk, 'prepared'),
          pipes,
          markers: {},
          onEmpty,
        });
        const asked = request('head -c 20000000 /dev/zero; echo END; exit 6');
        const { result, payload } = await full.handlers.run(asked, Buffer.alloc(0));
        expect(result.end).toEqual({ kind: 'ended', exitCode: 6, signal: null });
        expect(result.warnings).toEqual([expect.stringContaining('the disk is full')]);
        expect(
          Buffer.from(payload ?? [])
            .toString()
            .endsWith('END\n'),
        ).toBe(true);
        expect(readCallRecord(places.callsDirectory, asked.callId)?.result).toMatchObject({ end: result.end });
        for (let count = 0; count < 20; count += 1) {
          const next = await full.handlers.run(request('echo fine'), Buffer.alloc(0));
          expect(Buffer.from(next.payload ?? []).toString()).toBe('fine\n');
        }
        full.close();
      } finally {
        spawnSync('umount', ['-l', disk]);
      }
    },
  );
});

describe('many and much', () => {
  test('50 calls at once each get their own output', async () => {
    const results = await Promise.all(
      Array.from({ length: 50 }, (_, index) => run(`echo ${index}; echo e${index} >&2`)),
    );
    for (const [index, { out, error }] of results.entries())
      expect([out, error]).toEqual([`${index}\n`, `e${index}\n`]);
    expect(host.isEmpty).toBe(true);
  });

  test('T3: a burst of 100 MB is followed by offset, kept within its bound, and memory stays bounded', async () => {
    const before = process.memoryUsage().rss;
    let peak = before;
    const sampling = setInterval(() => (peak = Math.max(peak, process.memoryUsage().rss)), 20);
    const done = await run('head -c 100000000 /dev/zero | tr "\\0" "a"; echo END');
    clearInterval(sampling);
    expect(done.stdout.totalBytes).toBe(100_000_004);
    expect(done.out).toHaveLength(256 * 1024);
    expect(done.outTail.endsWith('aaaEND\n')).toBe(true);
    expect((peak - before) / 1e6).toBeLessThan(80);
    const stored = readCallRecord(callsDirectory, done.callId)?.result?.stdout;
    expect(stored).toEqual({ totalBytes: 100_000_004, headBytes: 33_554_432, tailFrom: 100_000_004 - 33_554_432 });
    if (stored === undefined) return;
    const kept = { basePath: join(callsDirectory, done.callId), stream: 'stdout', stored, maxBytes: 100 } as const;
    expect(readStored({ ...kept, from: 40_000_000 }).offset).toBe(stored.tailFrom);
    expect(readStored({ ...kept, from: 99_999_999 }).bytes.toString()).toBe('aEND\n');
  });

  test('T3: a line of 50 MB comes whole to a reader that follows', async () => {
    const asked = request('head -c 50000000 /dev/zero | tr "\\0" "b"');
    const ended = host.handlers.run(asked, Buffer.alloc(0));
    let offset = 0;
    for (;;) {
      const page = { callId: asked.callId, stdout: offset, stderr: 0, maxBytes: 1024 * 1024, waitMs: 2000 };
      const { result, payload } = await host.handlers
        .read(page, Buffer.alloc(0))
        .catch(() => ({ result: null, payload: undefined }));
      if (result === null) break;
      expect(result.stdout.offset).toBe(offset);
      expect(Buffer.from(payload ?? []).every((byte) => byte === 0x62)).toBe(true);
      offset += result.stdout.bytes;
    }
    const stored = (await ended) && readCallRecord(callsDirectory, asked.callId)?.result?.stdout;
    expect(stored).toMatchObject({ totalBytes: 50_000_000, tailFrom: 33_554_432 });
  });
});

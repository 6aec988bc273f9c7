import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { RunHosts, RunOutcome, RunRequest } from './machine.types.ts';
import { createProcessTable } from './process-table.ts';
import { startTimeOf } from './process-tree.ts';
import { readHostRecords } from './host/host-record.ts';
import { machineMarker, service } from './run/host-files.ts';
import { createRunHosts } from './run-hosts.ts';

let directory = '';
let started = 0;
let hosts: RunHosts;
const opened: RunHosts[] = [];
const problems: string[] = [];

const open = async (buildId?: string): Promise<RunHosts> => {
  const onProblem = (message: string): void => void problems.push(message);
  const made = createRunHosts({ stateDirectory: directory, runtimeDirectory: directory, buildId, onProblem });
  opened.push(made);
  await made.start();
  return made;
};

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'navis-runs-'));
  hosts = await open();
});

afterEach(async () => {
  await createRunHosts({ stateDirectory: directory, runtimeDirectory: directory }).shutdown();
  for (const made of opened.splice(0)) await made[Symbol.asyncDispose]();
  expect(await ours()).toEqual([]);
  expect(problems.splice(0)).toEqual([]);
  rmSync(directory, { recursive: true });
});

/** Everything that still runs for this directory. */
const ours = async (): Promise<number[]> => {
  const { name, value } = machineMarker(directory);
  return (await createProcessTable().list(`${name}=${value}`))
    .filter(({ carriesMarker, isDead }) => carriesMarker && !isDead)
    .map(({ pid }) => pid);
};

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

const text = ({ head, tail }: RunOutcome['stdout']): string => Buffer.concat([head, tail]).toString();

const hostRecords = () => readHostRecords(directory, service);

const watchAll = (from: RunHosts, callId: string): Promise<{ stdout: string; stderr: string; end: unknown }> =>
  new Promise((resolve) => {
    const seen = { stdout: '', stderr: '' };
    from.watch(
      { callId, stdout: 0, stderr: 0 },
      {
        onOutput: ({ stream, offset, bytes }) => {
          expect(offset).toBe(seen[stream].length);
          seen[stream] += Buffer.from(bytes).toString('latin1');
        },
        onEnd: (end) => resolve({ ...seen, end }),
      },
    );
  });

/** Another hub process that runs one call and is killed once the call has printed something. */
const killedHub = async (asked: RunRequest): Promise<ChildProcess> => {
  // Only one hub at a time works in a state directory.
  await hosts[Symbol.asyncDispose]();
  const program = fileURLToPath(new URL('./run-hosts.fixture.ts', import.meta.url));
  const argument = JSON.stringify({ stateDirectory: directory, request: asked });
  const hub = spawn(process.execPath, [program, argument], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(hub.stdout, 'data');
  hub.kill('SIGKILL');
  await once(hub, 'exit');
  return hub;
};

describe('one call', () => {
  test('T3: runs in the run-host and answers its outcome', async () => {
    const outcome = await hosts.run(request('echo out; echo err >&2; exit 5'));
    expect(outcome.end).toEqual({ kind: 'ended', exitCode: 5, signal: null });
    expect([text(outcome.stdout), text(outcome.stderr), outcome.warnings]).toEqual(['out\n', 'err\n', []]);
    expect(Date.parse(outcome.endedAt)).toBeGreaterThanOrEqual(Date.parse(outcome.startedAt));
  });

  test('N7: a second run of the same id joins, or gets the recorded result, and runs nothing', async () => {
    const asked = request('echo x >> ran; sleep 0.3; echo done');
    const both = await Promise.all([hosts.run(asked), hosts.run(asked)]);
    const again = await hosts.run(asked);
    for (const outcome of [...both, again]) expect(text(outcome.stdout)).toBe('done\n');
    expect(again.endedAt).toBe(both[0].endedAt);
    expect(readFileSync(join(directory, 'ran'), 'utf8')).toBe('x\n');
    expect([hosts.has(asked.callId), hosts.sessionOf(asked.callId)]).toEqual([true, 's_test']);
    expect([hosts.has('c_unknown'), hosts.sessionOf('../..')]).toEqual([false, undefined]);
  });

  test('signals and cancels reach the call, and an unknown one is told', async () => {
    const asked = request('trap "echo got; exit 7" INT; echo ready; while :; do sleep 0.05; done');
    const outcome = hosts.run(asked);
    const ready = new Promise<void>((resolve) => {
      hosts.watch(
        { callId: asked.callId, stdout: 0, stderr: 0 },
        { onOutput: () => resolve(), onEnd: () => undefined },
      );
    });
    await ready;
    await hosts.signal(asked.callId, 'SIGINT');
    expect((await outcome).end).toEqual({ kind: 'ended', exitCode: 7, signal: null });
    await expect(hosts.signal('c_unknown', 'SIGINT')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(hosts.cancel(asked.callId)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  test('a cancel right behind the call reaches it', async () => {
    const asked = request('sleep 91');
    const outcome = hosts.run(asked);
    await hosts.cancel(asked.callId);
    expect((await outcome).end).toEqual({ kind: 'cancelled' });
  });

  test('T9, X2: fifty calls at once are all answered, with their own output', async () => {
    const outcomes = await Promise.all(Array.from({ length: 50 }, (_, index) => hosts.run(request(`echo ${index}`))));
    expect(outcomes.map(({ stdout }) => text(stdout))).toEqual(Array.from({ length: 50 }, (_, index) => `${index}\n`));
  });
});

describe('output', () => {
  test('T3: watchers get every byte once, early, late, slow and from an offset', async () => {
    const asked = request('for i in $(seq 300); do printf "%01000d" $i; echo e$i >&2; done');
    const early = watchAll(hosts, asked.callId);
    const outcome = await hosts.run(asked);
    const late = await watchAll(hosts, asked.callId);
    const errors = Array.from({ length: 300 }, (_, index) => `e${index + 1}\n`).join('');
    for (const seen of [await early, late]) {
      expect(seen.stdout).toHaveLength(300_000);
      expect(seen.stderr).toBe(errors);
      expect(seen.end).toEqual({ exitCode: 0, signal: null });
    }
    expect(late.stdout).toBe((await early).stdout);
    expect(text(outcome.stdout)).toBe(late.stdout);
  });

  test('T3: a slow watcher of a flood gets it from the file while the command goes on', async () => {
    const asked = request('head -c 20000000 /dev/zero');
    const ended = hosts.run(asked);
    let received = 0;
    await new Promise<void>((resolve) => {
      hosts.watch(
        { callId: asked.callId, stdout: 0, stderr: 0 },
        {
          onOutput: async ({ offset, bytes }) => {
            expect(offset).toBe(received);
            received += bytes.length;
            if (offset === 0) await ended;
          },
          onEnd: () => resolve(),
        },
      );
    });
    expect(received).toBe(20_000_000);
  });

  test('T3: the whole output is read in pages, stderr under its heading', async () => {
    const asked = request('seq 1 20000; echo problem >&2');
    await hosts.run(asked);
    let all = '';
    for (let from = 0, end = 1; from < end;) {
      const page = await hosts.readOutput({ callId: asked.callId, from, maxBytes: 10_000 });
      expect(page.offset).toBe(from);
      all += Buffer.from(page.bytes).toString();
      from += page.bytes.length;
      end = page.endOffset;
    }
    expect(all).toBe(`${Array.from({ length: 20_000 }, (_, index) => index + 1).join('\n')}\n\n[stderr]\nproblem\n`);
    await expect(hosts.readOutput({ callId: 'c_unknown', from: 0, maxBytes: 10 })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });
});

describe('the host process', () => {
  test('without a hub and a call it ends by itself and leaves no file', async () => {
    await hosts.shutdown();
    const brief = createRunHosts({ stateDirectory: directory, runtimeDirectory: directory, lonelyMs: 3000 });
    await brief.run(request('true'));
    const [record] = hostRecords();
    await brief[Symbol.asyncDispose]();
    await expect.poll(hostRecords).toEqual([]);
    await expect.poll(() => startTimeOf(record?.pid ?? 0)).not.toBe(record?.startTime);
    expect(readdirSync(join(directory, 'hosts')).filter((name) => name !== 'run-host-code')).toEqual(['token']);
  });

  test('T29: it has nothing of the environment and no descriptor of whoever started the hub', async () => {
    const outcome = await hosts.run(
      request('ls /proc/self/fd; ls /proc/$PPID/fd | wc -l; tr "\\0" "\\n" < /proc/$PPID/environ'),
    );
    const [, , , , count, ...variables] = text(outcome.stdout).trim().split('\n');
    expect(text(outcome.stdout)).toMatch(/^0\n1\n2\n3\n/);
    expect(Number(count)).toBeGreaterThan(3);
    expect(variables.join('')).not.toMatch(/HOME|USER|VITEST/);
  });

  test('N7: a record of an earlier boot is marked as interrupted without a signal to whoever has its PID now', async () => {
    await hosts.shutdown();
    const innocent = spawn('sleep', ['92']);
    const reference = { pid: innocent.pid ?? 0, startTime: (await startTimeOf(innocent.pid ?? 0)) ?? '' };
    const facts = { ...request(''), startedAt: new Date().toISOString(), hostId: 'run-gone', bootId: 'earlier' };
    const call = JSON.stringify({ ...facts, environment: undefined });
    writeFileSync(
      join(directory, 'calls', `${facts.callId}.json`),
      `${call}\n${JSON.stringify(reference).padEnd(127)}\n`,
    );
    const record = {
      service,
      hostId: 'run-gone',
      ...reference,
      bootId: 'earlier',
      socketPath: join(directory, 'x.sock'),
    };
    writeFileSync(join(directory, 'hosts', 'run-gone.json'), JSON.stringify(record));
    mkdirSync(join(directory, 'hosts', 'run-gone'));
    writeFileSync(join(directory, 'hosts', 'run-gone', 'active'), facts.callId.padEnd(72));
    const next = await open();
    expect((await next.run(facts)).end).toEqual({ kind: 'interrupted' });
    expect(await startTimeOf(reference.pid)).toBe(reference.startTime);
    innocent.kill();
  });
});

describe('faults', () => {
  test('N7, T18: kill -9 of the hub during a run loses nothing: the next hub finds the result, byte by byte', async () => {
    const asked = request('for i in $(seq 400); do echo line $i; sleep 0.002; done; echo ERR >&2; exit 9');
    await killedHub(asked);
    const next = await open();
    const watched = watchAll(next, asked.callId);
    const outcome = await next.run(asked);
    const expected = Array.from({ length: 400 }, (_, index) => `line ${index + 1}\n`).join('');
    expect(outcome.end).toEqual({ kind: 'ended', exitCode: 9, signal: null });
    expect([text(outcome.stdout), text(outcome.stderr)]).toEqual([expected, 'ERR\n']);
    expect(await watched).toEqual({ stdout: expected, stderr: 'ERR\n', end: { exitCode: 9, signal: null } });
  });

  test('N7: a run that ends while no hub is there is found by the next', async () => {
    const asked = request('echo begun; sleep 0.3; echo x >> ran; echo finished');
    await killedHub(asked);
    await expect.poll(() => existsSync(join(directory, 'ran'))).toBe(true);
    const next = await open();
    expect(text((await next.run(asked)).stdout)).toBe('begun\nfinished\n');
    expect(readFileSync(join(directory, 'ran'), 'utf8')).toBe('x\n');
  });

  test('T6: the timeout is kept while no hub is there', async () => {
    const asked = request('echo begun; sleep 98; echo x >> ran', { timeoutMs: 1500 });
    await killedHub(asked);
    await expect.poll(ours).toEqual([]);
    expect((await (await open()).run(asked)).end).toEqual({ kind: 'timeout' });
  });

  test('N7: kill -9 of the run-host answers interrupted, ends its tree, keeps its output, and new calls run', async () => {
    const asked = request('echo partial; setsid sleep 97 & sleep 96');
    const outcome = hosts.run(asked);
    await new Promise<void>((resolve) => {
      hosts.watch(
        { callId: asked.callId, stdout: 0, stderr: 0 },
        { onOutput: () => resolve(), onEnd: () => undefined },
      );
    });
    // Output is on disk a moment after it came.
    const path = join(directory, 'calls', `${asked.callId}.stdout`);
    await expect.poll(() => existsSync(path) && readFileSync(path, 'utf8')).toBe('partial\n');
    process.kill(hostRecords()[0]?.pid ?? 0, 'SIGKILL');
    const ended = await outcome;
    expect(ended.end).toEqual({ kind: 'interrupted' });
    expect(text(ended.stdout)).toBe('partial\n');
    expect(await ours()).toEqual([]);
    expect((await hosts.run(asked)).end).toEqual({ kind: 'interrupted' });
    expect(text((await hosts.run(request('echo again'))).stdout)).toBe('again\n');
  });

  test('N7: what a run-host left that died together with its hub is cleaned up by the next hub', async () => {
    const asked = request('echo begun; sleep 95');
    await killedHub(asked);
    process.kill(hostRecords()[0]?.pid ?? 0, 'SIGKILL');
    const next = await open();
    await expect.poll(ours).toEqual([]);
    expect((await next.run(asked)).end).toEqual({ kind: 'interrupted' });
  });

  test('an upgrade: calls of the old host go on and are found, new ones run in a new host, the old one leaves', async () => {
    const asked = request('echo begun; until [ -e go ]; do sleep 0.02; done; echo finished');
    await killedHub(asked);
    const [old] = hostRecords();
    const next = await open('another-build');
    expect(text((await next.run(request('echo new'))).stdout)).toBe('new\n');
    expect(hostRecords()).toHaveLength(2);
    const outcome = next.run(asked);
    writeFileSync(join(directory, 'go'), '');
    expect(text((await outcome).stdout)).toBe('begun\nfinished\n');
    await expect.poll(hostRecords).toHaveLength(1);
    await expect.poll(() => startTimeOf(old?.pid ?? 0)).not.toBe(old?.startTime);
  });

  test('N7, T18: a hub that leaves in an orderly way leaves its calls running, and tells its callers to ask again', async () => {
    const asked = request('echo begun; touch begun; until [ -e go ]; do sleep 0.02; done; echo finished');
    const left = hosts.run(asked).catch((error: unknown) => error);
    await expect.poll(() => existsSync(join(directory, 'begun'))).toBe(true);
    await hosts[Symbol.asyncDispose]();
    expect(await left).toMatchObject({ code: 'HUB_UNREACHABLE' });
    const next = await open();
    const outcome = next.run(asked);
    writeFileSync(join(directory, 'go'), '');
    expect(text((await outcome).stdout)).toBe('begun\nfinished\n');
  });

  test('shutdown ends everything, also what finished calls left and hosts whose hub died', async () => {
    await hosts.run(request('setsid sleep 94 >/dev/null 2>&1 &'));
    await killedHub(request('echo begun; sleep 93'));
    expect((await ours()).length).toBeGreaterThan(1);
    await createRunHosts({ stateDirectory: directory, runtimeDirectory: directory }).shutdown();
    expect(await ours()).toEqual([]);
    expect(hostRecords()).toEqual([]);
    expect(readdirSync(directory).filter((name) => name.endsWith('.sock'))).toEqual([]);
  });
});

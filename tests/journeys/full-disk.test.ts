/** The disk of `$NAVIS_HOME` fills up under open terminals, and is freed again (I17, T17, T18). */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Api } from '@navisai/client';
import { connectHost } from '@navisai/client/node';
import type { ToolResult } from '@navisai/protocol';
import {
  createTestHome,
  openTerminal,
  readHistory,
  recordTerminal,
  startHubProcess,
  type TestHome,
  until,
} from '@navisai/testkit';
import { expect, test } from 'vitest';

const diskMegabytes = 48;
/** What a person waits for an answer while something else is in trouble (issue 2, faults). */
const answerMs = 1000;

const canMount = (): boolean => process.platform === 'linux' && process.getuid?.() === 0;

/** A small disk in the place of the home; `false` where mounting is not allowed. */
const mountSmallDisk = (folder: string): boolean => {
  mkdirSync(folder, { mode: 0o700 });
  try {
    const options = `size=${diskMegabytes}m,mode=700`;
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};

/** To the last byte. */
const fill = (folder: string): void => {
  for (let size = 1024 * 1024, count = 0; size >= 1; count += 1) {
    try {
      writeFileSync(join(folder, `filler${count}`), Buffer.alloc(size));
    } catch {
      size = Math.floor(size / 4);
    }
  }
};

const free = (folder: string): void => {
  for (const name of readdirSync(folder).filter((entry) => entry.startsWith('filler'))) rmSync(join(folder, name));
};

const startOn = async (place: TestHome, port: number) =>
  startHubProcess({ home: place.home, environment: place.environment(), port });

const timed = async <T>(work: Promise<T>): Promise<T> => {
  const startedAt = performance.now();
  try {
    return await work;
  } finally {
    expect(performance.now() - startedAt).toBeLessThan(answerMs);
  }
};

const toolOf =
  (api: Api, sessionId: string) =>
  (body: Record<string, unknown>): Promise<ToolResult> =>
    api.callTool({ params: { id: sessionId, tool: 'terminal' }, body });

const run = { action: 'run', command: 'echo ran' };
const open = { action: 'open', terminal_name: 'new', description: 'd', command: 'sleep 60', background: true };

/** Records made in advance let some runs through; the others, and new terminals, are refused with the reason. */
const startsNothingUnrecorded = async (call: (body: Record<string, unknown>) => Promise<ToolResult>): Promise<void> => {
  for (let count = 0; count < 20; count += 1) {
    const { output, error } = await timed(call(run));
    expect(error?.message ?? output).toMatch(/^ran\n$|disk is full/);
  }
  expect(await timed(call(open))).toMatchObject({
    error: { message: expect.stringContaining('disk is full') as string },
  });
};

test.skipIf(!canMount())(
  'I17, T18: on a full disk terminals go on, nothing acknowledged is lost, the hub says what to do, and recovers by itself',
  { retry: 2 },
  async ({ skip }) => {
    await using place = await createTestHome();
    if (!mountSmallDisk(place.home)) skip('mounting a small disk is not allowed here');
    await using cleanUp = new AsyncDisposableStack();
    cleanUp.defer(() => void execFileSync('umount', ['--lazy', place.home]));
    let hub = await startOn(place, 0);
    const { port } = hub;
    cleanUp.defer(() => hub.gone());
    cleanUp.defer(() => hub.signal('SIGTERM'));
    const { api, live, close } = await connectHost({ home: place.home, origin: `https://127.0.0.1:${port}` });
    cleanUp.defer(() => close());
    const { id: sessionId } = await api.createSession({ body: { title: 'kept' } });
    const call = toolOf(api, sessionId);
    const cat = await openTerminal(api, { sessionId, name: 'cat', command: 'exec cat' });
    const count = 'n=0; while :; do n=$((n+1)); echo "count $n"; sleep 0.02; done';
    const counter = await openTerminal(api, { sessionId, name: 'counter', command: count });
    using watching = recordTerminal(live(), counter.id);
    await call({
      action: 'send_input',
      terminal_name: 'cat',
      input: 'before\n',
      wait_for: { pattern: 'before\nbefore' },
    });
    await watching.sees('count 20\r\n');
    const acknowledged = await readHistory(api, counter);

    fill(place.home);
    const refused = await until('a write is refused', () =>
      timed(api.createSession({ body: { title: 'x'.repeat(200) } })).then(
        () => undefined,
        (error: unknown) => error,
      ),
    );
    expect(refused).toMatchObject({ code: 'DEGRADED', message: expect.stringMatching(/full.*space/is) as string });
    expect(await timed(api.status())).toMatchObject({
      status: 'degraded',
      problems: [{ remedy: expect.stringMatching(/space/i) as string }],
    });
    await timed(call({ action: 'send_input', terminal_name: 'cat', input: 'during\n' }));
    const during = { action: 'status', terminal_name: 'cat', wait_for: { pattern: 'during\nduring', timeout: 5 } };
    expect(await timed(call(during))).toMatchObject({ success: true });
    const seenUntil = watching.bytes.length;
    await until('the counter is still watched', () => watching.bytes.length > seenUntil + 200);
    expect(await timed(api.session({ params: { id: sessionId } }))).toMatchObject({
      terminals: [
        { name: 'cat', status: 'busy', pid: cat.pid },
        { name: 'counter', status: 'busy', pid: counter.pid },
      ],
    });
    await startsNothingUnrecorded(call);
    const history = await timed(readHistory(api, counter));
    expect(history.subarray(0, acknowledged.length).equals(acknowledged)).toBe(true);

    hub.signal('SIGKILL');
    await hub.gone();
    hub = await startOn(place, port);
    const adopted = await until('the hub knows its terminals', () =>
      api.session({ params: { id: sessionId } }).catch(() => undefined),
    );
    expect(adopted.terminals.map(({ name, pid }) => ({ name, pid }))).toEqual([
      { name: 'cat', pid: cat.pid },
      { name: 'counter', pid: counter.pid },
    ]);
    await until('the status tells it again', async () => (await api.status()).status === 'degraded');

    free(place.home);
    await until('the hub goes on', async () => (await api.status()).status === 'ok');
    expect(await api.createSession({ body: { title: 'room again' } })).toMatchObject({ title: 'room again' });
    expect(await call(run)).toMatchObject({ success: true, output: 'ran\n' });
    expect(await call(open)).toMatchObject({ success: true });
    const seen = watching.bytes.length;
    await until('the counter goes on', () => watching.bytes.length > seen + 200);
    expect(watching.failure).toBeUndefined();
    const numbers = watching.bytes.toString().split('\r\n').slice(0, -1);
    expect(numbers).toEqual(numbers.map((_, index) => `count ${index + 1}`));
    const after = await readHistory(api, counter);
    expect(after.subarray(0, acknowledged.length).equals(acknowledged)).toBe(true);
  },
);

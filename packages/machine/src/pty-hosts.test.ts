import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { hostsDirectory, readHostRecords, writeHostRecord } from './host/host-record.ts';
import { currentBootId, launchHost } from './host/hub/launch-host.ts';
import { listSegments } from './host/log-segments.ts';
import { runDirectoryFor } from './host/run-directory.ts';
import { terminalDirectory } from './host/stored-terminal.ts';
import { createTestPlace, openRequest, readTerminal, startHubProcess, type TestPlace } from './pty-hosts.fixture.ts';
import { createProcessTable } from './process-table.ts';
import type { HostEvent, PtyHosts } from './pty-hosts.types.ts';
import { isAlive, processesOf, startTimeOf } from './process-tree.ts';

let place: TestPlace;

beforeEach(() => {
  place = createTestPlace();
});

afterEach(async () => {
  await place[Symbol.asyncDispose]();
});

/** The machine may be busy with other tests. */
const eventually = <Value>(look: () => Value) => expect.poll(look, { timeout: 25_000 });
const hostRecords = () => readHostRecords(place.stateDirectory, 'pty-host');
const nobody = { pid: 0, startTime: '' };
const processCount = async (terminalId: string): Promise<number> =>
  (await processesOf({ leader: nobody, marker: `NAVIS_TERMINAL_ID=${terminalId}` })).length;
const numbers = (count: number): string => Array.from({ length: count }, (_, index) => `${index + 1}\r\n`).join('');
const open = async (hosts: PtyHosts, script: string, changes = {}): Promise<string> =>
  (await hosts.open(openRequest(script, changes))).terminalId;

describe('opening, writing, reading', () => {
  test('T10, T17: output is streamed, input is echoed, the exit comes after the last byte', async () => {
    const hosts = await place.hub();
    const id = await open(hosts, 'echo hello; read line; echo "got $line"; exit 3');
    const reading = readTerminal(hosts, id);
    await eventually(reading.text).toContain('hello');
    expect(await hosts.write(id, Buffer.from('you\r'))).toEqual({ acceptedBytes: 4 });
    await eventually(() => reading.exit).toMatchObject({ exitCode: 3, signal: null, kind: 'exited' });
    expect(reading.text()).toBe('hello\r\nyou\r\ngot you\r\n');
    expect(hosts.get(id)).toMatchObject({ exit: { exitCode: 3 }, endOffset: 21, firstOffset: 0 });
  });

  test('T1: a terminal gets its environment, TERM and its id, nothing of the hub, and no descriptor of others', async () => {
    const hosts = await place.hub();
    const others = [await open(hosts, 'sleep 60'), await open(hosts, 'sleep 60')];
    const id = await open(
      hosts,
      'env | cut -d= -f1 | sort | tr "\\n" " "; echo; ls /proc/self/fd | tr "\\n" " "; echo $TERM',
    );
    const reading = readTerminal(hosts, id);
    await eventually(() => reading.exit).not.toBeNull();
    const [names, descriptors, term] = reading.text().split(/\r\n|(?<=\d) (?=xterm)/);
    expect(names?.trim().split(' ')).toEqual(
      expect.arrayContaining(['HOME', 'LANG', 'NAVIS_TERMINAL_ID', 'PATH', 'TERM']),
    );
    expect(names).not.toMatch(/NODE_|VITEST|TEST/);
    expect(descriptors).toBe('0 1 2 3');
    expect(term).toBe('xterm-256color');
    expect(others).toHaveLength(2);
  });

  test.each([
    ['a missing program', { file: 'no-such-program', args: [] }, 'no-such-program'],
    ['a file that is no program', { file: '/etc/passwd', args: [] }, '/etc/passwd'],
    ['a missing directory', { workingDirectory: '/no/such/directory' }, '/no/such/directory'],
    ['an argument beyond what the kernel takes', { args: ['-c', 'x'.repeat(200_000)] }, 'list too long'],
  ])('T13: %s is refused with a reason, and nothing stays', async (_, changes, reason) => {
    const hosts = await place.hub();
    const request = openRequest('true', changes);
    await expect(hosts.open(request)).rejects.toMatchObject({
      code: 'SPAWN_FAILED',
      message: expect.stringContaining(reason),
    });
    expect(hosts.list()).toEqual([]);
    expect(await processCount(request.terminalId)).toBe(0);
  });

  test('T22: input to an ended or unknown terminal fails at once; a program that does not read pushes back', async () => {
    const hosts = await place.hub();
    const ended = await open(hosts, 'true');
    await eventually(() => hosts.get(ended)?.exit).not.toBeNull();
    await expect(hosts.write(ended, Buffer.from('x'))).rejects.toMatchObject({ code: 'TERMINAL_EXITED' });
    await expect(hosts.write('t_nothing', Buffer.from('x'))).rejects.toMatchObject({ code: 'TERMINAL_NOT_FOUND' });
    const deaf = await open(hosts, 'stty raw -echo; echo ready; sleep 60');
    await eventually(readTerminal(hosts, deaf).text).toContain('ready');
    const startedAt = performance.now();
    const { acceptedBytes } = await hosts.write(deaf, Buffer.alloc(1024 * 1024, 'x'), { deadlineMs: 300 });
    expect(acceptedBytes).toBeGreaterThan(1000);
    expect(acceptedBytes).toBeLessThan(200_000);
    expect(performance.now() - startedAt).toBeLessThan(1500);
  });

  test('a resize reaches the program, the record and the listeners with its offset', async () => {
    const hosts = await place.hub();
    const events: HostEvent[] = [];
    hosts.onEvent((event) => void events.push(event));
    const id = await open(hosts, 'trap "stty size" WINCH; echo ready; while :; do sleep 0.05; done');
    const reading = readTerminal(hosts, id);
    await eventually(reading.text).toContain('ready');
    await hosts.resize(id, { columns: 132, rows: 50 });
    await eventually(reading.text).toContain('50 132');
    expect(hosts.get(id)).toMatchObject({ columns: 132, rows: 50 });
    expect(events).toContainEqual({ type: 'resized', terminalId: id, columns: 132, rows: 50, offset: 7 });
    expect(await hosts.snapshot(id, { scrollback: 0 })).toMatchObject({ columns: 132, rows: 50 });
  });

  test('T21, T24: the foreground program, its group and directory are told, and can be signalled alone', async () => {
    const hosts = await place.hub();
    const id = await open(hosts, '', { args: ['--norc', '-i'] });
    const reading = readTerminal(hosts, id);
    await eventually(reading.text).toContain('$ ');
    const shell = await hosts.foreground(id);
    expect(shell).toMatchObject({ program: 'bash', isShell: true, processGroup: hosts.get(id)?.pid });
    await hosts.write(id, Buffer.from('cd /usr && sleep 1000\r'));
    await eventually(async () => (await hosts.foreground(id)).program).toBe('sleep');
    expect(await hosts.foreground(id)).toMatchObject({ isShell: false, cwd: '/usr' });
    await hosts.signalForeground(id, 'SIGINT');
    await eventually(async () => hosts.foreground(id)).toMatchObject({ program: 'bash', cwd: '/usr' });
    expect(hosts.get(id)?.exit).toBeNull();
  });
});

describe('readers', () => {
  test('T17: a stalled reader holds up neither the program nor another reader, and continues later', async () => {
    const hosts = await place.hub();
    const id = await open(hosts, 'read go; seq 1 400000');
    const live = readTerminal(hosts, id, { paces: true });
    const stalled = readTerminal(hosts, id, { acknowledges: false, windowBytes: 10_000 });
    await hosts.write(id, Buffer.from('\r'));
    await eventually(() => live.exit).not.toBeNull();
    expect(live.text()).toBe(`\r\n${numbers(400_000)}`);
    expect(stalled.offset).toBe(10_000);
    while (stalled.exit === null) {
      stalled.acknowledge();
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(stalled.bytes().equals(live.bytes())).toBe(true);
  });

  test('a pacing reader holds the program; one that is silent for a second does not', async () => {
    const hosts = await place.hub();
    const id = await open(hosts, 'echo ready; read go; seq 1 1000000');
    const pacing = readTerminal(hosts, id, { paces: true, acknowledges: false, windowBytes: 50_000 });
    await eventually(pacing.text).toContain('ready');
    await hosts.write(id, Buffer.from('\r'));
    await eventually(() => pacing.offset).toBe(50_000);
    const heldAt = hosts.get(id)?.endOffset ?? 0;
    expect(heldAt).toBeLessThan(1_000_000);
    await eventually(() => hosts.get(id)?.exit).toMatchObject({ exitCode: 0 });
  });

  test('bytes that are no longer retained are told as skipped, the rest follows', async () => {
    const hosts = await place.hub({ retainBytes: 256 * 1024 });
    const id = await open(hosts, 'seq 1 200000');
    await eventually(() => hosts.get(id)?.exit).not.toBeNull();
    const record = hosts.get(id);
    expect(record?.firstOffset).toBeGreaterThan(0);
    const reading = readTerminal(hosts, id);
    await eventually(() => reading.exit).not.toBeNull();
    expect(reading.skipped).toEqual([{ from: 0, to: record?.firstOffset }]);
    expect(numbers(200_000).endsWith(reading.text())).toBe(true);
    const page = await hosts.read(id, 0, 1000);
    expect(page).toMatchObject({
      offset: record?.firstOffset,
      firstOffset: record?.firstOffset,
      endOffset: record?.endOffset,
    });
    expect(Buffer.from(page.bytes).toString()).toBe(reading.text().slice(0, 1000));
  });

  test('history is read by offset, of running and of ended terminals', async () => {
    const hosts = await place.hub();
    const id = await open(hosts, 'seq 1 50000; sleep 60');
    const reading = readTerminal(hosts, id);
    await eventually(() => reading.text().endsWith('50000\r\n')).toBe(true);
    const page = await hosts.read(id, 1000, 150_000);
    expect(page.offset).toBe(1000);
    expect(Buffer.from(page.bytes).toString()).toBe(numbers(50_000).slice(1000, 151_000));
    expect((await hosts.read(id, 10 ** 9, 10)).bytes).toHaveLength(0);
  });

  test('a 100 MB burst keeps the host small', { timeout: 60_000 }, async () => {
    const hosts = await place.hub();
    const id = await open(hosts, 'read go; yes "a line of some forty characters or so" | head -c 100000000');
    const live = readTerminal(hosts, id, { keeps: false });
    const stalled = readTerminal(hosts, id, { acknowledges: false });
    const [host] = hostRecords();
    await hosts.write(id, Buffer.from('\r'));
    let peakMiB = 0;
    await expect
      .poll(
        () => {
          peakMiB = Math.max(peakMiB, residentMiB(host?.pid ?? 0));
          return live.exit;
        },
        { timeout: 50_000, interval: 20 },
      )
      .not.toBeNull();
    expect(live.offset).toBeGreaterThan(100_000_000);
    expect(stalled.offset).toBe(256 * 1024);
    expect(peakMiB).toBeLessThan(300);
  });
});

const residentMiB = (pid: number): number =>
  Number(/VmRSS:\s*(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;

describe('ends', () => {
  test('T19: close ends the whole tree, also children that ignore TERM or called setsid, twice at once too', async () => {
    const hosts = await place.hub();
    const id = await open(
      hosts,
      `trap '' TERM; (trap '' TERM HUP; sleep 1000) & setsid bash -c 'sleep 1001 & wait' & echo ready; wait`,
    );
    await eventually(readTerminal(hosts, id).text).toContain('ready');
    await eventually(() => processCount(id)).toBeGreaterThanOrEqual(4);
    const [first, second] = await Promise.all([hosts.kill(id), hosts.kill(id)]);
    expect(first).toEqual(second);
    expect(await processCount(id)).toBe(0);
    expect(hosts.get(id)?.exit).toEqual(first);
    await hosts.remove(id);
    expect(hosts.get(id)).toBeUndefined();
    expect(existsSync(terminalDirectory(place.stateDirectory, id))).toBe(false);
    await expect(hosts.kill(id)).rejects.toMatchObject({ code: 'TERMINAL_NOT_FOUND' });
  });

  test('T19: what a program left behind when it ended is ended by close', async () => {
    const hosts = await place.hub();
    const id = await open(hosts, `setsid sleep 1002 >/dev/null 2>&1 </dev/null & sleep 0.1; exit 5`);
    await eventually(() => hosts.get(id)?.exit).toMatchObject({ exitCode: 5 });
    expect(await processCount(id)).toBe(1);
    expect(await hosts.kill(id)).toMatchObject({ exitCode: 5 });
    expect(await processCount(id)).toBe(0);
  });

  test('an interactive shell, which ignores TERM, ends at once', async () => {
    const hosts = await place.hub();
    const id = await open(hosts, '', { args: ['--norc', '-i'] });
    await eventually(readTerminal(hosts, id).text).toContain('$ ');
    const startedAt = performance.now();
    await hosts.kill(id);
    expect(performance.now() - startedAt).toBeLessThan(2000);
  });

  test('a reader that is behind when the terminal is removed hears of the loss and of the exit', async () => {
    const hosts = await place.hub();
    const id = await open(hosts, 'seq 1 100000');
    const reading = readTerminal(hosts, id, { acknowledges: false, windowBytes: 1000 });
    await eventually(() => hosts.get(id)?.exit).not.toBeNull();
    const endOffset = hosts.get(id)?.endOffset;
    await hosts.remove(id);
    expect(reading.exit).toMatchObject({ exitCode: 0 });
    expect(reading.skipped).toEqual([{ from: 1000, to: endOffset }]);
  });

  test('a running terminal is not removed', async () => {
    const hosts = await place.hub();
    const id = await open(hosts, 'sleep 60');
    await expect(hosts.remove(id)).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  test('I12: shutdown ends every terminal and every host, also from a fresh process with the hub dead', async () => {
    const hub = await startHubProcess(place.stateDirectory);
    const request = openRequest(`setsid sleep 1003 & echo ready; sleep 1000`);
    await hub.ask(request);
    hub.process.kill('SIGKILL');
    const [host] = hostRecords();
    const fresh = await place.hub();
    expect(fresh.list()).toMatchObject([{ terminalId: request.terminalId, exit: null }]);
    await fresh.shutdown();
    expect(await processCount(request.terminalId)).toBe(0);
    expect(await isAlive(host ?? nobody)).toBe(false);
    expect(hostRecords()).toEqual([]);
    expect(readdirSync(hostsDirectory(place.stateDirectory)).toSorted()).toEqual(['code-cache', 'token']);
  });
});

describe('survival', () => {
  test('T18: after kill -9 of the hub the same process runs on, and its log is complete to the byte', async () => {
    const hub = await startHubProcess(place.stateDirectory);
    const request = openRequest('for i in $(seq 1 300); do echo "line $i"; sleep 0.003; done; read go; exit 9');
    const { pid } = (await hub.ask(request)) as { pid: number };
    hub.process.kill('SIGKILL');
    const hosts = await place.hub();
    expect(hosts.get(request.terminalId)).toMatchObject({ pid, exit: null, name: request.name });
    const reading = readTerminal(hosts, request.terminalId);
    const expected = Array.from({ length: 300 }, (_, index) => `line ${index + 1}\r\n`).join('');
    await eventually(() => reading.text().length).toBe(expected.length);
    expect(reading.text()).toBe(expected);
    await hosts.write(request.terminalId, Buffer.from('\r'));
    await eventually(() => reading.exit).toMatchObject({ exitCode: 9 });
  });

  test('T18: a flood goes on unread while no hub is there, and is complete', async () => {
    const hub = await startHubProcess(place.stateDirectory);
    const request = openRequest('seq 1 3000000');
    await hub.ask(request);
    hub.process.kill('SIGKILL');
    await place.hub();
    const hosts = await place.hub();
    const reading = readTerminal(hosts, request.terminalId, { windowBytes: 1024 * 1024 });
    await eventually(() => reading.exit).toMatchObject({ exitCode: 0 });
    const digest = (bytes: Buffer): string => createHash('sha1').update(bytes).digest('hex');
    expect(digest(reading.bytes())).toBe(digest(Buffer.from(numbers(3_000_000))));
  });

  test('the exit of a terminal that ended without a hub is found', async () => {
    const hub = await startHubProcess(place.stateDirectory);
    const request = openRequest('echo ready; sleep 0.3; exit 7');
    await hub.ask(request);
    hub.process.kill('SIGKILL');
    const hosts = await place.hub();
    await eventually(() => hosts.get(request.terminalId)?.exit).toMatchObject({ exitCode: 7, kind: 'exited' });
    expect(await hosts.lastLines(request.terminalId, 5)).toEqual(['ready']);
  });

  test('an upgrade keeps terminals in their old host, opens new ones in a new host and retires the old one', async () => {
    const before = await place.hub({ buildId: 'old' });
    const old = await open(before, 'echo old; read go');
    await before[Symbol.asyncDispose]();
    const hosts = await place.hub({ buildId: 'new' });
    const fresh = await open(hosts, 'echo new; sleep 60');
    expect(
      hostRecords()
        .map(({ buildId }) => buildId)
        .toSorted(),
    ).toEqual(['new', 'old']);
    expect(hosts.list().every(({ exit }) => exit === null)).toBe(true);
    const reading = readTerminal(hosts, old);
    await hosts.write(old, Buffer.from('\r'));
    await eventually(() => reading.exit).toMatchObject({ exitCode: 0 });
    await eventually(() => hostRecords().map(({ buildId }) => buildId)).toEqual(['new']);
    const again = readTerminal(hosts, old);
    await eventually(() => again.exit).toMatchObject({ exitCode: 0 });
    expect(again.text()).toBe('old\r\n\r\n');
    expect(await hosts.lastLines(old, 5)).toEqual(['old']);
    expect(hosts.get(fresh)?.exit).toBeNull();
  });

  test('T18: kill -9 of the host ends its terminals honestly and leaves no process; the next open works', async () => {
    const hosts = await place.hub();
    const events: HostEvent[] = [];
    hosts.onEvent((event) => void events.push(event));
    const id = await open(hosts, `trap '' HUP; (trap '' HUP; setsid sleep 1004) & echo before; sleep 1000`);
    const reading = readTerminal(hosts, id);
    await eventually(reading.text).toBe('before\r\n');
    await eventually(() => listSegments(terminalDirectory(place.stateDirectory, id))).toEqual([{ start: 0, end: 8 }]);
    process.kill(hostRecords()[0]?.pid ?? 0, 'SIGKILL');
    const lost = { kind: 'lost', exitCode: null, reason: 'lost (terminal host ended)' };
    await eventually(() => hosts.get(id)?.exit).toMatchObject(lost);
    await eventually(() => reading.exit).toMatchObject(lost);
    await eventually(() => processCount(id)).toBe(0);
    expect(events).toContainEqual(expect.objectContaining({ type: 'hostLost', terminalIds: [id] }));
    expect(events.filter(({ type }) => type === 'exited')).toHaveLength(1);
    await expect(hosts.write(id, Buffer.from('x'))).rejects.toMatchObject({ code: 'TERMINAL_EXITED' });
    expect(await hosts.lastLines(id, 5)).toEqual(['before']);
    expect(Buffer.from((await hosts.read(id, 0, 100)).bytes).toString()).toBe('before\r\n');
    const next = await open(hosts, 'echo next');
    await eventually(() => hosts.get(next)?.exit).toMatchObject({ exitCode: 0 });
  });

  test('a host that died while no hub was there is found dead at the start', async () => {
    const hub = await startHubProcess(place.stateDirectory);
    const request = openRequest(`setsid sleep 1005 & echo ready; sleep 1000`);
    await hub.ask(request);
    const [host] = hostRecords();
    hub.process.kill('SIGKILL');
    process.kill(host?.pid ?? 0, 'SIGKILL');
    await eventually(() => isAlive(host ?? nobody)).toBe(false);
    const hosts = await place.hub();
    expect(hosts.get(request.terminalId)?.exit).toMatchObject({ reason: 'lost (terminal host ended)' });
    await eventually(() => processCount(request.terminalId)).toBe(0);
  });

  test('after a reboot terminals are lost (reboot), and nobody of the same PID is signalled', async () => {
    const hub = await startHubProcess(place.stateDirectory);
    const request = openRequest('echo ready; sleep 1000');
    const { pid } = (await hub.ask(request)) as { pid: number };
    hub.process.kill('SIGKILL');
    const [host] = hostRecords();
    if (host === undefined) throw new Error('no host');
    const record = join(terminalDirectory(place.stateDirectory, request.terminalId), 'record.json');
    const stored = JSON.parse(readFileSync(record, 'utf8')) as Record<string, unknown>;
    writeFileSync(record, JSON.stringify({ ...stored, bootId: 'an earlier boot' }));
    writeHostRecord(place.stateDirectory, { ...host, bootId: 'an earlier boot' });
    const startTime = await startTimeOf(pid);
    const hosts = await place.hub();
    expect(hosts.get(request.terminalId)?.exit).toMatchObject({ kind: 'lost', reason: 'lost (reboot)' });
    await hosts[Symbol.asyncDispose]();
    expect(await startTimeOf(pid)).toBe(startTime);
    // Give the host back to the clean-up.
    writeFileSync(record, JSON.stringify(stored));
    writeHostRecord(place.stateDirectory, host);
  });

  test('a lost connection to a living host is made again, without loss or repetition', async () => {
    const hosts = await place.hub();
    const id = await open(hosts, 'for i in $(seq 1 200); do echo "line $i"; sleep 0.005; done');
    const reading = readTerminal(hosts, id);
    await eventually(reading.text).toContain('line 5');
    const [host] = hostRecords();
    // A stopped host answers nothing; continued, it has the connections of a second hub besides.
    process.kill(host?.pid ?? 0, 'SIGSTOP');
    const second = place.hub();
    process.kill(host?.pid ?? 0, 'SIGCONT');
    const other = readTerminal(await second, id);
    await eventually(() => [reading.exit?.exitCode, other.exit?.exitCode]).toEqual([0, 0]);
    expect(other.text()).toBe(reading.text());
  });

  test('N6: a host that hangs delays nobody for long, and goes on when it wakes', async () => {
    const before = await place.hub();
    const id = await open(before, 'read line; echo "got $line"; read more');
    await before[Symbol.asyncDispose]();
    const [host] = hostRecords();
    const pid = host?.pid ?? 0;
    process.kill(pid, 'SIGSTOP');
    try {
      const hosts = await place.hub();
      expect(hosts.get(id)?.exit).toBeNull();
      const reading = readTerminal(hosts, id);
      await expect(hosts.write(id, Buffer.from('x'))).rejects.toMatchObject({ code: 'HOST_UNAVAILABLE' });
      process.kill(pid, 'SIGCONT');
      await eventually(() => hosts.write(id, Buffer.from('you\r')).catch(() => null)).toEqual({ acceptedBytes: 4 });
      await eventually(reading.text).toContain('got you');
    } finally {
      process.kill(pid, 'SIGCONT');
    }
  });

  test('I12: shutdown also ends a host that hangs, with all of its terminals', async () => {
    const before = await place.hub();
    const id = await open(before, `trap '' HUP TERM; setsid sleep 1006 & echo ready; sleep 1000`);
    await eventually(readTerminal(before, id).text).toContain('ready');
    await before[Symbol.asyncDispose]();
    const [host] = hostRecords();
    process.kill(host?.pid ?? 0, 'SIGSTOP');
    const hosts = await place.hub();
    await hosts.shutdown();
    expect(await isAlive(host ?? nobody)).toBe(false);
    expect(await processCount(id)).toBe(0);
  });

  test('a host is a session of its own, cares for its socket, and ends when nobody needs it', async () => {
    const { stateDirectory } = place;
    const runDirectory = runDirectoryFor(stateDirectory);
    const times = { lonelyMs: 1000, socketCareMs: 50 };
    const options = {
      stateDirectory,
      runDirectory,
      retainBytes: 1 << 20,
      buildId: 'lonely',
      bootId: currentBootId(),
      times,
    };
    const host = await launchHost(options);
    expect(await createProcessTable().info(host.pid)).toMatchObject({ session: host.pid, hasTerminal: false });
    rmSync(runDirectory, { recursive: true });
    await eventually(() => existsSync(host.socketPath)).toBe(true);
    const hosts = await place.hub({ buildId: 'lonely' });
    const id = await open(hosts, 'sleep 60');
    expect(hostRecords()).toHaveLength(1);
    await hosts.kill(id);
    await hosts.remove(id);
    await hosts[Symbol.asyncDispose]();
    await eventually(() => isAlive(host)).toBe(false);
    expect(hostRecords()).toEqual([]);
  });

  test('unreadable records are told and stop nothing', async () => {
    const first = await place.hub();
    const id = await open(first, 'sleep 60');
    await first[Symbol.asyncDispose]();
    const broken = terminalDirectory(place.stateDirectory, 't_broken');
    const { mkdirSync } = await import('node:fs');
    mkdirSync(broken);
    writeFileSync(join(broken, 'record.json'), '{');
    const hosts = await place.hub();
    expect(hosts.list().map(({ terminalId }) => terminalId)).toEqual([id]);
    expect(place.problems).toEqual([expect.stringContaining('t_broken')]);
    rmSync(broken, { recursive: true });
  });
});

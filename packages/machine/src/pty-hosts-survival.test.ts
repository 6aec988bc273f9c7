import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { writeHostRecord } from './host/host-record.ts';
import { currentBootId } from './host/hub/current-build.ts';
import { launchHost } from './host/hub/launch-host.ts';
import { ptyHostProgram } from './host/hub/pty-host-program.ts';
import { listSegments } from './host/log-segments.ts';
import type { PtyHostConfig } from './host/pty-host.ts';
import { runDirectoryFor } from './host/run-directory.ts';
import { terminalDirectory } from './host/stored-terminal.ts';
import { openRequest, readTerminal, startHubProcess } from './pty-hosts.fixture.ts';
import { hostRecordsOf, numbers, open, processCount, useTestPlace } from './pty-hosts-test.fixture.ts';
import { createProcessTable } from './process-table.ts';
import type { HostEvent } from './pty-hosts.types.ts';
import { isAlive, startTimeOf, unknownLeader } from './process-tree.ts';

const place = useTestPlace();

describe('survival', () => {
  test('T18: after kill -9 of the hub the same process runs on, and its log is complete to the byte', async () => {
    const hub = await startHubProcess(place().stateDirectory);
    const request = openRequest('for i in $(seq 1 300); do echo "line $i"; sleep 0.003; done; read go; exit 9');
    const { pid } = (await hub.ask(request)) as { pid: number };
    hub.process.kill('SIGKILL');
    const hosts = await place().hub();
    expect(hosts.get(request.terminalId)).toMatchObject({ pid, exit: null, name: request.name });
    const reading = readTerminal(hosts, request.terminalId);
    const expected = Array.from({ length: 300 }, (_, index) => `line ${index + 1}\r\n`).join('');
    await expect.poll(() => reading.text().length).toBe(expected.length);
    expect(reading.text()).toBe(expected);
    await hosts.write(request.terminalId, Buffer.from('\r'));
    await expect.poll(() => reading.exit).toMatchObject({ exitCode: 9 });
  });

  test('T18: a flood goes on unread while no hub is there, and is complete', async () => {
    const hub = await startHubProcess(place().stateDirectory);
    const request = openRequest('seq 1 3000000');
    await hub.ask(request);
    hub.process.kill('SIGKILL');
    await place().hub();
    const hosts = await place().hub();
    const reading = readTerminal(hosts, request.terminalId, { windowBytes: 1024 * 1024 });
    await expect.poll(() => reading.exit).toMatchObject({ exitCode: 0 });
    const digest = (bytes: Buffer): string => createHash('sha1').update(bytes).digest('hex');
    expect(digest(reading.bytes())).toBe(digest(Buffer.from(numbers(3_000_000))));
  });

  test('the exit of a terminal that ended without a hub is found', async () => {
    const hub = await startHubProcess(place().stateDirectory);
    const request = openRequest('echo ready; sleep 0.3; exit 7');
    await hub.ask(request);
    hub.process.kill('SIGKILL');
    const hosts = await place().hub();
    await expect.poll(() => hosts.get(request.terminalId)?.exit).toMatchObject({ exitCode: 7, kind: 'exited' });
    expect(await hosts.lastLines(request.terminalId, 5)).toEqual(['ready']);
  });

  test('an upgrade keeps terminals in their old host, opens new ones in a new host and retires the old one', async () => {
    const before = await place().hub({ buildId: 'old' });
    const old = await open(before, 'echo old; read go');
    await before[Symbol.asyncDispose]();
    const hosts = await place().hub({ buildId: 'new' });
    const fresh = await open(hosts, 'echo new; sleep 60');
    expect(
      hostRecordsOf(place())
        .map(({ buildId }) => buildId)
        .toSorted(),
    ).toEqual(['new', 'old']);
    expect(hosts.list().every(({ exit }) => exit === null)).toBe(true);
    const reading = readTerminal(hosts, old);
    await hosts.write(old, Buffer.from('\r'));
    await expect.poll(() => reading.exit).toMatchObject({ exitCode: 0 });
    await expect.poll(() => hostRecordsOf(place()).map(({ buildId }) => buildId)).toEqual(['new']);
    const again = readTerminal(hosts, old);
    await expect.poll(() => again.exit).toMatchObject({ exitCode: 0 });
    expect(again.text()).toBe('old\r\n\r\n');
    expect(await hosts.lastLines(old, 5)).toEqual(['old']);
    expect(hosts.get(fresh)?.exit).toBeNull();
  });

  test('T18: kill -9 of the host ends its terminals honestly and leaves no process; the next open works', async () => {
    const hosts = await place().hub();
    const events: HostEvent[] = [];
    hosts.onEvent((event) => void events.push(event));
    const id = await open(hosts, `trap '' HUP; (trap '' HUP; setsid sleep 1004) & echo before; sleep 1000`);
    const reading = readTerminal(hosts, id);
    await expect.poll(reading.text).toBe('before\r\n');
    await expect
      .poll(() => listSegments(terminalDirectory(place().stateDirectory, id)))
      .toEqual([{ start: 0, end: 8 }]);
    process.kill(hostRecordsOf(place())[0]?.pid ?? 0, 'SIGKILL');
    const lost = { kind: 'lost', exitCode: null, reason: 'lost (terminal host ended)' };
    await expect.poll(() => hosts.get(id)?.exit).toMatchObject(lost);
    await expect.poll(() => reading.exit).toMatchObject(lost);
    await expect.poll(() => processCount(id)).toBe(0);
    expect(events).toContainEqual(expect.objectContaining({ type: 'hostLost', terminalIds: [id] }));
    expect(events.filter(({ type }) => type === 'exited')).toHaveLength(1);
    await expect(hosts.write(id, Buffer.from('x'))).rejects.toMatchObject({ code: 'TERMINAL_EXITED' });
    expect(await hosts.lastLines(id, 5)).toEqual(['before']);
    expect(Buffer.from((await hosts.read(id, 0, 100)).bytes).toString()).toBe('before\r\n');
    const next = await open(hosts, 'echo next');
    await expect.poll(() => hosts.get(next)?.exit).toMatchObject({ exitCode: 0 });
  });

  test('a host that died while no hub was there is found dead at the start', async () => {
    const hub = await startHubProcess(place().stateDirectory);
    const request = openRequest(`setsid sleep 1005 & echo ready; sleep 1000`);
    await hub.ask(request);
    const [host] = hostRecordsOf(place());
    hub.process.kill('SIGKILL');
    process.kill(host?.pid ?? 0, 'SIGKILL');
    await expect.poll(() => isAlive(host ?? unknownLeader)).toBe(false);
    const hosts = await place().hub();
    expect(hosts.get(request.terminalId)?.exit).toMatchObject({ reason: 'lost (terminal host ended)' });
    await expect.poll(() => processCount(request.terminalId)).toBe(0);
  });

  test('after a reboot terminals are lost (reboot), and nobody of the same PID is signalled', async () => {
    const hub = await startHubProcess(place().stateDirectory);
    const request = openRequest('echo ready; sleep 1000');
    const { pid } = (await hub.ask(request)) as { pid: number };
    hub.process.kill('SIGKILL');
    const [host] = hostRecordsOf(place());
    if (host === undefined) throw new Error('no host');
    const record = join(terminalDirectory(place().stateDirectory, request.terminalId), 'record.json');
    const stored = JSON.parse(readFileSync(record, 'utf8')) as Record<string, unknown>;
    writeFileSync(record, JSON.stringify({ ...stored, bootId: 'an earlier boot' }));
    writeHostRecord(place().stateDirectory, { ...host, bootId: 'an earlier boot' });
    const startTime = await startTimeOf(pid);
    const hosts = await place().hub();
    expect(hosts.get(request.terminalId)?.exit).toMatchObject({ kind: 'lost', reason: 'lost (reboot)' });
    await hosts[Symbol.asyncDispose]();
    expect(await startTimeOf(pid)).toBe(startTime);
    // Give the host back to the clean-up.
    writeFileSync(record, JSON.stringify(stored));
    writeHostRecord(place().stateDirectory, host);
  });

  test('a lost connection to a living host is made again, without loss or repetition', async () => {
    const hosts = await place().hub();
    const id = await open(hosts, 'for i in $(seq 1 200); do echo "line $i"; sleep 0.005; done');
    const reading = readTerminal(hosts, id);
    await expect.poll(reading.text).toContain('line 5');
    const [host] = hostRecordsOf(place());
    // A stopped host answers nothing; continued, it has the connections of a second hub besides.
    process.kill(host?.pid ?? 0, 'SIGSTOP');
    const second = place().hub();
    process.kill(host?.pid ?? 0, 'SIGCONT');
    const other = readTerminal(await second, id);
    await expect.poll(() => [reading.exit?.exitCode, other.exit?.exitCode]).toEqual([0, 0]);
    expect(other.text()).toBe(reading.text());
  });

  test('N6: a host that hangs delays nobody for long, and goes on when it wakes', async () => {
    const before = await place().hub();
    const id = await open(before, 'read line; echo "got $line"; read more');
    await before[Symbol.asyncDispose]();
    const [host] = hostRecordsOf(place());
    const pid = host?.pid ?? 0;
    process.kill(pid, 'SIGSTOP');
    try {
      const hosts = await place().hub();
      expect(hosts.get(id)?.exit).toBeNull();
      const reading = readTerminal(hosts, id);
      await expect(hosts.write(id, Buffer.from('x'))).rejects.toMatchObject({ code: 'HOST_UNAVAILABLE' });
      process.kill(pid, 'SIGCONT');
      await expect.poll(() => hosts.write(id, Buffer.from('you\r')).catch(() => null)).toEqual({ acceptedBytes: 4 });
      await expect.poll(reading.text).toContain('got you');
    } finally {
      process.kill(pid, 'SIGCONT');
    }
  });

  test('I12: shutdown also ends a host that hangs, with all of its terminals', async () => {
    const before = await place().hub();
    const id = await open(before, `trap '' HUP TERM; setsid sleep 1006 & echo ready; sleep 1000`);
    await expect.poll(readTerminal(before, id).text).toContain('ready');
    await before[Symbol.asyncDispose]();
    const [host] = hostRecordsOf(place());
    process.kill(host?.pid ?? 0, 'SIGSTOP');
    const hosts = await place().hub();
    await hosts.shutdown();
    expect(await isAlive(host ?? unknownLeader)).toBe(false);
    expect(await processCount(id)).toBe(0);
  });

  test('I12: once it shuts down no host is started, not even for the screen of an ended terminal', async () => {
    const hosts = await place().hub();
    const id = await open(hosts, 'echo ended');
    await expect.poll(() => hosts.get(id)?.exit).not.toBeNull();
    const isDown = hosts.shutdown();
    const refused = { code: 'HOST_UNAVAILABLE' };
    await expect(hosts.open(openRequest('sleep 60'))).rejects.toMatchObject(refused);
    await isDown;
    await expect(hosts.snapshot(id, { scrollback: 0 })).rejects.toMatchObject(refused);
    expect(hostRecordsOf(place())).toEqual([]);
  });

  test('a host is a session of its own, cares for its socket, and ends when nobody needs it', async () => {
    const { stateDirectory } = place();
    const runDirectory = runDirectoryFor(stateDirectory);
    const times = { lonelyMs: 3000, socketCareMs: 50 };
    const settings = {
      stateDirectory,
      runDirectory,
      retainBytes: 1 << 20,
      buildId: 'lonely',
      bootId: currentBootId(),
      times,
    };
    const { signal } = new AbortController();
    const host = await launchHost<PtyHostConfig>({ program: ptyHostProgram, settings, signal });
    expect(await createProcessTable().info(host.pid)).toMatchObject({ session: host.pid, hasTerminal: false });
    rmSync(runDirectory, { recursive: true });
    await expect.poll(() => existsSync(host.socketPath)).toBe(true);
    const hosts = await place().hub({ buildId: 'lonely' });
    const id = await open(hosts, 'sleep 60');
    expect(hostRecordsOf(place())).toHaveLength(1);
    await hosts.kill(id);
    await hosts.remove(id);
    await hosts[Symbol.asyncDispose]();
    await expect.poll(() => isAlive(host)).toBe(false);
    expect(hostRecordsOf(place())).toEqual([]);
  });

  test('unreadable records are told and stop nothing', async () => {
    const first = await place().hub();
    const id = await open(first, 'sleep 60');
    await first[Symbol.asyncDispose]();
    const broken = terminalDirectory(place().stateDirectory, 't_broken');
    mkdirSync(broken);
    writeFileSync(join(broken, 'record.json'), '{');
    const hosts = await place().hub();
    expect(hosts.list().map(({ terminalId }) => terminalId)).toEqual([id]);
    expect(place().problems).toEqual([expect.stringContaining('t_broken')]);
    rmSync(broken, { recursive: true });
  });
});

import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { hostsDirectory } from './host/host-record.ts';
import { terminalDirectory } from './host/stored-terminal.ts';
import { openRequest, readTerminal, startHubProcess } from './pty-hosts.fixture.ts';
import { hostRecordsOf, numbers, open, processCount, useTestPlace } from './pty-hosts-test.fixture.ts';
import type { HostEvent } from './pty-hosts.types.ts';
import { isAlive, unknownLeader } from './process-tree.ts';

const place = useTestPlace();

describe('opening, writing, reading', () => {
  test('T10, T17: output is streamed, input is echoed, the exit comes after the last byte', async () => {
    const hosts = await place().hub();
    const id = await open(hosts, 'echo hello; read line; echo "got $line"; exit 3');
    const reading = readTerminal(hosts, id);
    await expect.poll(reading.text).toContain('hello');
    expect(await hosts.write(id, Buffer.from('you\r'))).toEqual({ acceptedBytes: 4 });
    await expect.poll(() => reading.exit).toMatchObject({ exitCode: 3, signal: null, kind: 'exited' });
    expect(reading.text()).toBe('hello\r\nyou\r\ngot you\r\n');
    expect(hosts.get(id)).toMatchObject({ exit: { exitCode: 3 }, endOffset: 21, firstOffset: 0 });
  });

  test('T1: a terminal gets its environment, TERM and its id, nothing of the hub, and no descriptor of others', async () => {
    const hosts = await place().hub();
    const others = [await open(hosts, 'sleep 60'), await open(hosts, 'sleep 60')];
    const id = await open(
      hosts,
      'env | cut -d= -f1 | sort | tr "\\n" " "; echo; ls /proc/self/fd | tr "\\n" " "; echo $TERM',
    );
    const reading = readTerminal(hosts, id);
    await expect.poll(() => reading.exit).not.toBeNull();
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
    const hosts = await place().hub();
    const request = openRequest('true', changes);
    await expect(hosts.open(request)).rejects.toMatchObject({
      code: 'SPAWN_FAILED',
      message: expect.stringContaining(reason),
    });
    expect(hosts.list()).toEqual([]);
    expect(await processCount(request.terminalId)).toBe(0);
  });

  test(
    'T22: input to an ended or unknown terminal fails at once; a program that does not read pushes back',
    { retry: 2 },
    async () => {
      const hosts = await place().hub();
      const ended = await open(hosts, 'true');
      await expect.poll(() => hosts.get(ended)?.exit).not.toBeNull();
      await expect(hosts.write(ended, Buffer.from('x'))).rejects.toMatchObject({ code: 'TERMINAL_EXITED' });
      await expect(hosts.write('t_nothing', Buffer.from('x'))).rejects.toMatchObject({ code: 'TERMINAL_NOT_FOUND' });
      const deaf = await open(hosts, 'stty raw -echo; echo ready; sleep 60');
      await expect.poll(readTerminal(hosts, deaf).text).toContain('ready');
      const startedAt = performance.now();
      const { acceptedBytes } = await hosts.write(deaf, Buffer.alloc(1024 * 1024, 'x'), { deadlineMs: 300 });
      expect(acceptedBytes).toBeGreaterThan(1000);
      expect(acceptedBytes).toBeLessThan(200_000);
      expect(performance.now() - startedAt).toBeLessThan(1500);
    },
  );

  test('a resize reaches the program, the record and the listeners with its offset', async () => {
    const hosts = await place().hub();
    const events: HostEvent[] = [];
    hosts.onEvent((event) => void events.push(event));
    const id = await open(hosts, 'trap "stty size" WINCH; echo ready; while :; do sleep 0.05; done');
    const reading = readTerminal(hosts, id);
    await expect.poll(reading.text).toContain('ready');
    await hosts.resize(id, { columns: 132, rows: 50 });
    await expect.poll(reading.text).toContain('50 132');
    expect(hosts.get(id)).toMatchObject({ columns: 132, rows: 50 });
    expect(events).toContainEqual({ type: 'resized', terminalId: id, columns: 132, rows: 50, offset: 7 });
    expect(await hosts.snapshot(id, { scrollback: 0 })).toMatchObject({ columns: 132, rows: 50 });
  });

  test('T21, T24: the foreground program, its group and directory are told, and can be signalled alone', async () => {
    const hosts = await place().hub();
    const id = await open(hosts, '', { args: ['--norc', '-i'] });
    const reading = readTerminal(hosts, id);
    await expect.poll(reading.text).toContain('$ ');
    const shell = await hosts.foreground(id);
    expect(shell).toMatchObject({ program: 'bash', isShell: true, processGroup: hosts.get(id)?.pid });
    await hosts.write(id, Buffer.from('cd /usr && sleep 1000\r'));
    await expect.poll(async () => (await hosts.foreground(id)).program).toBe('sleep');
    expect(await hosts.foreground(id)).toMatchObject({ isShell: false, cwd: '/usr' });
    await hosts.signalForeground(id, 'SIGINT');
    await expect.poll(async () => hosts.foreground(id)).toMatchObject({ program: 'bash', cwd: '/usr' });
    expect(hosts.get(id)?.exit).toBeNull();
  });
});

describe('readers', () => {
  test('T17: a stalled reader holds up neither the program nor another reader, and continues later', async () => {
    const hosts = await place().hub();
    const id = await open(hosts, 'read go; seq 1 400000');
    const live = readTerminal(hosts, id, { paces: true });
    const stalled = readTerminal(hosts, id, { acknowledges: false, windowBytes: 10_000 });
    await hosts.write(id, Buffer.from('\r'));
    await expect.poll(() => live.exit).not.toBeNull();
    expect(live.text()).toBe(`\r\n${numbers(400_000)}`);
    expect(stalled.offset).toBe(10_000);
    while (stalled.exit === null) {
      stalled.acknowledge();
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(stalled.bytes().equals(live.bytes())).toBe(true);
  });

  test('a pacing reader holds the program; one that is silent for a second does not', async () => {
    const hosts = await place().hub();
    const id = await open(hosts, 'echo ready; read go; seq 1 1000000');
    const pacing = readTerminal(hosts, id, { paces: true, acknowledges: false, windowBytes: 50_000 });
    await expect.poll(pacing.text).toContain('ready');
    await hosts.write(id, Buffer.from('\r'));
    await expect.poll(() => pacing.offset).toBe(50_000);
    const heldAt = hosts.get(id)?.endOffset ?? 0;
    expect(heldAt).toBeLessThan(1_000_000);
    await expect.poll(() => hosts.get(id)?.exit).toMatchObject({ exitCode: 0 });
  });

  test('bytes that are no longer retained are told as skipped, the rest follows', async () => {
    const hosts = await place().hub({ retainBytes: 256 * 1024 });
    const id = await open(hosts, 'seq 1 200000');
    await expect.poll(() => hosts.get(id)?.exit).not.toBeNull();
    const record = hosts.get(id);
    expect(record?.firstOffset).toBeGreaterThan(0);
    const reading = readTerminal(hosts, id);
    await expect.poll(() => reading.exit).not.toBeNull();
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
    const hosts = await place().hub();
    const id = await open(hosts, 'seq 1 50000; sleep 60');
    const reading = readTerminal(hosts, id);
    await expect.poll(() => reading.text().endsWith('50000\r\n')).toBe(true);
    const page = await hosts.read(id, 1000, 150_000);
    expect(page.offset).toBe(1000);
    expect(Buffer.from(page.bytes).toString()).toBe(numbers(50_000).slice(1000, 151_000));
    expect((await hosts.read(id, 10 ** 9, 10)).bytes).toHaveLength(0);
  });

  test('a 100 MB burst keeps the host small', { timeout: 180_000 }, async () => {
    const hosts = await place().hub();
    const id = await open(hosts, 'read go; yes "a line of some forty characters or so" | head -c 100000000');
    const live = readTerminal(hosts, id, { keeps: false });
    const stalled = readTerminal(hosts, id, { acknowledges: false });
    const [host] = hostRecordsOf(place());
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
    const hosts = await place().hub();
    const id = await open(
      hosts,
      `trap '' TERM; (trap '' TERM HUP; sleep 1000) & setsid bash -c 'sleep 1001 & wait' & echo ready; wait`,
    );
    await expect.poll(readTerminal(hosts, id).text).toContain('ready');
    await expect.poll(() => processCount(id)).toBeGreaterThanOrEqual(4);
    const [first, second] = await Promise.all([hosts.kill(id), hosts.kill(id)]);
    expect(first).toEqual(second);
    expect(await processCount(id)).toBe(0);
    expect(hosts.get(id)?.exit).toEqual(first);
    await hosts.remove(id);
    expect(hosts.get(id)).toBeUndefined();
    expect(existsSync(terminalDirectory(place().stateDirectory, id))).toBe(false);
    await expect(hosts.kill(id)).rejects.toMatchObject({ code: 'TERMINAL_NOT_FOUND' });
  });

  test('T19: what a program left behind when it ended is ended by close', async () => {
    const hosts = await place().hub();
    const id = await open(hosts, `setsid sleep 1002 >/dev/null 2>&1 </dev/null & sleep 0.1; exit 5`);
    await expect.poll(() => hosts.get(id)?.exit).toMatchObject({ exitCode: 5 });
    expect(await processCount(id)).toBe(1);
    expect(await hosts.kill(id)).toMatchObject({ exitCode: 5 });
    expect(await processCount(id)).toBe(0);
  });

  test('an interactive shell, which ignores TERM, ends at once', async () => {
    const hosts = await place().hub();
    const id = await open(hosts, '', { args: ['--norc', '-i'] });
    await expect.poll(readTerminal(hosts, id).text).toContain('$ ');
    const startedAt = performance.now();
    await hosts.kill(id);
    expect(performance.now() - startedAt).toBeLessThan(4500);
  });

  test('a reader that is behind when the terminal is removed hears of the loss and of the exit', async () => {
    const hosts = await place().hub();
    const id = await open(hosts, 'seq 1 100000');
    const reading = readTerminal(hosts, id, { acknowledges: false, windowBytes: 1000 });
    await expect.poll(() => hosts.get(id)?.exit).not.toBeNull();
    const endOffset = hosts.get(id)?.endOffset;
    await hosts.remove(id);
    expect(reading.exit).toMatchObject({ exitCode: 0 });
    expect(reading.skipped).toEqual([{ from: 1000, to: endOffset }]);
  });

  test('a running terminal is not removed', async () => {
    const hosts = await place().hub();
    const id = await open(hosts, 'sleep 60');
    await expect(hosts.remove(id)).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  test('I12: shutdown ends every terminal and every host, also from a fresh process with the hub dead', async () => {
    const hub = await startHubProcess(place().stateDirectory);
    const request = openRequest(`setsid sleep 1003 & echo ready; sleep 1000`);
    await hub.ask(request);
    hub.process.kill('SIGKILL');
    const [host] = hostRecordsOf(place());
    const fresh = await place().hub();
    expect(fresh.list()).toMatchObject([{ terminalId: request.terminalId, exit: null }]);
    await fresh.shutdown();
    expect(await processCount(request.terminalId)).toBe(0);
    expect(await isAlive(host ?? unknownLeader)).toBe(false);
    expect(hostRecordsOf(place())).toEqual([]);
    expect(readdirSync(hostsDirectory(place().stateDirectory)).filter((name) => name !== 'pty-host-code')).toEqual([
      'token',
    ]);
  });
});

/** `open`: names, places, background and foreground. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { maxTerminalsPerSession, newId } from '@navisai/protocol';
import type { TerminalInfo } from '@navisai/protocol';
import { describe, expect, test } from 'vitest';
import { newMark, processesWith, until } from '../terminal-target.fixture.ts';
import type { TargetTraits, TerminalTarget } from '../terminal-target.fixture.ts';

const terminals = (metadata: Record<string, unknown>): TerminalInfo[] => metadata['terminals'] as TerminalInfo[];

export const openSuite = (target: () => TerminalTarget, { isSandboxed }: TargetTraits): void => {
  describe('open', () => {
    test('T10: a name is 1 to 64 of the allowed characters', async () => {
      for (const name of ['', '.', '..', 'a b', 'a/b', 'é', 'x'.repeat(65), 'a\n', '\u202ea', 5, undefined, null]) {
        const result = await target()
          .session()
          .call({ action: 'open', terminal_name: name, description: 'd', command: 'true' });
        expect(result).toMatchObject({ success: false, error: { code: 'INVALID_ARGUMENT', field: 'terminal_name' } });
      }
      const session = target().session();
      for (const name of ['...', '-', 'A_b.c-9', 'x'.repeat(64)]) {
        expect(await session.open(name, 'sleep 100', { background: true })).toMatchObject({ success: true });
        await session.call({ action: 'close', terminal_name: name });
      }
    });

    test('T11: without a description nothing runs and the name stays free', async () => {
      const session = target().session();
      const marker = join(target().home, 'described');
      for (const description of [undefined, '', '  ', 5, 'x'.repeat(501)]) {
        const result = await session.call({
          action: 'open',
          terminal_name: 'a',
          command: `touch ${marker}`,
          description,
        });
        expect(result).toMatchObject({ success: false, error: { code: 'INVALID_ARGUMENT', field: 'description' } });
      }
      expect(existsSync(marker)).toBe(false);
      expect(await session.open('a', 'true')).toMatchObject({ success: true });
    });

    test('T12: a wrong type is an error, never truthiness', async () => {
      const session = target().session();
      const wrong: [Record<string, unknown>, string][] = [
        [{ command: undefined }, 'command'],
        [{ command: '  ' }, 'command'],
        [{ background: 'true' }, 'background'],
        [{ background: 1 }, 'background'],
        [{ background: null }, 'background'],
        [{ keep_alive: 'yes' }, 'keep_alive'],
        [{ working_dir: 5 }, 'working_dir'],
        [{ working_dir: '/no/such' }, 'working_dir'],
        [{ timeout: 0 }, 'timeout'],
        [{ wait_for: {} }, 'wait_for'],
        [{ wait_for: { pattern: '(' } }, 'wait_for.pattern'],
        [{ wait_for: { pattern: 'x'.repeat(513) } }, 'wait_for.pattern'],
        [{ wait_for: { exit: true, timeout: 301 } }, 'wait_for.timeout'],
      ];
      for (const [change, field] of wrong) {
        const call = {
          action: 'open',
          terminal_name: 'a',
          description: 'd',
          command: 'sleep 100',
          background: true,
          ...change,
        };
        expect(await session.call(call)).toMatchObject({ success: false, error: { field } });
      }
      expect(terminals((await session.call({ action: 'list' })).metadata)).toEqual([]);
    });

    test('T13: in the background it answers at once with name, PID and node', async () => {
      const session = target().session();
      const mark = newMark();
      const startedAt = performance.now();
      const result = await session.open('web', `exec sleep ${mark}`, { background: true });
      expect(performance.now() - startedAt).toBeLessThan(30_000);
      await until('started', () => processesWith(mark).length > 0);
      const pid = isSandboxed ? result.metadata['pid'] : processesWith(mark)[0];
      expect(result).toMatchObject({
        success: true,
        metadata: { terminal_name: 'web', pid, node_id: target().nodeId },
      });
      expect(result.output).toContain(`pid ${pid}`);
      await session.call({ action: 'close', terminal_name: 'web' });
    });

    test('T13, T16: a command that cannot start says so and leaves nothing', async () => {
      const session = target().session();
      const result = await session.open('bad', '/no/such/program', { background: true });
      expect(result).toMatchObject({ success: false, error: { code: 'SPAWN_FAILED' } });
      expect(result.output).toContain('/no/such/program');
      expect(terminals((await session.call({ action: 'list' })).metadata)).toEqual([]);
      expect(await session.open('bad', 'sleep 100', { background: true })).toMatchObject({ success: true });
      await session.call({ action: 'close', terminal_name: 'bad' });
    });

    test('T1, T10: it runs on a real terminal of 120×40 with an xterm', async () => {
      const { output } = await target().session().open('tty', 'tty >/dev/null && stty size && echo $TERM && env', {});
      expect(output.split('\n').slice(0, 2)).toEqual(['40 120', 'xterm-256color']);
      expect(output).toContain(`HOME=${target().home}\n`);
    });

    test('T14: in the foreground it is seen by others, returns output and exit code, and closes itself', async () => {
      const session = target().session();
      const mark = newMark();
      const opened = session.open('build', `echo one; echo two >&2; sleep ${mark}; exit 3`, { timeout: 30 });
      const isListed = (): boolean => target().machine.terminals(session.id).length > 0;
      await until('started', () => processesWith(mark).length > 0 && isListed());
      const [listed] = terminals((await session.call({ action: 'list' })).metadata);
      expect(listed).toMatchObject({ name: 'build', status: 'busy', background: false });
      const typed = await session.call({ action: 'send_input', terminal_name: 'build', input: 'x' });
      expect(typed).toMatchObject({ success: false, error: { code: 'TERMINAL_FOREGROUND' } });
      for (const pid of processesWith(mark)) process.kill(pid);
      const result = await opened;
      expect(result).toMatchObject({ success: false, metadata: { exit_code: 3 } });
      expect(result.output).toMatch(/^one\ntwo\n/);
      expect(terminals((await session.call({ action: 'list' })).metadata)).toEqual([]);
      expect(await session.open('build', 'true')).toMatchObject({ success: true, output: '(no output)' });
    });

    test('T6, T7, T14: at its timeout a foreground terminal ends with its tree', async () => {
      const session = target().session();
      const mark = newMark();
      const result = await session.open('slow', `echo partial; (setsid sleep ${mark} &); sleep ${mark}`, {
        timeout: 1,
      });
      expect(result).toMatchObject({ success: false, error: { code: 'timeout' } });
      expect(result.output).toContain('partial\n');
      expect(processesWith(mark)).toEqual([]);
      expect(terminals((await session.call({ action: 'list' })).metadata)).toEqual([]);
    });

    test('T14: timeout without wait_for has no effect in the background and says so', async () => {
      const session = target().session();
      const result = await session.open('bg', 'sleep 100', { background: true, timeout: 1 });
      expect(result.metadata.warnings).toEqual([expect.stringContaining('timeout has no effect')]);
      await session.call({ action: 'close', terminal_name: 'bg' });
    });

    test('T3, T14: a long output of a foreground terminal is cut with a marker and stays readable after it closed', async () => {
      const session = target().session();
      const callId = newId('call');
      const call = { action: 'open', terminal_name: 'long', description: 'd', command: 'seq 1 100000' };
      const result = await session.call(call, { callId });
      expect(result).toMatchObject({ success: true, metadata: { truncated: true } });
      expect(result.output).toMatch(/^1\n2\n/);
      expect(result.output).toMatch(/\n99999\n100000\n$/);
      expect(result.output).toContain(`navis://output/${callId}`);
      const page = await target().machine.readOutput({ sessionId: session.id, callId, from: 0, maxBytes: 1000 });
      expect(Buffer.from(page.bytes).toString()).toMatch(/^1\r\n2\r\n/);
      expect(page.endOffset).toBe(Array.from({ length: 100_000 }, (_, index) => `${index + 1}\r\n`).join('').length);
    });

    test('T15: an existing name is refused and left alone; another session may use it', async () => {
      const session = target().session();
      const first = await session.open('a', 'sleep 100', { background: true });
      const second = await session.open('a', 'echo second', { background: true });
      expect(second).toMatchObject({ success: false, error: { code: 'TERMINAL_EXISTS' } });
      const [listed] = terminals((await session.call({ action: 'list' })).metadata);
      expect(listed?.pid).toBe(first.metadata['pid']);
      const other = target().session();
      expect(await other.open('a', 'sleep 100', { background: true })).toMatchObject({ success: true });
      for (const each of [session, other]) await each.call({ action: 'close', terminal_name: 'a' });
    });

    test('T15: of 50 simultaneous opens of one name exactly one starts a process', async () => {
      const session = target().session();
      const mark = newMark();
      const results = await Promise.all(
        Array.from({ length: 50 }, () => session.open('one', `exec sleep ${mark}`, { background: true })),
      );
      expect(results.filter(({ success }) => success)).toHaveLength(1);
      expect(new Set(results.filter(({ success }) => !success).map(({ error }) => error?.code))).toEqual(
        new Set(['TERMINAL_EXISTS']),
      );
      await until('started', () => processesWith(mark).length > 0);
      expect(processesWith(mark)).toHaveLength(1);
      await session.call({ action: 'close', terminal_name: 'one' });
    });

    test('T16: of 20 opens at once ten get a place; the message says what to close', async () => {
      const session = target().session();
      const opens = Array.from({ length: 20 }, (_, index) =>
        session.open(`t${index}`, 'sleep 100', { background: true }),
      );
      const results = await Promise.all(opens);
      expect(results.filter(({ success }) => success)).toHaveLength(maxTerminalsPerSession);
      const refused = results.find(({ success }) => !success);
      expect(refused).toMatchObject({ error: { code: 'TERMINAL_LIMIT' } });
      const listed = terminals((await session.call({ action: 'list' })).metadata);
      expect(listed).toHaveLength(maxTerminalsPerSession);
      const [first] = listed.map(({ name }) => name);
      await session.call({ action: 'send_input', terminal_name: first, input: '\u0003' });
      await until('one has ended', async () =>
        terminals((await session.call({ action: 'list' })).metadata).some(({ status }) => status === 'idle'),
      );
      const eleventh = await session.open('more', 'sleep 100', { background: true });
      expect(eleventh.error?.message).toContain(`'${first}'`);
      await session.call({ action: 'close', terminal_name: first });
      expect(await session.open('more', 'sleep 100', { background: true })).toMatchObject({ success: true });
      await target().machine.closeSession(session.id, 'test');
      expect(target().machine.terminals(session.id)).toEqual([]);
    });
  });
};

/** `close` and `list`, and what a session sees of others. */
import type { TerminalInfo } from '@navisai/protocol';
import { describe, expect, test } from 'vitest';
import { newMark, processesWith, until } from '../terminal-target.fixture.ts';
import type { TerminalTarget } from '../terminal-target.fixture.ts';

const terminals = (metadata: Record<string, unknown>): TerminalInfo[] => metadata['terminals'] as TerminalInfo[];

export const closeSuite = (target: () => TerminalTarget): void => {
  describe('close and list', () => {
    test('T19: close ends the tree, also what ignores TERM, and frees the name', async () => {
      const session = target().session();
      const mark = newMark();
      await session.open(
        't',
        `trap '' TERM HUP; sleep ${mark} & (setsid sleep ${mark} &); sh -c 'trap "" TERM; sleep ${mark}; sleep ${mark}'`,
        { background: true },
      );
      await until('started', () => processesWith(mark).length === 3);
      const result = await session.call({ action: 'close', terminal_name: 't' });
      expect(result).toMatchObject({ success: true, metadata: { terminal_name: 't' } });
      expect(processesWith(mark)).toEqual([]);
      expect(await session.call({ action: 'close', terminal_name: 't' })).toMatchObject({
        error: { code: 'TERMINAL_NOT_FOUND' },
      });
      expect(await session.call({ action: 'status', terminal_name: 't' })).toMatchObject({
        error: { code: 'TERMINAL_NOT_FOUND' },
      });
    });

    test('T19: closing twice at once is safe', async () => {
      const session = target().session();
      await session.open('t', 'sleep 100', { background: true });
      const closes = await Promise.all([1, 2, 3].map(() => session.call({ action: 'close', terminal_name: 't' })));
      expect(closes.some(({ success }) => success)).toBe(true);
      for (const { success, error } of closes) expect(success || error?.code === 'TERMINAL_NOT_FOUND').toBe(true);
      expect(target().machine.terminals(session.id)).toEqual([]);
    });

    test('T19: closing a foreground terminal ends the call that opened it', async () => {
      const session = target().session();
      const mark = newMark();
      const opened = session.open('fg', `echo before; sleep ${mark}`, { timeout: 60 });
      const isListed = (): boolean => target().machine.terminals(session.id).length > 0;
      await until('started', () => processesWith(mark).length > 0 && isListed());
      expect(await session.call({ action: 'close', terminal_name: 'fg' })).toMatchObject({ success: true });
      expect(await opened).toMatchObject({ success: false, error: { code: 'CANCELLED' }, output: 'before\n' });
    });

    test('T20: list tells the facts of each terminal, and an empty list says so', async () => {
      const session = target().session();
      expect(await session.call({ action: 'list' })).toMatchObject({
        success: true,
        output: expect.stringContaining('No terminals'),
        metadata: { terminals: [] },
      });
      await session.open('busy', 'sleep 100', { background: true });
      await session.open('done', 'exit 4', { background: true });
      await until('ended', () =>
        target()
          .machine.terminals(session.id)
          .some(({ status }) => status === 'idle'),
      );
      const { output, metadata } = await session.call({ action: 'list' });
      const [busy, done] = terminals(metadata);
      expect(busy).toMatchObject({
        name: 'busy',
        description: 'test',
        command: 'sleep 100',
        status: 'busy',
        nodeId: target().nodeId,
        exitCode: null,
        background: true,
        keepAlive: false,
      });
      expect(busy?.pid).toBeGreaterThan(1);
      expect(busy?.uptime).toBeGreaterThanOrEqual(0);
      expect(Date.parse(busy?.lastActivityAt ?? '')).not.toBeNaN();
      expect(done).toMatchObject({ name: 'done', status: 'idle', exitCode: 4 });
      for (const part of [
        'busy: test',
        'command: sleep 100',
        'status: busy',
        'idle (exit code 4)',
        `node ${target().nodeId}`,
      ])
        expect(output).toContain(part);
      await target().machine.closeSession(session.id, 'test');
    });

    test('T20: hostile names of things are shown escaped', async () => {
      const session = target().session();
      const description = 'evil\u001b]0;x\u0007\r\n\u202egnp.exe\u200b';
      await session.call({
        action: 'open',
        terminal_name: 'e',
        description,
        command: "sleep 100 # '\u001b[2J\u202e'",
        background: true,
      });
      for (const call of [{ action: 'list' }, { action: 'status', terminal_name: 'e' }]) {
        const { output } = await session.call(call);
        expect(output).not.toMatch(/[\u001b\u0007\r\u202e\u200b]/);
        expect(output).toContain('evil\\x1b]0;x\\x07\\r\\n\\u202egnp.exe\\u200b');
      }
      await target().machine.closeSession(session.id, 'test');
    });

    test('T23: a foreign name answers exactly like an unknown one', async () => {
      const [mine, other] = [target().session(), target().session()];
      await mine.open('secret', 'sleep 100', { background: true });
      for (const call of [
        { action: 'status' },
        { action: 'close' },
        { action: 'send_input', input: 'x' },
        { action: 'run', command: 'ls' },
      ]) {
        const foreign = await other.call({ ...call, terminal_name: 'secret' });
        const unknown = await target()
          .session()
          .call({ ...call, terminal_name: 'secret' });
        expect(foreign.error).toEqual(unknown.error);
        expect(foreign.error?.code).toBe('TERMINAL_NOT_FOUND');
      }
      expect((await other.call({ action: 'list' })).output).not.toContain('secret');
      await mine.call({ action: 'close', terminal_name: 'secret' });
    });

    test('T25: only a terminal opened with keep_alive is exempt from the sweep, whoever calls', async () => {
      const session = target().session();
      const call = { action: 'open', terminal_name: 'p', description: 'd', command: 'sleep 100', background: true };
      await session.call(call, { origin: 'person' });
      await session.call({ ...call, terminal_name: 'a' });
      await session.call({ ...call, terminal_name: 'k', keep_alive: true });
      const kept = target()
        .machine.terminals(session.id)
        .map(({ name, keepAlive }) => [name, keepAlive]);
      expect(Object.fromEntries(kept)).toEqual({ p: false, a: false, k: true });
      await target().machine.closeSession(session.id, 'test');
    });
  });
};

/** Calls that are repeated, also after the program that served them was started again (N7), and what is told of calls (N9). */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { newId, type ToolResult } from '@navisai/protocol';
import { describe, expect, test } from 'vitest';
import { testOwner } from '../../authority/test-owner.fixture.ts';
import { newMark, processesWith, until } from '../terminal-target.fixture.ts';
import type { TerminalTarget } from '../terminal-target.fixture.ts';

export const repeatSuite = (target: () => TerminalTarget): void => {
  describe('repeat', () => {
    test('N7: what was typed and run in a shell is not typed and run again after a restart of the program', async () => {
      const session = target().session();
      const inShell = await session.shell('sh', 'bash --norc');
      await inShell('count=0');
      const [typed, ran] = [newId('call'), newId('call')];
      const type = { action: 'send_input', terminal_name: 'sh', input: 'count=$((count+1))\n' };
      const run = { action: 'run', terminal_name: 'sh', command: 'count=$((count+10)); echo $count' };
      await session.call(type, { callId: typed });
      expect((await session.call(run, { callId: ran })).output).toBe('11\n');
      await target().restart();
      expect(await session.call(type, { callId: typed })).toMatchObject({ success: true });
      expect((await session.call(run, { callId: ran })).output).toBe('11\n');
      expect((await session.run('echo $count', { terminal_name: 'sh' })).output).toBe('11\n');
    });

    test('N7: a call that the program did not live to the end of answers INTERRUPTED and is not done again', async () => {
      const session = target().session();
      await session.open('cat', 'cat', { background: true });
      const callId = newId('call');
      const call = { action: 'send_input', terminal_name: 'cat', input: 'once\n', wait_for: { pattern: 'never' } };
      void session.call(call, { callId });
      await until('typed', async () =>
        (await session.call({ action: 'status', terminal_name: 'cat' })).output.includes('once'),
      );
      await target().restart();
      expect(await session.call(call, { callId })).toMatchObject({ success: false, error: { code: 'INTERRUPTED' } });
      const { output } = await session.call({ action: 'status', terminal_name: 'cat' });
      expect(output.match(/once/g)).toHaveLength(2);
    });

    test('N6, N7: a command that an earlier program began is cancelled, by its own session only, and stays so', async () => {
      const session = target().session();
      const callId = newId('call');
      const mark = newMark();
      const command = { action: 'run', command: `sleep ${mark}` };
      void session.call(command, { callId });
      await until('started', () => processesWith(mark).length > 0);
      await target().restart();
      await target().machine.cancelCall({ sessionId: target().session().id, callId });
      expect(processesWith(mark)).not.toEqual([]);
      await target().machine.cancelCall({ sessionId: session.id, callId });
      await until('ended', () => processesWith(mark).length === 0);
      expect(await session.call(command, { callId })).toMatchObject({ success: false, error: { code: 'CANCELLED' } });
      await target().machine.cancelCall({ sessionId: session.id, callId });
    });

    test('N7: an acknowledged call is forgotten by the next program', async () => {
      const session = target().session();
      await session.open('cat', 'cat', { background: true });
      const callId = newId('call');
      const call = { action: 'send_input', terminal_name: 'cat', input: 'x\n' };
      await session.call(call, { callId });
      target().machine.acknowledgeCall({ sessionId: session.id, callId });
      await target().restart();
      await session.call(call, { callId });
      const { output } = await session.call({ action: 'status', terminal_name: 'cat', wait_for: { idle_ms: 200 } });
      expect(output.match(/^x$/gm)).toHaveLength(4);
    });

    test('N12: an approval of one call is used once, also when the hub says that it has the result and asks again', async () => {
      const session = target().session(undefined, 'agent');
      const { nodeId } = target();
      const file = join(target().home, `used-${session.id}`);
      const opening = { callId: newId('call'), approvals: 'never' } as const;
      await session.call(
        { action: 'open', terminal_name: 'cat', description: 'test', command: 'cat', background: true },
        opening,
      );
      const calls = [
        { action: 'send_input', terminal_name: 'cat', input: 'x\n' },
        { action: 'run', command: `echo used >> ${file}` },
      ].map((given) => {
        const callId = newId('call');
        const call = { callId, sessionId: session.id, userId: 'u_test0', nodeId, tool: 'terminal', arguments: given };
        return { given, options: { callId, approvals: 'risky', authority: testOwner.approve(call) } as const };
      });
      const all = async () => {
        const results: ToolResult[] = [];
        for (const { given, options } of calls) results.push(await session.call(given, options));
        return results;
      };
      const first = await all();
      expect(first.map(({ success }) => success)).toEqual([true, true]);
      await target().restart();
      expect((await all()).map(({ success }) => success)).toEqual([true, true]);
      for (const { options } of calls)
        target().machine.acknowledgeCall({ sessionId: session.id, callId: options.callId });
      await target().restart();
      const [typed, ran] = await all();
      expect(typed).toMatchObject({ success: false, error: { code: 'POLICY_DENIED' } });
      expect(typed?.error?.message).toContain('used already');
      // The host that ran it still tells what came of it.
      expect(ran).toMatchObject({ success: true });
      expect(readFileSync(file, 'utf8')).toBe('used\n');
      const status = { action: 'status', terminal_name: 'cat', wait_for: { idle_ms: 200 } };
      expect((await session.call(status)).output.match(/^x$/gm)).toHaveLength(2);
    });

    test('N9: each executed call is told once, with what it does and how it ended, without what was typed', async () => {
      const session = target().session();
      const callId = newId('call');
      const toldOf = (id: string) =>
        target().events.filter(
          (event) => (event.type === 'tool_started' || event.type === 'tool_call') && event.data.callId === id,
        );
      const failing = { action: 'run', command: 'exit 3' };
      await session.call(failing, { callId, origin: 'person' });
      await session.call(failing, { callId, origin: 'person' });
      await until('told', () => toldOf(callId).length >= 2);
      const { nodeId } = target();
      expect(toldOf(callId)).toMatchObject([
        {
          type: 'tool_started',
          sessionId: session.id,
          data: { tool: 'terminal', action: 'run', summary: 'exit 3', nodeId, origin: 'person' },
        },
        { type: 'tool_call', data: { tool: 'terminal', success: false, error: 'NON_ZERO_EXIT', exitCode: 3 } },
      ]);
      await session.open('cat', 'cat', { background: true });
      const typing = newId('call');
      await session.call({ action: 'send_input', terminal_name: 'cat', input: 'secret\n' }, { callId: typing });
      await until('told', () => toldOf(typing).length >= 2);
      expect(JSON.stringify(toldOf(typing))).not.toContain('secret');
      const refused = newId('call');
      await session.call({ action: 'foo' }, { callId: refused });
      expect(toldOf(refused)).toEqual([]);
    });
  });
};

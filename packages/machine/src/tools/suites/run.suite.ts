/** `run`: one command, its whole output, its end. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { newId, toolResultSchema } from '@navisai/protocol';
import { describe, expect, test } from 'vitest';
import { newMark, processesWith, until } from '../terminal-target.fixture.ts';
import type { TerminalTarget } from '../terminal-target.fixture.ts';

export const runSuite = (target: () => TerminalTarget): void => {
  describe('run', () => {
    test('T1: executes a shell command line with pipes, lists, redirects and globs', async () => {
      const result = await target()
        .session()
        .run('cd /; echo $((6*7)); ls -d /et[c] | cat; echo x > /dev/null; echo "${BASH_VERSION:+bash}"');
      expect(result).toMatchObject({
        success: true,
        output: '42\n/etc\nbash\n',
        metadata: { exit_code: 0, signal: null },
      });
      expect(toolResultSchema.parse(result)).toEqual(result);
    });

    test('T1, T29: the environment is that of a login, without anything of the hub', async () => {
      process.env['NAVIS_SECRET_TEST'] = 'leak';
      process.env['SOME_API_KEY'] = 'leak';
      const { output } = await target().session().run('env; shopt -q login_shell && echo LOGIN');
      delete process.env['NAVIS_SECRET_TEST'];
      delete process.env['SOME_API_KEY'];
      expect(output).not.toContain('leak');
      expect(output).not.toContain('LOGIN');
      expect(output).toContain(`HOME=${target().home}\n`);
      expect(output).toMatch(/^PATH=\//m);
    });

    test('T2: anything but the six actions is an error and starts nothing', async () => {
      for (const action of ['foo', 'RUN', '', undefined, 7, null]) {
        const marker = join(target().home, 'started');
        const result = await target()
          .session()
          .call({ action, command: `touch ${marker}` });
        expect(result).toMatchObject({ success: false, error: { code: 'INVALID_ARGUMENT', field: 'action' } });
        expect(existsSync(marker)).toBe(false);
      }
    });

    test('T3: stdout, then stderr under its heading, and the exit code; a failure carries the output', async () => {
      const lines = Array.from({ length: 3000 }, (_, index) => `${index + 1}\n`).join('');
      const result = await target().session().run('seq 1 3000; echo ERR >&2; exit 3');
      expect(result).toMatchObject({
        success: false,
        error: { code: 'NON_ZERO_EXIT' },
        metadata: { exit_code: 3, truncated: false },
      });
      expect(result.output).toBe(`${lines}[stderr]\nERR\n`);
    });

    test('T3: no output says so, and a signal is told', async () => {
      expect((await target().session().run('true')).output).toBe('(no output)');
      const killed = await target().session().run('kill -TERM $$');
      expect(killed).toMatchObject({
        success: false,
        error: { code: 'KILLED_BY_SIGNAL' },
        metadata: { exit_code: null, signal: 'SIGTERM' },
      });
      expect((await target().session().run('printf x >&2')).output).toBe('[stderr]\nx');
      expect((await target().session().run('printf a; printf b >&2')).output).toBe('a\n[stderr]\nb');
    });

    test('T3: more than 256 KiB is answered as head and tail with a marker, and the whole is readable', async () => {
      const callId = newId('call');
      const session = target().session();
      const { output, metadata } = await session.call(
        { action: 'run', command: 'seq 1 200000; echo END >&2' },
        { callId },
      );
      expect(metadata.truncated).toBe(true);
      expect(Buffer.byteLength(output)).toBeLessThan(257 * 1024);
      const marker = /\n\[… (\d+) bytes left out; the whole output: navis:\/\/output\/(\S+) …\]\n/.exec(output);
      expect(marker?.[2]).toBe(callId);
      const [head = '', tail = ''] = output.split(marker?.[0] ?? '');
      const whole = Array.from({ length: 200_000 }, (_, index) => `${index + 1}\n`).join('');
      expect(whole.startsWith(head)).toBe(true);
      const [end = '', errors] = tail.split('[stderr]\n');
      expect(whole.endsWith(end)).toBe(true);
      expect(errors).toBe('END\n');
      expect(head.length + Number(marker?.[1]) + end.length).toBe(whole.length);
      let stored = '';
      for (let from = 0; ;) {
        const page = await target().machine.readOutput({ sessionId: session.id, callId, from, maxBytes: 1024 * 1024 });
        stored += Buffer.from(page.bytes).toString();
        from = page.offset + page.bytes.length;
        if (page.bytes.length === 0 || from >= page.endOffset) break;
      }
      expect(stored.startsWith(whole)).toBe(true);
      expect(stored.endsWith('[stderr]\nEND\n')).toBe(true);
      const foreign = target().machine.readOutput({ sessionId: newId('session'), callId, from: 0, maxBytes: 10 });
      await expect(foreign).rejects.toMatchObject({ code: 'NOT_FOUND' });
    });

    test('T3: standard input is at its end, and characters are never cut in two', async () => {
      expect((await target().session().run('cat; echo "end $?"')).output).toBe('end 0\n');
      const { output } = await target().session().run(`printf 'é%.0s' $(seq 1 200000)`);
      expect(output).not.toContain('\ufffd');
    });

    test('T4: a command that is missing, empty, blank or of another type names the field', async () => {
      for (const command of [undefined, '', '  \n\t', 7, null, ['ls'], { $: 1 }, 'a\0b', 'x'.repeat(200_000)]) {
        const result = await target().session().call({ action: 'run', command });
        expect(result).toMatchObject({ success: false, error: { code: 'INVALID_ARGUMENT', field: 'command' } });
        expect(result.error?.message).toMatch(/^command: /);
      }
    });

    test('T5: the working directory is taken, is home by default, and a bad one is an error', async () => {
      const { home } = target();
      writeFileSync(join(home, 'file'), '');
      expect((await target().session().run('pwd')).output).toBe(`${home}\n`);
      expect((await target().session().run('pwd', { working_dir: '/usr' })).output).toBe('/usr\n');
      for (const working_dir of ['/no/such', join(home, 'file'), '', 5, '/x\0y', '/proc/self/mem']) {
        const result = await target().session().run('pwd', { working_dir });
        expect(result).toMatchObject({ success: false, output: '', error: { field: 'working_dir' } });
      }
    });

    test('T6: a timeout out of range is refused with the range', async () => {
      for (const timeout of [0, 301, -1, 1.5, '20', null, Number.MAX_SAFE_INTEGER]) {
        const result = await target().session().run('true', { timeout });
        expect(result).toMatchObject({ success: false, error: { code: 'INVALID_ARGUMENT', field: 'timeout' } });
        expect(result.error?.message).toContain('from 1 to 300');
      }
    });

    test('T6, T7: at the timeout the tree is gone, also what called setsid, and the partial output comes back', async () => {
      const mark = newMark();
      const startedAt = performance.now();
      const command = `echo partial; (setsid sleep ${mark} &) ; nohup sleep ${mark} >/dev/null 2>&1 & sh -c 'trap "" TERM; sleep ${mark}; sleep ${mark}'`;
      const result = await target().session().run(command, { timeout: 1 });
      expect(result).toMatchObject({ success: false, error: { code: 'timeout' } });
      expect(result.output).toContain('partial\n');
      expect(performance.now() - startedAt).toBeLessThan(30_000);
      expect(processesWith(mark)).toEqual([]);
    });

    test('T8: a grandchild that holds the pipe is not waited for', async () => {
      const mark = newMark();
      const startedAt = performance.now();
      const result = await target().session().run(`(sleep ${mark} &) ; echo hi`);
      expect(result).toMatchObject({ success: true, output: 'hi\n' });
      expect(performance.now() - startedAt).toBeLessThan(30_000);
      for (const pid of processesWith(mark)) process.kill(pid);
    });

    test('T9: it takes no place and does not show in the list', async () => {
      const session = target().session();
      const mark = newMark();
      const running = session.run(`sleep ${mark} & echo $!; wait`, { timeout: 60 });
      await until('started', () => processesWith(mark).length > 0);
      expect((await session.call({ action: 'list' })).metadata['terminals']).toEqual([]);
      for (const pid of processesWith(mark)) process.kill(pid);
      await running;
    });

    test('a repeated call id runs nothing again and answers with the first result', async () => {
      const session = target().session();
      const callId = newId('call');
      const input = {
        action: 'run',
        command: `echo x >> ${join(target().home, 'count')}; wc -l < ${join(target().home, 'count')}`,
      };
      const results = await Promise.all([1, 2, 3].map(() => session.call(input, { callId })));
      results.push(await session.call(input, { callId }));
      expect(results.map(({ output }) => output)).toEqual(['1\n', '1\n', '1\n', '1\n']);
      expect(await target().session().call(input, { callId })).toMatchObject({
        success: false,
        error: { code: 'CONFLICT' },
      });
    });

    test('a call under way takes signals of its own session only', async () => {
      const session = target().session();
      const callId = newId('call');
      const mark = newMark();
      const running = session.call({ action: 'run', command: `sleep ${mark}` }, { callId });
      await until('started', () => processesWith(mark).length > 0);
      const signal = { callId, signal: 'SIGINT' } as const;
      await expect(target().machine.signalCall({ sessionId: newId('session'), ...signal })).rejects.toMatchObject({
        code: 'NOT_FOUND',
      });
      await target().machine.signalCall({ sessionId: session.id, ...signal });
      expect(await running).toMatchObject({ success: false, metadata: { signal: 'SIGINT' } });
    });

    test('unknown parameters and hostile arguments are refused by name', async () => {
      const hostile: [unknown, string][] = [
        [{ action: 'run', command: 'true', extra: 1 }, 'extra'],
        [JSON.parse('{"action":"run","command":"true","__proto__":{"x":1}}'), '__proto__'],
        [[], 'arguments'],
        ['run', 'arguments'],
        [null, 'arguments'],
        [{ action: 'run', command: 'true', terminal_name: '../x' }, 'terminal_name'],
        [{ action: 'run', command: 'true', node_id: 'a/b' }, 'node_id'],
      ];
      for (const [input, field] of hostile) {
        const result = await target().session().call(input);
        expect(result).toMatchObject({ success: false, error: { code: 'INVALID_ARGUMENT', field } });
      }
      const unknown = await target().machine.execute({
        tool: 'nope',
        arguments: {},
        sessionId: newId('session'),
        callId: newId('call'),
        userId: 'u',
        origin: 'agent',
      });
      expect(unknown).toMatchObject({ success: false, error: { code: 'TOOL_UNKNOWN' } });
    });
  });
};

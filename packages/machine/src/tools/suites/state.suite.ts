/** `status`, `send_input` and `wait_for`. */
import { describe, expect, test } from 'vitest';
import { hasProgram, until } from '../terminal-target.fixture.ts';
import type { SessionOfTest, TerminalTarget } from '../terminal-target.fixture.ts';

export const stateSuite = (target: () => TerminalTarget): void => {
  const closing = async (act: (session: SessionOfTest) => Promise<void>): Promise<void> => {
    const session = target().session();
    await act(session);
    await target().machine.closeSession(session.id, 'test');
  };

  describe('status', () => {
    test('T21: the last 20 lines as a person sees them', () =>
      closing(async (session) => {
        await session.open('t', 'seq 1 25; sleep 100', { background: true, wait_for: { pattern: '^25$' } });
        const { output, metadata } = await session.call({ action: 'status', terminal_name: 't' });
        expect(metadata['lines']).toEqual(Array.from({ length: 20 }, (_, index) => String(index + 6)));
        expect(output).toContain('\n6\n7\n');
        expect(output).not.toContain('\n5\n');
        const all = await session.call({ action: 'status', terminal_name: 't', lines: 1000 });
        expect(all.metadata['lines']).toEqual(Array.from({ length: 25 }, (_, index) => String(index + 1)));
      }));

    test('T21: carriage returns and escape sequences are applied, an unfinished line included', () =>
      closing(async (session) => {
        const command = `printf 'progress 10%%\\rprogress 99%%\\n\\033[31mred\\033[0m\\nabc\\b\\bX\\nunfinished'; sleep 100`;
        await session.open('t', command, { background: true, wait_for: { pattern: 'unfinished' } });
        const { metadata } = await session.call({ action: 'status', terminal_name: 't' });
        expect(metadata['lines']).toEqual(['progress 99%', 'red', 'aXc', 'unfinished']);
      }));

    test('T21: the directory follows cd; facts of a running and of an ended program', () =>
      closing(async (session) => {
        const run = await session.shell('t', 'bash --norc');
        await run('cd /usr');
        const running = await session.call({ action: 'status', terminal_name: 't' });
        expect(running.metadata).toMatchObject({ cwd: '/usr', terminal: { status: 'busy', exitCode: null } });
        expect(running.output).toMatch(
          /command: bash --norc\nstatus: busy\npid: \d+\nnode: \S+\ncwd: \/usr\nuptime: \d+ s\n/,
        );
        expect(running.output).toContain(`\nnode: ${target().nodeId}\n`);
        await run('exit 5');
        const ended = await session.call({ action: 'status', terminal_name: 't' });
        expect(ended).toMatchObject({
          success: true,
          metadata: { cwd: null, exit_code: 5, terminal: { status: 'idle' } },
        });
        expect(ended.output).toContain('status: idle (exit code 5)');
      }));

    test('T30: from an offset only what came after is shown', () =>
      closing(async (session) => {
        await session.open('t', 'cat', { background: true });
        const type = (input: string, pattern: string) =>
          session.call({ action: 'send_input', terminal_name: 't', input, wait_for: { pattern, timeout: 30 } });
        const first = await type('one\n', '^one\\n(.*\\n)*one$');
        await type('two\n', '^two\\n(.*\\n)*two$');
        const { output, metadata } = await session.call({
          action: 'status',
          terminal_name: 't',
          from: first.metadata['next_offset'],
        });
        expect(output).toContain('two');
        expect(output.split('---').at(-1)).not.toContain('one');
        const nothing = await session.call({ action: 'status', terminal_name: 't', from: metadata['next_offset'] });
        expect(nothing.output.split('---').at(-1)?.trim()).toBe('');
        expect(await session.call({ action: 'status', terminal_name: 't', lines: 0 })).toMatchObject({
          error: { field: 'lines' },
        });
        expect(await session.call({ action: 'status', terminal_name: 't', lines: 1001 })).toMatchObject({
          error: { field: 'lines' },
        });
        expect(await session.call({ action: 'status', terminal_name: 't', from: -1 })).toMatchObject({
          error: { field: 'from' },
        });
      }));
  });

  describe('send_input', () => {
    test('T22: newlines become Enter, control characters pass', () =>
      closing(async (session) => {
        await session.open('t', 'stty raw -echo; echo ready; exec od -An -tx1 -v -w1 -N6', {
          background: true,
          wait_for: { pattern: 'ready' },
        });
        const sent = await session.call({
          action: 'send_input',
          terminal_name: 't',
          input: 'a\nb\r\n\u001b\u0003',
          wait_for: { exit: true, timeout: 30 },
        });
        expect(sent).toMatchObject({
          success: true,
          metadata: { accepted_bytes: 7, wait: { matched: 'exit', timed_out: false } },
        });
        const { metadata } = await session.call({ action: 'status', terminal_name: 't' });
        const bytes = (metadata['lines'] as string[])
          .map((line) => line.trim())
          .filter((line) => /^[0-9a-f]{2}$/.test(line));
        expect(bytes).toEqual(['61', '0d', '62', '0d', '1b', '03']);
      }));

    test('T22: drives cat and a REPL', () =>
      closing(async (session) => {
        await session.open('t', 'cat', { background: true });
        await session.call({
          action: 'send_input',
          terminal_name: 't',
          input: 'héllo\n',
          wait_for: { pattern: 'héllo\\nhéllo', timeout: 30 },
        });
        const { metadata } = await session.call({ action: 'status', terminal_name: 't' });
        expect(metadata['lines']).toEqual(['héllo', 'héllo']);
        await session.call({
          action: 'send_input',
          terminal_name: 't',
          input: '\u0004',
          wait_for: { exit: true, timeout: 30 },
        });
      }));

    test.skipIf(!hasProgram('python3'))('T22: drives the REPL of python3', () =>
      closing(async (session) => {
        await session.open('py', 'python3', { background: true, wait_for: { pattern: '>>> $', timeout: 30 } });
        const answer = await session.call({
          action: 'send_input',
          terminal_name: 'py',
          input: 'print(6*7)\n',
          wait_for: { pattern: '^42$', timeout: 30 },
        });
        expect(answer).toMatchObject({ success: true, metadata: { wait: { matched: 'pattern' } } });
      }),
    );

    test('T22: to an exited, closed or unknown terminal: an error in under a second', { retry: 2 }, () =>
      closing(async (session) => {
        await session.open('done', 'true', { background: true, wait_for: { exit: true } });
        await session.open('gone', 'sleep 100', { background: true });
        await session.call({ action: 'close', terminal_name: 'gone' });
        for (const [name, code] of [
          ['done', 'TERMINAL_EXITED'],
          ['gone', 'TERMINAL_NOT_FOUND'],
          ['never', 'TERMINAL_NOT_FOUND'],
        ]) {
          const startedAt = performance.now();
          const result = await session.call({ action: 'send_input', terminal_name: name, input: 'x\n' });
          expect(result).toMatchObject({ success: false, error: { code } });
          expect(performance.now() - startedAt).toBeLessThan(1000);
        }
        for (const input of [undefined, '', 5, 'x'.repeat(1024 * 1024 + 1)])
          expect(await session.call({ action: 'send_input', terminal_name: 'done', input })).toMatchObject({
            error: { code: 'INVALID_ARGUMENT', field: 'input' },
          });
      }),
    );

    test('T22: 1 MB to a program that does not read is back-pressure with the accepted bytes, never a hang', () =>
      closing(async (session) => {
        await session.open('deaf', 'stty raw -echo; echo ready; sleep 100', {
          background: true,
          wait_for: { pattern: 'ready' },
        });
        const startedAt = performance.now();
        const result = await session.call({
          action: 'send_input',
          terminal_name: 'deaf',
          input: 'x'.repeat(1024 * 1024),
        });
        expect(performance.now() - startedAt).toBeLessThan(10_000);
        expect(result).toMatchObject({ success: false, error: { code: 'BACK_PRESSURE' } });
        expect(result.metadata['accepted_bytes']).toBeGreaterThan(0);
        expect(result.metadata['accepted_bytes']).toBeLessThan(1024 * 1024);
        expect((await session.run('echo still')).output).toBe('still\n');
      }));

    test('T22: 1 MB to a program that reads arrives whole', () =>
      closing(async (session) => {
        await session.open('wc', 'stty raw -echo; echo ready; head -c 1048576 | cksum', {
          background: true,
          wait_for: { pattern: 'ready' },
        });
        const input = Array.from({ length: 1024 * 1024 }, (_, index) => String.fromCharCode(97 + (index % 26))).join(
          '',
        );
        const sent = await session.call({
          action: 'send_input',
          terminal_name: 'wc',
          input,
          wait_for: { exit: true, timeout: 30 },
        });
        expect(sent).toMatchObject({ success: true, metadata: { accepted_bytes: 1024 * 1024 } });
        const expected = (
          await session.run(`head -c 1048576 < <(yes abcdefghijklmnopqrstuvwxyz | tr -d '\\n') | cksum`)
        ).output.trim();
        const { metadata } = await session.call({ action: 'status', terminal_name: 'wc' });
        expect((metadata['lines'] as string[]).at(-1)?.trim()).toBe(expected);
      }));
  });

  describe('wait_for', () => {
    test('T30: open waits for a pattern that comes in pieces and with colours', () =>
      closing(async (session) => {
        const command = `printf 'Local:  \\033[36mht'; sleep 0.2; printf 'tp://local\\033[1mhost:5173/\\033[0m\\n'; sleep 100`;
        const result = await session.open('web', command, {
          background: true,
          wait_for: { pattern: 'Local: +http://localhost:\\d+', timeout: 30 },
        });
        expect(result).toMatchObject({ success: true, metadata: { wait: { matched: 'pattern', timed_out: false } } });
        expect(result.output).toContain('http://localhost:5173/');
      }));

    test('T30: an answer that comes at once is not missed, an earlier one does not count', () =>
      closing(async (session) => {
        await session.open('sh', 'PS1="" bash --norc --noediting', { background: true, wait_for: { idle_ms: 300 } });
        for (const round of [1, 2, 3, 4, 5]) {
          const answer = await session.call({
            action: 'send_input',
            terminal_name: 'sh',
            input: `echo "<$((${round}*111))>"\n`,
            wait_for: { pattern: `^<${round * 111}>$`, timeout: 30 },
          });
          expect(answer).toMatchObject({ success: true });
        }
        const earlier = await session.call({
          action: 'send_input',
          terminal_name: 'sh',
          input: 'true\n',
          wait_for: { pattern: '<111>', timeout: 1 },
        });
        expect(earlier).toMatchObject({
          success: false,
          error: { code: 'timeout' },
          metadata: { wait: { matched: null, timed_out: true } },
        });
      }));

    test("T14, T30: a wait that runs out is an error and the terminal stays; the call's timeout bounds it", () =>
      closing(async (session) => {
        const startedAt = performance.now();
        const result = await session.open('t', 'sleep 100', {
          background: true,
          timeout: 1,
          wait_for: { pattern: 'never', timeout: 60 },
        });
        expect(performance.now() - startedAt).toBeLessThan(30_000);
        expect(result).toMatchObject({ success: false, error: { code: 'timeout' }, metadata: { terminal_name: 't' } });
        expect(target().machine.terminals(session.id)).toMatchObject([{ name: 't', status: 'busy' }]);
      }));

    test('T30: silence and the end of the program end a wait; status finds what is already shown', () =>
      closing(async (session) => {
        const command = 'for i in 1 2 3; do echo $i; sleep 0.1; done; read x; exit 3';
        await session.open('t', command, { background: true, wait_for: { pattern: '^3$', timeout: 30 } });
        const silent = await session.call({
          action: 'status',
          terminal_name: 't',
          wait_for: { idle_ms: 500, timeout: 30 },
        });
        expect(silent).toMatchObject({
          success: true,
          metadata: { wait: { matched: 'idle' }, lines: ['1', '2', '3'] },
        });
        const shown = await session.call({
          action: 'status',
          terminal_name: 't',
          wait_for: { pattern: '^2$', timeout: 30 },
        });
        expect(shown).toMatchObject({ success: true, metadata: { wait: { matched: 'pattern' } } });
        const ended = session.call({ action: 'status', terminal_name: 't', wait_for: { exit: true, timeout: 30 } });
        await session.call({ action: 'send_input', terminal_name: 't', input: '\n' });
        expect(await ended).toMatchObject({ success: true, metadata: { exit_code: 3, wait: { matched: 'exit' } } });
        const tooLate = await session.call({
          action: 'status',
          terminal_name: 't',
          wait_for: { pattern: 'never', timeout: 30 },
        });
        expect(tooLate).toMatchObject({
          success: false,
          error: { code: 'TERMINAL_EXITED' },
          metadata: { wait: { matched: null, timed_out: false } },
        });
      }));

    test('T30: a wait that begins before any output sees the first byte', () =>
      closing(async (session) => {
        await session.open('t', 'sleep 0.3; printf R; exec cat', { background: true });
        const waiting = { action: 'status', terminal_name: 't', wait_for: { pattern: '^R', timeout: 30 } };
        expect(await session.call(waiting)).toMatchObject({ success: true });
      }));

    test('T30: a hostile pattern does not hang anything', { retry: 2 }, () =>
      closing(async (session) => {
        const pattern = '(a*)*(a|aa)+(a+)+b(.*)*$';
        await session.open('t', `head -c 3000000 /dev/zero | tr '\\0' a; echo; sleep 100`, { background: true });
        const startedAt = performance.now();
        const waiting = session.call({
          action: 'status',
          terminal_name: 't',
          from: 0,
          wait_for: { pattern, timeout: 3 },
        });
        await until('others are answered', async () => (await session.run('echo ok')).output === 'ok\n');
        expect(performance.now() - startedAt).toBeLessThan(2000);
        expect(await waiting).toMatchObject({ success: false, error: { code: 'timeout' } });
        expect(performance.now() - startedAt).toBeLessThan(6000);
      }),
    );
  });
};

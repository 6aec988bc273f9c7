/** `run` inside an open shell (T24), in every shell that is installed. */
import { setTimeout as delay } from 'node:timers/promises';
import { newId } from '@navisai/protocol';
import type { ToolResult } from '@navisai/protocol';
import { describe, expect, test } from 'vitest';
import { hasProgram, newMark, processesWith, until } from '../terminal-target.fixture.ts';
import type { SessionOfTest, TargetTraits, TerminalTarget } from '../terminal-target.fixture.ts';

type Run = (command: string, more?: Record<string, unknown>) => Promise<ToolResult>;

const shells = [
  { name: 'bash', command: 'bash --norc', isPosix: true },
  { name: 'zsh', command: 'zsh -f', isPosix: true },
  { name: 'dash', command: 'dash', isPosix: true },
  { name: 'fish', command: 'fish --no-config', isPosix: false },
] as const;

export const openShellSuite = (target: () => TerminalTarget, { isSandboxed }: TargetTraits): void => {
  const inShell = async (command: string, act: (run: Run, session: SessionOfTest) => Promise<void>): Promise<void> => {
    const session = target().session();
    await act(await session.shell('sh', command), session);
    await target().machine.closeSession(session.id, 'test');
  };
  const lastLines = async (session: SessionOfTest): Promise<string[]> =>
    (await session.call({ action: 'status', terminal_name: 'sh' })).metadata['lines'] as string[];

  describe.each(shells)('run in $name', ({ name, command, isPosix }) => {
    const shellTest = test.skipIf(!hasProgram(name));
    const posixTest = test.skipIf(!hasProgram(name) || !isPosix);
    /** Dash gives the terminal back to whom it had it from, and nobody inside of a sandbox has a name for them. */
    const isLost = isSandboxed && name === 'dash';
    const endingTest = test.skipIf(!hasProgram(name) || isLost);
    const loop = isPosix ? 'while :; do sleep 0.1; done' : 'while true; sleep 0.1; end';
    const busyLoop = isPosix ? 'while :; do :; done' : 'while true; end';
    const assign = isPosix ? 'X=5' : 'set -g X 5';

    shellTest('T24: keeps directory and variables, and answers with own output and exit code', () =>
      inShell(command, async (run) => {
        expect(await run(`cd /usr; ${assign}`)).toMatchObject({
          success: true,
          output: '(no output)',
          metadata: { exit_code: 0, terminal_name: 'sh' },
        });
        expect(await run('pwd; echo $X; echo ERR >&2')).toMatchObject({ success: true, output: '/usr\n5\nERR\n' });
        expect(await run('sh -c "exit 3"')).toMatchObject({
          success: false,
          error: { code: 'NON_ZERO_EXIT' },
          metadata: { exit_code: 3 },
        });
        expect(await run('printf no-newline')).toMatchObject({ output: 'no-newline' });
      }),
    );

    shellTest('T24: multi-line commands, quotes, escapes and unfinished text', () =>
      inShell(command, async (run) => {
        expect((await run(`echo "a\nb"; echo 'c"\\d'\necho tail`)).output).toBe('a\nb\nc"\\d\ntail\n');
        expect((await run('echo "open')).success).toBe(false);
        expect((await run('nosuchcommand')).metadata.exit_code).toBe(127);
        expect((await run('echo next')).output).toBe('next\n');
        expect(await run('return 4')).toMatchObject({ metadata: { exit_code: 4 } });
        expect((await run(`echo ${'x'.repeat(50_000)}`)).output).toBe(`${'x'.repeat(50_000)}\n`);
        expect((await run('echo "»\u202e é 漢"')).output).toBe('»\u202e é 漢\n');
      }),
    );

    posixTest('T24: heredocs, functions, aliases and the status of the command before', () =>
      inShell(command, async (run) => {
        expect((await run("cat <<'EOF'\n$a `b`\nEOF")).output).toBe('$a `b`\n');
        expect((await run('cat <<EOF\nunfinished')).output).toContain('unfinished');
        await run('f() { echo "f:$1"; }; alias ll="echo aliased"; alias printf="echo wrong"; alias eval="echo wrong"');
        expect((await run('f 1; ll')).output).toBe('f:1\naliased\n');
        await run('(exit 7)');
        expect((await run('echo $?')).output).toBe('7\n');
      }),
    );

    shellTest('T24: marks that a command prints are not taken for ours', () =>
      inShell(command, async (run) => {
        const fake = String.raw`\033]133;D;0;navis=00000000000000000000000000000000\007`;
        const result = await run(`printf 'a${fake}\\033]133;D;0\\007b\\033]133;C\\007'; sh -c 'exit 9'`);
        expect(result).toMatchObject({ output: 'ab', metadata: { exit_code: 9 } });
      }),
    );

    posixTest('T24: set -e, set -u, set -x and redirections of the shell are survived', () =>
      inShell(command, async (run) => {
        await run('set -u');
        expect((await run('echo "$not_set"')).success).toBe(false);
        expect((await run('set +u; echo on')).output).toBe('on\n');
        await run('set -x');
        expect((await run('echo traced')).output).toMatch(/^\++.*echo traced\ntraced\n$/);
        await run('set +x');
        await run('exec 3>&1 >/dev/null 2>&1');
        expect(await run('echo hidden; sh -c "exit 2"')).toMatchObject({
          output: '(no output)',
          metadata: { exit_code: 2 },
        });
        await run('exec >&3 2>&3');
        expect(await run('set -e; echo e')).toMatchObject({ success: true, output: 'e\n' });
        expect(await run('echo still')).toMatchObject({ success: true, output: 'still\n' });
        if (isLost) return;
        expect(await run('false; echo no')).toMatchObject({
          output: '(no output)',
          metadata: { exit_code: 1, shell_ended: true },
        });
      }),
    );

    endingTest('T24: exec replaces the shell, and the next command runs in the new one', () =>
      inShell(command, async (run) => {
        await run(assign);
        expect(await run(`exec ${command}`)).toMatchObject({ success: true });
        expect((await run('echo "<$X>"')).output).toBe('<>\n');
        expect(await run('exec sh -c "echo last; exit 9"')).toMatchObject({
          output: 'last\n',
          metadata: { exit_code: 9, shell_ended: true },
        });
      }),
    );

    endingTest('T24: a command that ends the shell returns its code and shell_ended', () =>
      inShell(command, async (run, session) => {
        expect(await run('echo bye; exit 7')).toMatchObject({
          output: 'bye\n',
          metadata: { exit_code: 7, shell_ended: true },
        });
        expect(await run('echo')).toMatchObject({ success: false, error: { code: 'TERMINAL_EXITED' } });
        expect(target().machine.terminals(session.id)).toMatchObject([{ status: 'idle', exitCode: 7 }]);
      }),
    );

    shellTest('T24: in a shell within a shell, whose end is told too', () =>
      inShell('bash --norc', async (run, session) => {
        await session.call({
          action: 'send_input',
          terminal_name: 'sh',
          input: `${command}\n`,
          wait_for: { idle_ms: 500 },
        });
        expect((await run('echo inner')).output).toBe('inner\n');
        expect(await run('exit 6')).toMatchObject({ metadata: { exit_code: 6, shell_ended: true } });
        expect((await run('echo "outer $?"')).output).toMatch(/^outer \d+\n$/);
      }),
    );

    shellTest('T24: a timeout ends only the job in the foreground', () =>
      inShell(command, async (run) => {
        const mark = newMark();
        await run(`sleep ${mark} &`);
        const jobMark = newMark();
        for (const slow of [
          `echo partial; sleep ${jobMark}; echo no`,
          loop,
          busyLoop,
          `sh -c 'trap "" INT; sleep ${jobMark}; sleep ${jobMark}'`,
        ]) {
          const result = await run(slow, { timeout: 1 });
          expect(result).toMatchObject({ success: false, error: { code: 'timeout' } });
          expect(result.output).not.toContain('no\n');
          // All of the job are signalled at once; the last of them may still be ending.
          await until('the whole job has ended', () => processesWith(jobMark).length === 0);
        }
        expect(processesWith(mark)).toHaveLength(1);
        expect((await run('echo alive')).output).toBe('alive\n');
      }),
    );

    shellTest("T24: a person's Ctrl-C ends the command, and a half-typed line does not mix with one", () =>
      inShell(command, async (run, session) => {
        const { machine } = target();
        const id = machine.terminals(session.id)[0]?.id ?? '';
        const mark = newMark();
        const running = run(`sleep ${mark}`);
        await until('started', () => processesWith(mark).length > 0);
        await machine.input(id, Buffer.from('\u0003'));
        const result = await running;
        expect(result).toMatchObject({ success: false });
        expect(result.metadata.exit_code).toBeGreaterThan(0);
        await run('echo ready');
        await machine.input(id, Buffer.from('echo half-typed'));
        expect((await run('echo whole')).output).toBe('whole\n');
      }),
    );

    shellTest('T24: busy terminals are told, and one command at a time runs', () =>
      inShell(command, async (run, session) => {
        const mark = newMark();
        const first = run(`sleep ${mark}`);
        await until('started', () => processesWith(mark).length > 0);
        expect(await run('echo second')).toMatchObject({ error: { code: 'TERMINAL_BUSY' } });
        for (const pid of processesWith(mark)) process.kill(pid);
        await first;
        await run('echo back');
        await session.call({ action: 'send_input', terminal_name: 'sh', input: `sleep ${mark}\n` });
        await until('started', () => processesWith(mark).length > 0);
        expect(await run('echo third')).toMatchObject({ error: { code: 'TERMINAL_BUSY' } });
        for (const pid of processesWith(mark)) process.kill(pid);
      }),
    );

    shellTest("T24: leaves one readable line in the person's view", () =>
      inShell(command, async (run, session) => {
        await run('echo one');
        await run('echo two');
        const lines = await lastLines(session);
        expect(lines.filter((line) => line.includes('» echo'))).toHaveLength(2);
        expect(lines.join('\n')).not.toContain('.navis');
        expect(lines.join('\n')).not.toContain('navis=');
      }),
    );
  });

  describe('run in other places', () => {
    test('T24: refused where there is no shell at a prompt', () =>
      inShell('cat', async (run, session) => {
        expect(await run('echo')).toMatchObject({ error: { code: 'NOT_A_SHELL' } });
        await session.open('script', 'for i in $(seq 1000); do sleep 1; done', { background: true });
        expect(await run('echo', { terminal_name: 'script' })).toMatchObject({ error: { code: 'NOT_A_SHELL' } });
        expect(await run('echo', { terminal_name: 'none' })).toMatchObject({ error: { code: 'TERMINAL_NOT_FOUND' } });
        expect(await run('echo', { working_dir: '/' })).toMatchObject({
          error: { code: 'INVALID_ARGUMENT', field: 'working_dir' },
        });
        expect((await lastLines(session)).join('')).toBe('');
      }));

    test('T24: a shell that still starts is waited for; PROMPT_COMMAND and vi mode are survived', () =>
      inShell(
        `bash --rcfile <(echo 'sleep 1; PROMPT_COMMAND="sleep 0.1; echo PC"; set -o vi; HISTCONTROL=')`,
        async (run) => {
          expect((await run('echo first')).output).toBe('first\n');
          expect((await run('echo second')).output).toBe('second\n');
          expect((await run('fc -ln -20 | cat')).output).not.toMatch(/\\\. \//);
        },
      ));

    test('T24: what becomes a shell only after a while is waited for', () =>
      inShell('sleep 1; exec bash --norc', async (run) => {
        expect((await run('echo first')).output).toBe('first\n');
      }));

    test('T24: an unfinished command at the prompt is dropped, and answers of a viewer are no input', () =>
      inShell('bash --norc', async (run, session) => {
        await session.call({
          action: 'send_input',
          terminal_name: 'sh',
          input: 'for i in 1 2 3\n',
          wait_for: { idle_ms: 300 },
        });
        expect((await run('echo dropped')).output).toBe('dropped\n');
        const id = target().machine.terminals(session.id)[0]?.id ?? '';
        await target().machine.input(id, Buffer.from('\u001b[?1;2c\u001b[I'));
        await target().machine.input(id, Buffer.from('echo "\r'));
        expect((await run('echo after')).output).toBe('after\n');
      }));

    test('T24: reads the terminal as its standard input', () =>
      inShell('bash --norc', async (run, session) => {
        const asked = run('read -p "name? " x; echo "<$x>"');
        await session.call({ action: 'status', terminal_name: 'sh', wait_for: { pattern: 'name\\?', timeout: 30 } });
        await delay(700);
        await session.call({ action: 'send_input', terminal_name: 'sh', input: 'bob\n' });
        expect(await asked).toMatchObject({ success: true, output: 'name? bob\n<bob>\n' });
      }));

    test('T3, T24: a long output is cut and stays readable; its end is found in a flood', () =>
      inShell('bash --norc', async (run, session) => {
        const callId = newId('call');
        const call = { action: 'run', terminal_name: 'sh', command: 'seq 1 300000', timeout: 30 };
        const result = await session.call(call, { callId });
        expect(result).toMatchObject({ success: true, metadata: { truncated: true } });
        expect(result.output).toMatch(/^1\n2\n/);
        expect(result.output).toMatch(/\n300000\n$/);
        const page = await target().machine.readOutput({
          sessionId: session.id,
          callId,
          from: 1_000_000,
          maxBytes: 1000,
        });
        expect(page.bytes).toHaveLength(1000);
        expect((await run('echo next')).output).toBe('next\n');
      }));

    test('T19, T24: closing the terminal ends the command', () =>
      inShell('bash --norc', async (run, session) => {
        const mark = newMark();
        const running = run(`echo begun; sleep ${mark}`);
        await until('started', () => processesWith(mark).length > 0);
        await session.call({ action: 'close', terminal_name: 'sh' });
        expect(await running).toMatchObject({ success: false, metadata: { shell_ended: true } });
        expect(processesWith(mark)).toEqual([]);
      }));
  });
};

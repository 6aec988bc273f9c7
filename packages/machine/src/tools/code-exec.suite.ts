/** The behaviour of the tool `code_exec`, the same for every target that executes it (N4). */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { newId } from '@navisai/protocol';
import { describe, expect, test } from 'vitest';
import { hasProgram, newMark, processesWith, until } from './terminal-target.fixture.ts';
import type { MakeTarget, TerminalTarget } from './terminal-target.fixture.ts';
import { toolSuite } from './tool.suite.ts';

export const codeExecSuite = (makeTarget: MakeTarget): void => toolSuite('code_exec', makeTarget, [codeSuite]);

const codeSuite = (target: () => TerminalTarget): void => {
  const run = (input: Record<string, unknown>, options: { callId?: string } = {}, session = target().session()) =>
    session.call(input, { tool: 'code_exec', ...options });

  describe('languages', () => {
    test('P5: JavaScript, with modules, input and arguments', async () => {
      const code = `import { readFileSync } from 'node:fs';\nconsole.log(readFileSync(0, 'utf8') + process.argv.slice(2));\n`;
      const result = await run({ language: 'javascript', code, stdin: 'in é ', args: ['a b', '$HOME', "'"] });
      expect(result).toMatchObject({ success: true, output: "in é a b,$HOME,'\n", metadata: { exit_code: 0 } });
      expect((await run({ language: 'javascript', code: 'console.log(require("os").EOL.length)' })).output).toBe('1\n');
    });

    test.skipIf(!hasProgram('python3'))('P5: Python, with modules of the working directory', async () => {
      mkdirSync(join(target().home, 'py'), { recursive: true });
      writeFileSync(join(target().home, 'py/own.py'), 'value = 42\n');
      const code = 'import sys, own\nprint(own.value, sys.argv[1:], repr(sys.stdin.read()))\nsys.exit(3)\n';
      const result = await run({ language: 'python', code, args: ['x'], working_dir: '~/py' });
      expect(result).toMatchObject({
        success: false,
        output: "42 ['x'] ''\n",
        error: { code: 'NON_ZERO_EXIT' },
        metadata: { exit_code: 3 },
      });
      const failing = await run({ language: 'python', code: '1/0' });
      expect(failing.output).toContain('[stderr]');
      expect(failing.output).toContain('ZeroDivisionError');
    });

    test('P5: shell, any text without quoting, and the directory it runs in', async () => {
      const code = `cat <<'END'\n$HOME "quoted" \\ 'text'\nEND\necho "$#:$1:$2"; pwd; kill -TERM $$\n`;
      const result = await run({ language: 'shell', code, args: ['-n', 'two words'], working_dir: '/usr' });
      expect(result).toMatchObject({
        output: `$HOME "quoted" \\ 'text'\n2:-n:two words\n/usr\n`,
        error: { code: 'KILLED_BY_SIGNAL' },
        metadata: { signal: 'SIGTERM' },
      });
    });

    test('P5: a text as long as allowed', async () => {
      const code = `# ${'x'.repeat(102_000)}\ncat | wc -c\n`;
      expect((await run({ language: 'shell', code, stdin: 'y'.repeat(65_536) })).output).toBe('65536\n');
    });
  });

  describe('as run', () => {
    test('T6, T7: the timeout ends everything it started, and no file stays', async () => {
      const mark = newMark();
      const code = `echo partial; setsid sleep ${mark} & sleep ${mark}`;
      const callId = newId('call');
      const result = await run({ language: 'shell', code, timeout: 1 }, { callId });
      expect(result).toMatchObject({ success: false, error: { code: 'timeout' } });
      expect(result.output).toContain('partial');
      expect(processesWith(mark)).toEqual([]);
      expect(readdirSync('/tmp').filter((name) => name.includes(callId))).toEqual([]);
    });

    test('N6: a call that is cancelled ends with everything it started', async () => {
      const session = target().session();
      const callId = newId('call');
      const mark = newMark();
      const running = run({ language: 'shell', code: `setsid sleep ${mark} & sleep ${mark}` }, { callId }, session);
      await until('started', () => processesWith(mark).length > 0);
      await target().machine.cancelCall({ sessionId: session.id, callId });
      expect(await running).toMatchObject({ success: false, error: { code: 'CANCELLED' } });
      expect(processesWith(mark)).toEqual([]);
    });

    test('N7: a repeated call id runs nothing again, also after a restart of the program', async () => {
      const session = target().session();
      const callId = newId('call');
      const file = join(target().home, `count-${callId}`);
      const input = { language: 'shell', code: `echo x >> ${file}` };
      await Promise.all([run(input, { callId }, session), run(input, { callId }, session)]);
      await target().restart();
      expect(await run(input, { callId }, session)).toMatchObject({ success: true });
      expect(readFileSync(file, 'utf8')).toBe('x\n');
    });

    test('T29: neither secrets nor the text itself are in its environment', async () => {
      process.env['SOME_API_KEY'] = 'leak';
      const { output } = await run({ language: 'shell', code: 'env # marker-of-the-text' });
      delete process.env['SOME_API_KEY'];
      expect(output).not.toContain('leak');
      expect(output).not.toContain('marker-of-the-text');
      expect(output).not.toContain('NAVIS_CODE');
    });

    test('P5: bad arguments and directories start nothing', async () => {
      const marker = join(target().home, 'started');
      const code = `touch ${marker}`;
      for (const [input, field] of [
        [{ language: 'ruby', code }, 'language'],
        [{ language: 'shell' }, 'code'],
        [{ language: 'shell', code, timeout: 0 }, 'timeout'],
        [{ language: 'shell', code, working_dir: '/no/such' }, 'working_dir'],
        [{ language: 'shell', code, args: ['a\0b'] }, 'args.0'],
        [{ language: 'shell', code, extra: 1 }, 'extra'],
      ] as const)
        expect(await run(input)).toMatchObject({ success: false, error: { field } });
      expect(existsSync(marker)).toBe(false);
    });
  });
};

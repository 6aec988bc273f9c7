/** What agents start cannot reach Navis's own state, by whatever door it comes (A7); the same for every machine (N4). */
import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { attackOn } from '../sandbox/attack.fixture.ts';
import { hasSandbox } from '../sandbox/sandbox-target.fixture.ts';
import { hasProgram, newMark, processesWith, until } from './terminal-target.fixture.ts';
import type { MakeTarget, SessionOfTest, TerminalTarget } from './terminal-target.fixture.ts';

const secret = `secret${randomBytes(8).toString('hex')}`;
const denied = { success: false, error: { code: 'POLICY_DENIED' } };

export const maskSuite = (makeTarget: MakeTarget): void => {
  describe.skipIf(!hasSandbox)('A7: what an agent starts', () => {
    let made: TerminalTarget | undefined;
    const target = (): TerminalTarget => {
      if (made === undefined) throw new Error('The target is not made yet.');
      return made;
    };
    const agent = (id?: string): SessionOfTest => target().session(id, 'agent');
    const key = (): string => join(target().home, '.navis/keys/hub.key');
    const token = (): string => readFileSync(join(target().home, '.navis/hosts/token'), 'utf8').trim();
    const attack = (): string => attackOn(key());
    const expectUntouched = (said: string): void => {
      expect(said).not.toContain(secret);
      expect(said).not.toContain(token());
      expect(readFileSync(key(), 'utf8')).toBe(`// ${secret}`);
    };

    beforeAll(async () => {
      made = await makeTarget({ onUnexpected: () => undefined });
      mkdirSync(join(made.home, '.navis/keys'));
      writeFileSync(key(), `// ${secret}`, { mode: 0o600 });
      for (const name of ['.ssh', '.config/systemd/user']) mkdirSync(join(made.home, name), { recursive: true });
      process.env['NAVIS_TEST_SECRET'] = secret;
    });
    afterAll(async () => {
      delete process.env['NAVIS_TEST_SECRET'];
      await made?.[Symbol.asyncDispose]();
    });

    test('A7: by run reaches no key, store or token', async () => {
      const { output } = await agent().run(
        `mkdir -p ~/a && cd ~/a; ${attack()}; cat ~/.navis/hosts/token; ls -AR ~/.navis`,
      );
      expectUntouched(output);
      expect(output).not.toContain('calls.journal');
      // A person's own command sees all of it: nothing else hides it here.
      expect((await target().session().run(`cat ${key()}`)).output).toContain(secret);
    });

    test('A7: by open, and by what is typed there, reaches none', async () => {
      const session = agent();
      writeFileSync(join(target().home, 'attack.sh'), attack());
      expectUntouched((await session.open('one', `mkdir -p ~/b && cd ~/b; ${attack()}`, { timeout: 60 })).output);
      await session.open('two', 'bash --norc', { background: true });
      const typed = { action: 'send_input', terminal_name: 'two', input: '. ~/attack.sh; echo do""ne\n' };
      await session.call({ ...typed, wait_for: { pattern: 'done', timeout: 60 } });
      expectUntouched((await session.call({ action: 'status', terminal_name: 'two', lines: 1000 })).output);
      await target().machine.closeSession(session.id, 'test');
    });

    test('A7: by run in an open shell, by code, and by what outlives its command reaches none', async () => {
      const session = agent();
      const run = await session.shell('sh', 'bash --norc');
      expectUntouched((await run(attack())).output);
      const code = `for p in ("${key()}", "/proc/1/root${key()}", "/proc/self/root${key()}"):\n  try: print(open(p).read())\n  except OSError as e: print(e)`;
      expectUntouched((await session.call({ language: 'python', code }, { tool: 'code_exec' })).output);
      const shell = await session.call({ language: 'shell', code: attack() }, { tool: 'code_exec' });
      expectUntouched(shell.output);
      writeFileSync(
        join(target().home, 'later.sh'),
        `sleep 0.3; { ${attack()}; } > ~/later.log 2>&1; echo end >> ~/later.log`,
      );
      await session.run('setsid nohup bash ~/later.sh > /dev/null 2>&1 < /dev/null & echo left');
      const said = (): string =>
        readdirSync(target().home).includes('later.log') ? readFileSync(join(target().home, 'later.log'), 'utf8') : '';
      await until('the attack has ended', () => said().endsWith('end\n'), 30_000);
      expectUntouched(said());
      await target().machine.closeSession(session.id, 'test');
    });

    test('A7: cannot change the code of a person before it runs', async () => {
      const session = agent();
      writeFileSync('/tmp/navis_spoiled.py', 'print("spoiled")');
      const code =
        'import sys, os\nprint(os.path.dirname(sys.argv[0]))\ntry:\n  import navis_spoiled\nexcept ImportError: print("own")';
      const { output } = await target().session().call({ language: 'python', code }, { tool: 'code_exec' });
      rmSync('/tmp/navis_spoiled.py');
      const [folder = '', said] = output.split('\n');
      expect(said).toBe('own');
      expect((await session.run(`echo x > ${folder}/new; mv ${folder} ${folder}2; ls ${folder}2`)).output).toContain(
        'ead-only',
      );
    });

    test('A7: by the tool filesystem reaches none, by no link and no way through /proc', async () => {
      const { home } = target();
      symlinkSync(join(home, '.navis'), join(home, 'link'));
      symlinkSync('/proc/self/root', join(home, 'root'));
      const session = agent();
      const files = (call: Record<string, unknown>) => session.call(call, { tool: 'filesystem' });
      const paths = [key(), '~/.navis/../.navis/keys/hub.key', '~/link/keys/hub.key', `~/root${key()}`];
      for (const path of [...paths, `/proc/${process.pid}/environ`, `/proc/${process.pid}/root${key()}`])
        for (const call of [
          { action: 'read', path },
          { action: 'write', path, content: 'x' },
          { action: 'copy', path, to: '~/stolen' },
          { action: 'delete', path },
        ])
          expect((await files(call)).success, JSON.stringify(call)).toBe(false);
      for (const call of [
        { action: 'list', path: '~/.navis' },
        { action: 'move', path: '~/.navis', to: '~/moved' },
        { action: 'write', path: '~/.navis/new', content: 'x' },
        { action: 'write', path: '~/.ssh/authorized_keys', content: 'x' },
        { action: 'write', path: '~/.config/systemd/user/x.service', content: 'x' },
      ])
        expect(await files(call), JSON.stringify(call)).toMatchObject(denied);
      const found = await files({ action: 'grep', path: home, pattern: secret });
      expectUntouched(found.output);
      expect(await files({ action: 'write', path: '~/plain', content: 'x' })).toMatchObject({ success: true });
      const unmasked = { action: 'read', path: key() };
      expect(await session.call(unmasked, { tool: 'filesystem', isUnmasked: true })).toMatchObject({ success: true });
      const piece = {
        sessionId: session.id,
        userId: 'u',
        origin: 'agent',
        path: key(),
        from: 0,
        maxBytes: 99,
      } as const;
      await expect(target().machine.readFile(piece)).rejects.toMatchObject({ code: 'POLICY_DENIED' });
    });

    test('A7: sees, signals and traces no process outside, and reaches no socket of the hosts', async () => {
      const sockets = `find ${target().home} /tmp /run -maxdepth 4 -name '*.sock' 2>/dev/null | grep -c navis-`;
      const { output } = await agent().run(
        `kill -0 ${process.pid} && echo seen; ls -d /proc/${process.pid} && echo seen; cat /proc/*/environ | tr '\\0' '\\n' | grep ${secret}; python3 -c '
import ctypes
print("traced" if ctypes.CDLL(None).ptrace(16, ${process.pid}, 0, 0) == 0 else "refused")'; ls ${target().home}/navis-*; ${sockets.replace('/tmp ', '')}`,
      );
      expect(output).toContain('refused');
      expect(output).not.toContain('seen');
      expect(output).not.toContain(secret);
      expect(output).not.toContain('pty');
    });

    test('A7: finds no bus, engine or multiplexer that would act for it, and starts nothing at the next login', async () => {
      const { output } = await agent().run(
        [
          'for f in /run/dbus /run/systemd/private /run/docker.sock /var/run/docker.sock /run/user/*/bus /run/user/*/systemd /run/screen; do ls -d $f && echo found; done',
          'echo x > ~/.ssh/authorized_keys; mv ~/.ssh ~/s; mkdir ~/.ssh; mv ~/.config ~/c; rm -rf ~/.config/systemd; echo x > ~/.config/systemd/user/x.service',
          'echo "|/tmp/x" > /proc/sys/kernel/core_pattern; echo x > /sys/kernel/uevent_helper',
        ].join('; '),
      );
      expect(output).not.toContain('found');
      expect(readdirSync(join(target().home, '.ssh'))).toEqual([]);
      expect(readdirSync(join(target().home, '.config/systemd/user'))).toEqual([]);
    });

    test.skipIf(!hasProgram('tmux'))('A7: cannot type into a tmux of the person, started before or after', async () => {
      const person = target().session();
      const session = agent();
      const run = await session.shell('before', 'bash --norc');
      const server = `navis-test-${process.pid}`;
      await person.run(`setsid tmux -L ${server} new-session -d -s s`);
      expect((await person.run(`tmux -L ${server} ls`)).output).toContain('windows');
      const typed = `tmux -L ${server} send-keys -t s 'touch ${target().home}/escaped' Enter; tmux -L ${server} ls`;
      expect((await run(typed)).output).not.toContain('windows');
      expect((await session.run(typed)).output).not.toContain('windows');
      await person.run(`tmux -L ${server} kill-server`);
      expect(readdirSync(target().home)).not.toContain('escaped');
      await target().machine.closeSession(session.id, 'test');
    });

    test('A7: works as ever: files, links, network, other programs, job control', async () => {
      const session = agent();
      const { output } = await session.run(
        'echo x > ~/made && cat ~/made; ln ~/made ~/hard && mv ~/hard ~/moved && cat ~/moved; mktemp; ls -d /usr/bin; tty; echo done',
      );
      expect(output).toMatch(/^x\nx\n\/tmp\/.*\n\/usr\/bin\n/);
      expect(readFileSync(join(target().home, 'made'), 'utf8')).toBe('x\n');
      const mark = newMark();
      expect(await session.run(`sleep ${mark}`, { timeout: 1 })).toMatchObject({ error: { code: 'timeout' } });
      await until('it is ended', () => processesWith(mark).length === 0);
    });

    test('A7: types into no terminal of a person unless that was allowed; its own stay masked over a restart', async () => {
      const { id } = agent();
      const person = target().session(id);
      await person.shell('theirs', 'bash --norc');
      const asAgent = agent(id);
      await asAgent.shell('own', 'bash --norc');
      const input = { action: 'send_input', terminal_name: 'theirs', input: `cat ${key()}\n` };
      for (const refused of [await asAgent.call(input), await asAgent.run('id', { terminal_name: 'theirs' })]) {
        expect(refused).toMatchObject(denied);
        expect(refused.error?.message).toMatch(/own/);
      }
      expect(await asAgent.call(input, { isUnmasked: true })).toMatchObject({ success: true });
      const read = { action: 'run', command: `cat ${key()}`, terminal_name: 'theirs' };
      await until('the shell is back', async () => (await asAgent.call(read, { isUnmasked: true })).success);
      // A person may use what an agent has opened: it stays what it is.
      expectUntouched((await person.run(`cat ${key()}`, { terminal_name: 'own' })).output);
      await target().restart();
      expectUntouched((await asAgent.run(`cat ${key()}`, { terminal_name: 'own' })).output);
      expect(await asAgent.call(input)).toMatchObject(denied);
      await asAgent.open('unmasked', `cat ${key()}`, { background: true });
      await target().machine.closeSession(id, 'test');
      rmSync(join(target().home, 'link'), { force: true });
    });
  });
};

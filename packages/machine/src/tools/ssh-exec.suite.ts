/** The behaviour of the tool `ssh_exec` against a real sshd, the same for every target that executes it (N4). */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { newId } from '@navisai/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasSshServer, startSshServer } from './ssh-server.fixture.ts';
import type { SshServer } from './ssh-server.fixture.ts';
import type { MakeTarget, TerminalTarget } from './terminal-target.fixture.ts';
import { toolSuite } from './tool.suite.ts';

export const sshExecSuite = (makeTarget: MakeTarget): void => {
  describe.skipIf(!hasSshServer)('with sshd', () => toolSuite('ssh_exec', makeTarget, [sshSuite]));
};

const sshSuite = (target: () => TerminalTarget): void => {
  let started: SshServer | undefined;
  const server = (): SshServer => {
    if (started === undefined) throw new Error('The server is not started yet.');
    return started;
  };
  const ssh = (input: Record<string, unknown>, { callId = newId('call'), session = target().session() } = {}) => {
    const { port, user } = server();
    return session.call({ host: '127.0.0.1', port, user, ...input }, { tool: 'ssh_exec', callId });
  };
  const run = (command: string, more: Record<string, unknown> = {}) => ssh({ action: 'run', command, ...more });
  const knownHosts = (): string => join(target().home, '.ssh/known_hosts');

  beforeAll(async () => {
    started = await startSshServer();
    mkdirSync(join(target().home, '.ssh'), { mode: 0o700 });
    copyFileSync(server().identityFile, join(target().home, '.ssh/id_ed25519'));
    chmodSync(join(target().home, '.ssh/id_ed25519'), 0o600);
    writeFileSync(knownHosts(), server().knownHost);
  });
  afterAll(async () => started?.[Symbol.asyncDispose]());

  describe('run', () => {
    test('P5: a command with its output, standard error and exit code, by the key of the person', async () => {
      const result = await run('echo "$SSH_CONNECTION" | cut -d" " -f4; echo "two  words" >&2; exit 7');
      expect(result).toMatchObject({
        success: false,
        output: `${server().port}\n[stderr]\ntwo  words\n`,
        error: { code: 'NON_ZERO_EXIT' },
        metadata: { exit_code: 7 },
      });
      expect(await run('cat; echo end')).toMatchObject({ success: true, output: 'end\n' });
    });

    test('P5: an unknown host key is refused with its fingerprint, and nothing is sent', async () => {
      const marker = join(server().folder, 'marker');
      writeFileSync(knownHosts(), '');
      const refused = await run(`touch ${marker}`);
      writeFileSync(knownHosts(), server().knownHost);
      expect(refused).toMatchObject({
        success: false,
        error: { code: 'HOST_KEY' },
        metadata: { host_key: server().fingerprint, host_key_type: 'ssh-ed25519' },
      });
      expect(refused.error?.message).toContain(server().fingerprint);
      expect(existsSync(marker)).toBe(false);
    });

    test('P5: host_key accepts exactly that key, only for this call, and keeps nothing', async () => {
      writeFileSync(knownHosts(), '');
      const { fingerprint } = server();
      expect(await run('echo hi', { host_key: fingerprint })).toMatchObject({ success: true, output: 'hi\n' });
      expect(readFileSync(knownHosts(), 'utf8')).toBe('');
      expect(await run('echo hi')).toMatchObject({ error: { code: 'HOST_KEY' } });
      writeFileSync(knownHosts(), server().knownHost);
      // Also for a host that is known: the key must be the one that was named.
      const other = `SHA256:${'A'.repeat(43)}`;
      expect(await run('echo hi', { host_key: other })).toMatchObject({
        error: { code: 'HOST_KEY', message: expect.stringContaining(fingerprint) as string },
      });
    });

    test('P5, A7: an agent names the key as well, also where its sandbox is that of user 0', async () => {
      writeFileSync(knownHosts(), '');
      const { fingerprint } = server();
      const session = target().session(undefined, 'agent');
      const agent = (more: Record<string, unknown>) => ssh({ action: 'run', command: 'echo hi', ...more }, { session });
      expect(await agent({ host_key: fingerprint })).toMatchObject({ success: true, output: 'hi\n' });
      const other = `SHA256:${'A'.repeat(43)}`;
      expect(await agent({ host_key: other })).toMatchObject({
        error: { code: 'HOST_KEY', message: expect.stringContaining(fingerprint) as string },
      });
      const [from, to] = [join(target().home, 'from-agent'), join(server().folder, 'to-agent')];
      writeFileSync(from, 'copied');
      const copy = { action: 'upload', local_path: from, remote_path: to, host_key: fingerprint };
      expect(await ssh(copy, { session })).toMatchObject({ success: true });
      expect(readFileSync(to, 'utf8')).toBe('copied');
      expect(readFileSync(knownHosts(), 'utf8')).toBe('');
      writeFileSync(knownHosts(), server().knownHost);
    });

    test('P5: a changed host key is refused and said to be changed', async () => {
      const key = join(server().folder, newId('call'));
      execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key]);
      writeFileSync(knownHosts(), `[127.0.0.1]:${server().port} ${readFileSync(`${key}.pub`, 'utf8')}`);
      const result = await run('echo hi');
      writeFileSync(knownHosts(), server().knownHost);
      expect(result).toMatchObject({
        error: { code: 'HOST_KEY', message: expect.stringContaining('another') as string },
      });
    });

    test('P5: words of the remote command are not taken for a refused key', async () => {
      const result = await run('echo "Host key verification failed." >&2; exit 255');
      expect(result).toMatchObject({ error: { code: 'NON_ZERO_EXIT' }, metadata: { exit_code: 255 } });
    });

    test('P5: neither host nor command is taken for an option or a local command', async () => {
      const marker = join(server().folder, 'injected');
      for (const host of [`-oProxyCommand=touch ${marker}`, `$(touch ${marker})`, `x;touch ${marker}`, '-'])
        expect(await run('true', { host })).toMatchObject({ error: { code: 'INVALID_ARGUMENT', field: 'host' } });
      const asOption = await run(`-oProxyCommand=touch\u0020${marker}`);
      expect(asOption.success).toBe(false);
      expect(await run('true', { user: '-oProxyCommand=x' })).toMatchObject({ error: { field: 'user' } });
      expect(existsSync(marker)).toBe(false);
    });

    test('P5: without a key that is accepted it fails at once and asks nobody', async () => {
      const key = join(server().folder, newId('call'));
      execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key]);
      const startedAt = performance.now();
      const result = await run('true', { identity_file: key });
      expect(result).toMatchObject({ success: false, metadata: { exit_code: 255 } });
      expect(result.output).toContain('Permission denied');
      expect(performance.now() - startedAt).toBeLessThan(10_000);
      expect(await run('echo yes', { identity_file: server().identityFile })).toMatchObject({ output: 'yes\n' });
    });

    test('T6: the timeout ends it; N7: a repeat runs nothing again, also after a restart of the program', async () => {
      expect(await run('sleep 30', { timeout: 1 })).toMatchObject({ error: { code: 'timeout' } });
      const session = target().session();
      const callId = newId('call');
      const file = join(server().folder, 'count');
      const call = { action: 'run', command: `echo x >> ${file}; echo done` };
      await ssh(call, { callId, session });
      await target().restart();
      expect(await ssh(call, { callId, session })).toMatchObject({ success: true, output: 'done\n' });
      expect(readFileSync(file, 'utf8')).toBe('x\n');
    });
  });

  describe('files', () => {
    test('P5: upload and download any bytes and names', async () => {
      const { folder } = server();
      const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, index) => index % 256));
      writeFileSync(join(target().home, 'local file: $x'), bytes);
      const remote = join(folder, 'remote [a] *b?');
      const up = await ssh({ action: 'upload', local_path: '~/local file: $x', remote_path: remote });
      expect(up).toMatchObject({ success: true });
      expect(readFileSync(remote).equals(bytes)).toBe(true);
      const down = { action: 'download', remote_path: remote, local_path: 'fetched' };
      expect(await ssh(down)).toMatchObject({ success: true, metadata: { size_bytes: 300_000 } });
      expect(readFileSync(join(target().home, 'fetched')).equals(bytes)).toBe(true);
      expect(await ssh(down)).toMatchObject({ error: { code: 'FILE_CONFLICT', field: 'local_path' } });
      writeFileSync(remote, 'new');
      expect(await ssh({ ...down, overwrite: true })).toMatchObject({ success: true });
      expect(readFileSync(join(target().home, 'fetched'), 'utf8')).toBe('new');
    });

    test('P5: what is missing or unknown is refused and leaves nothing', async () => {
      const missing = join(server().folder, 'missing');
      expect(await ssh({ action: 'upload', local_path: 'nothing', remote_path: missing })).toMatchObject({
        error: { code: 'FILE_NOT_FOUND', field: 'local_path' },
      });
      const down = { action: 'download', remote_path: missing, local_path: 'never' };
      expect(await ssh(down)).toMatchObject({ success: false });
      writeFileSync(knownHosts(), '');
      expect(await ssh({ ...down, remote_path: '/etc/hostname' })).toMatchObject({ error: { code: 'HOST_KEY' } });
      writeFileSync(knownHosts(), server().knownHost);
      expect(readdirSync(target().home).filter((name) => name.startsWith('.navis-') || name === 'never')).toEqual([]);
    });

    test('P5: the configuration of the person counts, but not for what is checked', async () => {
      const config = join(target().home, '.ssh/config');
      const { port, user } = server();
      writeFileSync(
        config,
        `Host box\n  HostName 127.0.0.1\n  Port ${port}\n  User ${user}\nHost *\n  StrictHostKeyChecking no\n  UserKnownHostsFile /dev/null\n`,
      );
      const call = { action: 'run', host: 'box', command: 'echo by alias' };
      const session = target().session();
      expect(await session.call(call, { tool: 'ssh_exec' })).toMatchObject({ output: 'by alias\n' });
      writeFileSync(knownHosts(), '');
      expect(await session.call(call, { tool: 'ssh_exec' })).toMatchObject({ error: { code: 'HOST_KEY' } });
      writeFileSync(knownHosts(), server().knownHost);
      rmSync(config);
    });
  });
};

/** A real OpenSSH server on a loopback port, and the ways a person uses it. */
import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { ensurePeer } from './install.ts';

export interface SshPeer extends AsyncDisposable {
  /** Arguments of `ssh` up to the host, for a connection of its own. */
  fresh: string[];
  /** The same over a kept master connection. */
  multiplexed: string[];
}

/** `undefined` where OpenSSH's server is not there and may not be installed. */
export const startSshPeer = async (): Promise<SshPeer | undefined> => {
  if (!ensurePeer('ssh') || !ensurePeer('sshd')) return undefined;
  const directory = mkdtempSync(join(tmpdir(), 'navis-bench-ssh-'));
  const file = (name: string): string => join(directory, name);
  for (const key of ['host', 'user']) spawnSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file(key)]);
  spawnSync('cp', [file('user.pub'), file('authorized_keys')]);
  const port = await freePort();
  writeFileSync(file('config'), serverConfig(file, port));
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  const server = spawn('/usr/sbin/sshd', ['-D', '-e', '-f', file('config')], { stdio: 'ignore' });
  await waitForPort(port);
  const target = `${userInfo().username}@127.0.0.1`;
  const common = [
    '-F',
    'none',
    '-p',
    String(port),
    '-i',
    file('user'),
    '-o',
    'StrictHostKeyChecking=no',
    '-o',
    `UserKnownHostsFile=${file('known')}`,
    '-o',
    'LogLevel=ERROR',
  ];
  const fresh = [...common, '-o', 'ControlPath=none', target];
  const multiplexed = [...common, '-o', `ControlPath=${file('mux')}`, target];
  const master = spawn('ssh', [...common, '-M', '-N', '-o', `ControlPath=${file('mux')}`, target], { stdio: 'ignore' });
  await waitFor(() => spawnSync('ssh', ['-O', 'check', ...multiplexed]).status === 0);
  return {
    fresh,
    multiplexed,
    async [Symbol.asyncDispose]() {
      await Promise.all([end(master), end(server)]);
      rmSync(directory, { recursive: true, force: true });
    },
  };
};

const serverConfig = (file: (name: string) => string, port: number): string =>
  [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${file('host')}`,
    `AuthorizedKeysFile ${file('authorized_keys')}`,
    `PidFile ${file('pid')}`,
    'StrictModes no',
    'UsePAM no',
    'PermitRootLogin yes',
    'PasswordAuthentication no',
    'PrintMotd no',
    '',
  ].join('\n');

export const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
};

const waitForPort = (port: number): Promise<void> =>
  waitFor(async () => {
    const socket = connect(port, '127.0.0.1');
    const connected = await Promise.race([
      once(socket, 'connect').then(() => true),
      once(socket, 'error').then(() => false),
    ]).catch(() => false);
    socket.destroy();
    return connected;
  });

const waitFor = async (isTrue: () => boolean | Promise<boolean>): Promise<void> => {
  const deadline = performance.now() + 10_000;
  while (!(await isTrue())) {
    if (performance.now() > deadline) throw new Error('the ssh peer did not start within 10 s');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};

const end = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  await exited;
};

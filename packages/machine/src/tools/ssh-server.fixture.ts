/** A real sshd on a port of its own, with throw-away keys and configuration. */
import { execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { hasProgram, until } from './terminal-target.fixture.ts';

export interface SshServer extends AsyncDisposable {
  port: number;
  user: string;
  /** SHA256 fingerprint of its host key. */
  fingerprint: string;
  /** A line for known_hosts. */
  knownHost: string;
  /** A private key that it accepts. */
  identityFile: string;
  folder: string;
}

export const hasSshServer = existsSync('/usr/sbin/sshd') && hasProgram('ssh') && hasProgram('ssh-keygen');

export const startSshServer = async (): Promise<SshServer> => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'navis-sshd-')));
  const makeKey = (name: string): string => {
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'test', '-f', join(folder, name)]);
    return join(folder, name);
  };
  const hostKey = makeKey('host');
  const identityFile = makeKey('identity');
  writeFileSync(join(folder, 'authorized'), readFileSync(`${identityFile}.pub`));
  chmodSync(join(folder, 'authorized'), 0o600);
  const port = await freePort();
  const config = [
    `ListenAddress 127.0.0.1:${port}`,
    `HostKey ${hostKey}`,
    `AuthorizedKeysFile ${join(folder, 'authorized')}`,
    'StrictModes no',
    'UsePAM no',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'PidFile none',
    'PermitRootLogin prohibit-password',
    'Subsystem sftp internal-sftp',
  ];
  writeFileSync(join(folder, 'config'), `${config.join('\n')}\n`);
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  const server = spawn('/usr/sbin/sshd', ['-D', '-e', '-f', join(folder, 'config')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let log = '';
  server.stderr.on('data', (bytes: Buffer) => (log += bytes.toString()));
  await until(`sshd listens: ${log}`, () => log.includes('Server listening'));
  const publicKey = readFileSync(`${hostKey}.pub`, 'utf8').trim();
  return {
    port,
    user: userInfo().username,
    fingerprint: execFileSync('ssh-keygen', ['-lf', `${hostKey}.pub`], { encoding: 'utf8' }).split(' ')[1] ?? '',
    knownHost: `[127.0.0.1]:${port} ${publicKey}\n`,
    identityFile,
    folder,
    async [Symbol.asyncDispose]() {
      const ended = once(server, 'exit');
      server.kill();
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
};

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
};

/** Peers that the bench may install: Debian packages, and only as root. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const programs = {
  tmux: ['/usr/bin/tmux', 'tmux'],
  sshd: ['/usr/sbin/sshd', 'openssh-server'],
  ssh: ['/usr/bin/ssh', 'openssh-client'],
} as const;
export type PeerProgram = keyof typeof programs;

/** True when the peer is there, after an attempt to install it. */
export const ensurePeer = (program: PeerProgram): boolean => {
  const [path, debianPackage] = programs[program];
  if (existsSync(path)) return true;
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return false;
  spawnSync('apt-get', ['update', '-qq'], { stdio: 'ignore', timeout: 120_000 });
  spawnSync('apt-get', ['install', '-y', '-qq', debianPackage], {
    stdio: 'ignore',
    timeout: 300_000,
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
  return existsSync(path);
};

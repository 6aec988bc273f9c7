/** What this machine is and how busy it is (N3). */
import {
  arch,
  availableParallelism,
  freemem,
  hostname,
  loadavg,
  platform,
  release,
  totalmem,
  uptime,
  userInfo,
} from 'node:os';
import type { MachinePolicy, NodeLoad, NodePlatform } from '@navisai/protocol';

/** `now` in milliseconds since 1970. */
export const currentLoad = (now = Date.now()): NodeLoad => ({
  at: new Date(now).toISOString(),
  cpus: availableParallelism(),
  load1: loadavg()[0] ?? 0,
  memoryBytes: totalmem(),
  freeMemoryBytes: freemem(),
  uptime: uptime(),
});

export const describePlatform = (sandbox: MachinePolicy['sandbox']): NodePlatform => ({
  os: platform(),
  arch: arch(),
  release: release().slice(0, 128),
  hostname: hostname().slice(0, 255),
  user: accountName().slice(0, 128),
  sandbox,
});

/** An account that has no entry in the password file is told by its number. */
const accountName = (): string => {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? '');
  }
};

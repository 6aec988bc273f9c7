/** What the bridge reads from its environment: the hub's home, and sockets that systemd has opened for it. */
import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { BridgeError } from './bridge-error.ts';

export interface Environment {
  home: string;
  /** File descriptors of listening sockets, by the protocol of `sd_listen_fds(3)`. */
  inherited: number[];
}

const firstDescriptor = 3;
/** One per address; more were never meant for this program. */
const maxDescriptors = 16;

/** Throws BridgeError. The variables of the sockets are taken out, so that no child could believe that they are its own. */
export const readEnvironment = (
  homeFlag: string | undefined,
  variables: NodeJS.ProcessEnv = process.env,
  pid = process.pid,
): Environment => {
  const { NAVIS_HOME } = variables;
  if (homeFlag === undefined && NAVIS_HOME !== undefined && NAVIS_HOME !== '' && !isAbsolute(NAVIS_HOME))
    throw new BridgeError('usage', 'NAVIS_HOME must be an absolute path.');
  const home = resolve(homeFlag ?? (NAVIS_HOME || join(homedir(), '.navis')));
  return { home, inherited: takeInherited(variables, pid) };
};

const takeInherited = (variables: NodeJS.ProcessEnv, pid: number): number[] => {
  const { LISTEN_FDS, LISTEN_PID } = variables;
  for (const name of ['LISTEN_FDS', 'LISTEN_PID', 'LISTEN_FDNAMES']) delete variables[name];
  if (LISTEN_FDS === undefined || LISTEN_PID !== String(pid)) return [];
  const count = /^\d{1,3}$/.test(LISTEN_FDS) ? Number(LISTEN_FDS) : 0;
  if (count < 1 || count > maxDescriptors)
    throw new BridgeError('usage', `LISTEN_FDS must be a whole number from 1 to ${maxDescriptors}.`);
  return Array.from({ length: count }, (_, index) => firstDescriptor + index);
};

/** Starts the hub of this machine the way it is set up: as a service when `navisai setup` made one, else as a process. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { readEnvironment } from '../environment.ts';
import { CommandError } from '../output/command-error.ts';
import { readRunningHub } from './home.ts';
import { locateHub } from './locate.ts';
import { startHub, type StartedHub, type StartRequest } from './start-hub.ts';

const startDeadlineMs = 60_000;
const probeTimeoutMs = 2_000;
const pollMs = 100;
/** Written by setup; looked for here without loading what makes them. */
const unitFiles = [
  join('.config', 'systemd', 'user', 'navis-hub.service'),
  join('Library', 'LaunchAgents', 'navis.hub.plist'),
];

export interface StartHere extends StartRequest {
  /** Of the hub before; a service has the configured one. */
  earlierPort?: number | undefined;
}

/** A port that is asked for is not the service's. Rejects with a CommandError that says why it did not start. */
export const startHere = async ({ home, port, earlierPort }: StartHere): Promise<StartedHub> => {
  const { userFolder } = readEnvironment();
  const file = unitFiles.map((path) => join(userFolder, path)).find((path) => isUnitOf(path, home));
  if (file === undefined || port !== undefined) return startHub({ home, port: port ?? earlierPort });
  const { findServiceManager } = await import('../setup/service-manager.ts');
  const manager = await findServiceManager(userFolder);
  if (manager.kind === 'none') return startHub({ home, port: earlierPort });
  const name = (file.split('/').at(-1) ?? '').replace(/\.plist$/, '');
  await manager.start({ name, text: '' });
  const end = performance.now() + startDeadlineMs;
  for (;;) {
    const condition = await locateHub(home, probeTimeoutMs);
    const told = await readRunningHub(home);
    if (condition.kind === 'running' && told !== undefined) return { ...told, status: condition.status, remarks: '' };
    if (performance.now() > end) throw notStarted(name);
    await delay(pollMs);
  }
};

/** Another home's service is none of our business. */
const isUnitOf = (path: string, home: string): boolean => existsSync(path) && readFileSync(path, 'utf8').includes(home);

const notStarted = (name: string): CommandError =>
  new CommandError(`The service ${name} was started, and its hub does not answer.`, {
    code: 'HUB_UNREACHABLE',
    exitCode: 3,
    affects: 'No hub is running; terminals of an earlier one go on.',
    remedy: name.endsWith('.service') ? `journalctl --user -u ${name}` : 'navisai logs',
  });

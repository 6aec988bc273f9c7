/** What runs services here: this person's systemd, launchd, or nothing that could. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { sessionFolder } from '../environment.ts';
import { findTool, runTool, type ToolRun } from '../trust/run-tool.ts';

export interface ServiceState {
  isActive: boolean;
  /** As the manager calls it: `active`, `failed`, `activating` … */
  state: string;
  pid: number | undefined;
}

export interface ServiceManager {
  readonly kind: 'systemd' | 'launchd';
  /** Where this person's service files lie. */
  fileOf(service: Service): string;
  /** Writes the file, has it started now and at every start of the session. Rejects with what the manager said. */
  install(service: Service): Promise<void>;
  /** Nothing is left of it; what the service started goes on. */
  remove(service: Service): Promise<void>;
  start(service: Service): Promise<void>;
  restart(service: Service): Promise<void>;
  look(service: Service): Promise<ServiceState>;
}

export interface Service {
  /** Name of the unit, or label of the job. */
  name: string;
  text: string;
}

export type FoundManager = ServiceManager | { kind: 'none'; reason: string };

/** Looks, and changes nothing. */
export const findServiceManager = async (userFolder: string): Promise<FoundManager> => {
  if (process.platform === 'darwin') return createLaunchd(userFolder);
  if (process.platform !== 'linux') return { kind: 'none', reason: `there are no services on ${process.platform}` };
  const systemctl = findTool('systemctl');
  if (systemctl === undefined || !existsSync('/run/systemd/system'))
    return { kind: 'none', reason: 'systemd does not run here (a container?)' };
  const asked = await askManager(systemctl, ['show-environment']);
  const managed = /^HOME=(.*)$/m.exec(asked.output)?.[1];
  // A person with another HOME for a while, as in tests, is not to change services of the real one.
  if (asked.isSuccess && managed !== undefined && managed !== userFolder)
    return { kind: 'none', reason: `the services of this user belong to the home folder ${managed}` };
  if (asked.isSuccess) return createSystemd(systemctl, userFolder);
  const reason = `systemd has no session of this user, loginctl enable-linger gives it one (${firstLine(asked.output)})`;
  return { kind: 'none', reason };
};

/** The manager of this user's services, also from a shell that was not told where its session is. */
const askManager = (systemctl: string, words: readonly string[]): Promise<ToolRun> =>
  runTool('/usr/bin/env', [`XDG_RUNTIME_DIR=${sessionFolder()}`, systemctl, '--user', '--no-pager', ...words]);

const firstLine = (text: string): string => text.split('\n')[0] ?? '';

const createSystemd = (systemctl: string, userFolder: string): ServiceManager => {
  const folder = join(userFolder, '.config', 'systemd', 'user');
  const fileOf = ({ name }: Service): string => join(folder, name);
  const run = async (...words: string[]): Promise<string> => {
    const { isSuccess, output } = await askManager(systemctl, words);
    if (!isSuccess) throw new Error(`systemctl --user ${words.join(' ')}: ${output}`);
    return output;
  };
  return {
    kind: 'systemd',
    fileOf,
    async install(service) {
      const isNew = writeIfOther(fileOf(service), service.text);
      await run('daemon-reload');
      await run('enable', service.name);
      // A service that failed too often would not start again by itself.
      await run('reset-failed', service.name).catch(() => undefined);
      await run(isNew ? 'restart' : 'start', service.name);
    },
    async remove(service) {
      if (!existsSync(fileOf(service))) return;
      await run('disable', '--now', service.name);
      rmSync(fileOf(service), { force: true });
      await run('daemon-reload');
    },
    start: async ({ name }) => void (await run('start', name)),
    restart: async ({ name }) => void (await run('restart', name)),
    async look({ name }) {
      const text = await run('show', '-p', 'ActiveState', '-p', 'MainPID', name).catch(() => '');
      const state = /^ActiveState=(.*)$/m.exec(text)?.[1] ?? 'unknown';
      const pid = Number(/^MainPID=(\d+)$/m.exec(text)?.[1] ?? 0);
      return { isActive: state === 'active', state, pid: pid === 0 ? undefined : pid };
    },
  };
};

const launchdSettleMs = 500;

const createLaunchd = (userFolder: string): ServiceManager => {
  const domain = `gui/${process.getuid?.() ?? 0}`;
  const fileOf = ({ name }: Service): string => join(userFolder, 'Library', 'LaunchAgents', `${name}.plist`);
  const run = async (...words: string[]): Promise<string> => {
    const { isSuccess, output } = await runTool('/bin/launchctl', words);
    if (!isSuccess) throw new Error(`launchctl ${words.join(' ')}: ${output}`);
    return output;
  };
  const unload = (service: Service) => run('bootout', `${domain}/${service.name}`).catch(() => undefined);
  return {
    kind: 'launchd',
    fileOf,
    async install(service) {
      const isNew = writeIfOther(fileOf(service), service.text);
      if (isNew && (await unload(service)) !== undefined) await delay(launchdSettleMs);
      const isLoaded = await run('print', `${domain}/${service.name}`).then(
        () => true,
        () => false,
      );
      if (!isLoaded) await run('bootstrap', domain, fileOf(service));
    },
    async remove(service) {
      await unload(service);
      rmSync(fileOf(service), { force: true });
    },
    start: async ({ name }) => void (await run('kickstart', `${domain}/${name}`)),
    restart: async ({ name }) => void (await run('kickstart', '-k', `${domain}/${name}`)),
    async look({ name }) {
      const text = await run('print', `${domain}/${name}`).catch(() => '');
      const pid = Number(/^\s*pid = (\d+)$/m.exec(text)?.[1] ?? 0);
      return { isActive: pid !== 0, state: pid === 0 ? 'inactive' : 'active', pid: pid === 0 ? undefined : pid };
    },
  };
};

/** Whether it had to be written. */
const writeIfOther = (path: string, text: string): boolean => {
  if (existsSync(path) && readFileSync(path, 'utf8') === text) return false;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text, { mode: 0o644 });
  return true;
};

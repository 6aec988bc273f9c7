/** The steps about the hub: its setting, its service, and that the service outlives the person's session. */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openLocalHub } from '../hub/connect.ts';
import { homeFiles } from '../hub/home.ts';
import { locateHub } from '../hub/locate.ts';
import { stopHub } from '../hub/stop-hub.ts';
import { findTool, runTool } from '../trust/run-tool.ts';
import { removeBridgeSetting, writeBridgeSetting } from './bridge-setting.ts';
import type { SetupFacts } from './setup-facts.ts';
import type { SetupStep, StepOutcome } from './step.types.ts';

const probeTimeoutMs = 3_000;

export const settingStep = ({ environment: { home }, units: { port } }: SetupFacts): SetupStep => {
  const path = join(home, homeFiles.config);
  const step = 'setting';
  return {
    name: step,
    plan: [`Set "bridge" in ${path}: the hub takes connections from the bridge, and publishes navis.local.`],
    undo: [`Take "bridge" out of ${path}.`],
    apply: async () => ({
      step,
      state: (await writeBridgeSetting(home, port)) ? 'done' : 'already',
      detail: `"bridge" is set in ${path}`,
    }),
    remove: async () => ({
      step,
      state: (await removeBridgeSetting(home)) ? 'done' : 'already',
      detail: `"bridge" is not in ${path}`,
    }),
  };
};

/** The hub as a service. A hub that runs without one is replaced; terminals go on. */
export const hubServiceStep = (facts: SetupFacts): SetupStep => {
  const { manager, hub, environment } = facts;
  const step = 'hub service';
  if (manager.kind === 'none')
    return withoutManager(step, manager.reason, 'navisai up (now, and after each start of this machine)');
  const file = manager.fileOf(hub);
  return {
    name: step,
    plan: [
      `Write ${file}: the hub starts with your session and again when it fails; restarts keep terminals.`,
      'Replace a hub that runs now; its terminals go on.',
    ],
    undo: [`Stop the service and remove ${file}. Terminals go on for the next navisai up.`],
    apply: () =>
      attempt(step, async () => {
        requireOwn(file, environment.home);
        // launchd makes the log files of a job, not their folder.
        mkdirSync(join(environment.home, 'logs'), { recursive: true, mode: 0o700 });
        const { pid } = await manager.look(hub);
        await stopOther(environment.home, pid);
        await manager.install(hub);
        // What was just set is read at the start only.
        if (pid !== undefined && (await manager.look(hub)).pid === pid) await manager.restart(hub);
        return `${hub.name} is installed`;
      }),
    remove: () =>
      attempt(step, async () => {
        requireOwn(file, environment.home);
        await manager.remove(hub);
        return `${hub.name} is removed`;
      }),
  };
};

/** A person may have several homes, and one of them has the service. */
const requireOwn = (file: string, home: string): void => {
  if (existsSync(file) && !readFileSync(file, 'utf8').includes(home))
    throw new Error(`${file} belongs to another home; nothing was changed. There: navisai setup --remove`);
};

/** One hub per home: the one that is no service gives way. */
const stopOther = async (home: string, servicePid: number | undefined): Promise<void> => {
  const condition = await locateHub(home, probeTimeoutMs);
  if (condition.kind === 'dead' || condition.process?.pid === servicePid) return;
  await stopHub({ home, condition, keep: true, connect: () => openLocalHub(home) });
};

/** Told, not done: it is a setting of the machine. */
export const lingerStep = ({ manager, user }: SetupFacts): SetupStep | undefined => {
  if (manager.kind !== 'systemd') return undefined;
  const step = 'without session';
  const look = async (): Promise<StepOutcome> => {
    const loginctl = findTool('loginctl');
    const asked = loginctl === undefined ? undefined : await runTool(loginctl, ['show-user', user, '-P', 'Linger']);
    if (asked?.output === 'yes')
      return { step, state: 'already', detail: 'services of this user run without a session' };
    return {
      step,
      state: 'open',
      detail: 'services of this user end with its last session, and terminals with them',
      remedy: `loginctl enable-linger ${user}`,
    };
  };
  return {
    name: step,
    plan: [],
    undo: [],
    apply: look,
    remove: look,
  };
};

export const withoutManager = (step: string, reason: string, remedy: string): SetupStep => ({
  name: step,
  plan: [`No service: ${reason}. Instead, by hand: ${remedy}`],
  undo: [],
  apply: async () => ({ step, state: 'open', detail: reason, remedy }),
  remove: async () => ({ step, state: 'already', detail: 'there is no service' }),
});

export const attempt = async (step: string, act: () => Promise<string>): Promise<StepOutcome> => {
  try {
    return { step, state: 'done', detail: await act() };
  } catch (error) {
    return { step, state: 'failed', detail: error instanceof Error ? error.message : String(error) };
  }
};

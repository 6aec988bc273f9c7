/** `service install|remove|status|print`: the node as a service of this machine or of this user; everything can be taken back. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { NavisError } from '@navisai/protocol';
import { readMembership } from '../join/membership.ts';
import { findRunningNode } from '../run/running-file.ts';
import type { Flags } from '../settings/flags.ts';
import type { Settings } from '../settings/settings.ts';
import { joinOnce } from './join-once.ts';
import { serviceManager } from './service-manager.ts';
import {
  findInstalled,
  isSystemdRunning,
  planService,
  requireLastingProgram,
  type ServicePlan,
} from './service-plan.ts';

interface ServiceRequest {
  flags: Flags;
  settings: Settings;
  say(text: string): void;
}

export const runService = async (request: ServiceRequest): Promise<number> => {
  const plan = planService(request.flags, request.settings);
  switch (request.flags.serviceAction) {
    case 'print':
      process.stdout.write(plan.content);
      return 0;
    case 'install':
      return await install(plan, request);
    case 'remove':
      return remove(plan, request);
    case 'status':
    case undefined:
      return status(plan, request);
  }
};

const install = async (plan: ServicePlan, { flags, settings, say }: ServiceRequest): Promise<number> => {
  if (findInstalled(plan) === 'foreign')
    throw new NavisError('CONFLICT', `${plan.file} runs a node in another home. Nothing was changed.`);
  const isFileOnly = flags.noStart || plan.isScratch;
  if (!isFileOnly) {
    requireManager(plan);
    requireLastingProgram(plan);
    if (readMembership(settings.folder.membershipFile) === undefined) await joinOnce(settings, say);
  }
  if (existsSync(plan.file) && readFileSync(plan.file, 'utf8') === plan.content) say(`${plan.file} is there already.`);
  else {
    say(`Writing ${plan.file}`);
    mkdirSync(dirname(plan.file), { recursive: true });
    writeFileSync(plan.file, plan.content, { mode: 0o644 });
  }
  if (isFileOnly) {
    say('Nothing was started.');
    return 0;
  }
  const before = findRunningNode(settings.folder.runningFile)?.pid;
  say('Starting the service:');
  serviceManager(plan, say).start();
  return await observe({ settings, before, say });
};

const observeDeadlineMs = 15_000;
const pollMs = 100;

/** Only what was seen to work is told as working. */
const observe = async (parts: {
  settings: Settings;
  before: number | undefined;
  say(text: string): void;
}): Promise<number> => {
  const { settings, before, say } = parts;
  const end = performance.now() + observeDeadlineMs;
  for (;;) {
    const running = findRunningNode(settings.folder.runningFile);
    if (running?.state === 'connected' && running.pid !== before) {
      say(`The service runs: node ${running.name ?? ''} is connected to ${running.hubUrl}.`);
      return 0;
    }
    if (performance.now() > end) {
      say(`The service was started, but is not connected yet${running?.reason ? `: ${running.reason}` : ''}.`);
      return 3;
    }
    await delay(pollMs);
  }
};

const remove = (plan: ServicePlan, { say }: ServiceRequest): number => {
  const installed = findInstalled(plan);
  if (installed !== 'own') {
    say(installed === 'none' ? `There is no ${plan.file}.` : `${plan.file} runs a node in another home; it stays.`);
    return 0;
  }
  if (!plan.isScratch && (plan.manager === 'launchd' || isSystemdRunning())) {
    say('Stopping the service (its terminals go on; navisai node leave ends them):');
    serviceManager(plan, say).stop();
  }
  rmSync(plan.file);
  say(`Removed ${plan.file}`);
  return 0;
};

const status = (plan: ServicePlan, { say }: ServiceRequest): number => {
  if (findInstalled(plan) !== 'own') {
    say('The node of this home is not installed as a service.');
    return 5;
  }
  say(`Installed: ${plan.file}`);
  if (plan.manager === 'systemd' && !isSystemdRunning()) {
    say('systemd does not run on this machine.');
    return 3;
  }
  const { isActive, text } = serviceManager(plan, () => undefined).status();
  say(text);
  return isActive ? 0 : 3;
};

const requireManager = ({ manager }: ServicePlan): void => {
  if (manager === 'launchd' || isSystemdRunning()) return;
  throw new NavisError(
    'CONFLICT',
    'systemd does not run on this machine, so no service can be started. --no-start writes the unit file all the same; or let another supervisor run: navis-node --home FOLDER',
  );
};

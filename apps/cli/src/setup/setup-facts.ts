/** What every step of the setup knows: the person, the programs, the services, the port. */
import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import type { Environment } from '../environment.ts';
import { bridgeEntry } from '../hub/bridge-entry.ts';
import { daemonEntry } from '../hub/daemon-entry.ts';
import { findServiceManager, type FoundManager, type Service } from './service-manager.ts';
import { bridgeLabel, bridgePlist, hubLabel, hubPlist } from './launchd-plists.ts';
import { bridgeUnit, bridgeUnitName, hubUnit, hubUnitName, type UnitFacts } from './systemd-units.ts';

export interface SetupFacts {
  environment: Environment;
  manager: FoundManager;
  units: UnitFacts;
  user: string;
  /** Whether this user may open the port that the bridge is to own. */
  isPortAllowed: boolean;
  hub: Service;
  bridge: Service;
}

export const gatherFacts = async (environment: Environment, port: number): Promise<SetupFacts> => {
  const { home, userFolder } = environment;
  const units: UnitFacts = {
    runtime: process.execPath,
    hubProgram: daemonEntry(),
    bridgeProgram: bridgeEntry(),
    home,
    port,
  };
  const manager = await findServiceManager(userFolder);
  const isLaunchd = manager.kind === 'launchd';
  return {
    environment,
    manager,
    units,
    user: userInfo().username,
    isPortAllowed: isLaunchd || process.geteuid?.() === 0 || port >= firstFreePort(),
    hub: isLaunchd ? { name: hubLabel, text: hubPlist(units) } : { name: hubUnitName, text: hubUnit(units) },
    bridge: isLaunchd
      ? { name: bridgeLabel, text: bridgePlist(units) }
      : { name: bridgeUnitName, text: bridgeUnit(units) },
  };
};

const usualFirstFreePort = 1024;

const firstFreePort = (): number => {
  try {
    const text = readFileSync('/proc/sys/net/ipv4/ip_unprivileged_port_start', 'utf8').trim();
    return /^\d+$/.test(text) ? Number(text) : usualFirstFreePort;
  } catch {
    return usualFirstFreePort;
  }
};

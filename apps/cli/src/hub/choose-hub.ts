/** Which hub a command means: the one that is named, else the person's default, else the one of this machine. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Environment } from '../environment.ts';
import { homeFiles } from './home.ts';
import { type KnownHub, localHubName, readKnownHubs, unknownHub } from './known-hubs.ts';

/** `undefined`: the hub of this machine. Rejects with a CommandError for a name that nobody has. */
export const chooseHub = async ({
  home,
  hubName,
}: Pick<Environment, 'home' | 'hubName'>): Promise<KnownHub | undefined> => {
  if (hubName === localHubName) return undefined;
  const known = await readKnownHubs(home);
  const name = hubName ?? known.default;
  if (name === undefined) return undefined;
  const hub = known.hubs.find((one) => one.name === name);
  if (hub === undefined) throw unknownHub(name, known.hubs);
  return hub;
};

/** Whether a hub was ever started here. */
export const hasLocalHub = (home: string): boolean => existsSync(join(home, homeFiles.hostDevice));

/** Where everything of one hub lies: `$NAVIS_HOME`, readable by its user only. */
import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';

export interface HomeFolder {
  readonly root: string;
  readonly run: string;
  readonly certificates: string;
  readonly logs: string;
  /** What opens the keys in the store; made when it is needed, and no part of a backup (A8). */
  readonly keys: string;
  /** The person's own profiles of agents; need not be there. */
  readonly profiles: string;
  readonly configFile: string;
  readonly identityFile: string;
  readonly hostDeviceFile: string;
  /** Where every command finds the running hub (I5). */
  readonly runningFile: string;
  readonly lockFile: string;
  readonly storeFile: string;
  /** How much the store held: notices one that was put back to an older backup. */
  readonly storeLifeFile: string;
  /** Bytes of attached and published files. */
  readonly contents: string;
}

/** Makes the folders that are missing (0700). */
export const openHomeFolder = (root: string): HomeFolder => {
  const home: HomeFolder = {
    root,
    run: join(root, 'run'),
    certificates: join(root, 'certs'),
    logs: join(root, 'logs'),
    keys: join(root, 'keys'),
    profiles: join(root, 'profiles'),
    configFile: join(root, 'config.json'),
    identityFile: join(root, 'identity.json'),
    hostDeviceFile: join(root, 'host-device.json'),
    runningFile: join(root, 'run', 'daemon.json'),
    lockFile: join(root, 'run', 'hub.lock'),
    storeFile: join(root, 'store', 'navis.db'),
    storeLifeFile: join(root, 'run', 'store.json'),
    contents: join(root, 'contents'),
  };
  for (const folder of [home.root, home.run, home.certificates, home.logs]) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    chmodSync(folder, 0o700);
  }
  return home;
};

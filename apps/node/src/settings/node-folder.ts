/** Where everything of one node lies: `$NAVIS_HOME/node`, readable by its user only. */
import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';

export interface NodeFolder {
  readonly root: string;
  readonly run: string;
  readonly logs: string;
  /** State of the machine: terminals, their output, results. */
  readonly machine: string;
  /** Which node of which hub this is. */
  readonly membershipFile: string;
  readonly keyFile: string;
  /** The ceiling (N12), written by whoever owns this machine; never by Navis. */
  readonly ceilingFile: string;
  readonly environmentFile: string;
  /** Where `navisai node status` finds the running node. */
  readonly runningFile: string;
  readonly lockFile: string;
}

/** `home` is `$NAVIS_HOME`. */
export const nodeFolder = (home: string): NodeFolder => {
  const root = join(home, 'node');
  const run = join(root, 'run');
  return {
    root,
    run,
    logs: join(root, 'logs'),
    machine: join(root, 'machine'),
    membershipFile: join(root, 'node.json'),
    keyFile: join(root, 'key'),
    ceilingFile: join(root, 'policy.json'),
    environmentFile: join(root, '.env'),
    runningFile: join(run, 'node.json'),
    lockFile: join(run, 'node.lock'),
  };
};

/** Makes the folders that are missing (0700). */
export const openNodeFolder = (home: string): NodeFolder => {
  const folder = nodeFolder(home);
  for (const path of [home, folder.root, folder.run, folder.logs, folder.machine]) {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    chmodSync(path, 0o700);
  }
  return folder;
};

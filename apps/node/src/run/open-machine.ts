/** The machine that the node serves, with the node's settings. */
import { existsSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { createMachine, type Machine } from '@navisai/machine';
import type { Owner } from '@navisai/policy';
import { readMembership } from '../join/membership.ts';
import { ownPackage } from '../own-package.ts';
import type { Settings } from '../settings/settings.ts';

export interface MachineRequest {
  settings: Settings;
  nodeId: string;
  onUnexpected(error: unknown): void;
}

export const openMachine = ({ settings, nodeId, onUnexpected }: MachineRequest): Machine => {
  const { home, folder, person, allowedCommands, terminalIdleMs, projectRoots } = settings;
  return createMachine({
    stateDirectory: folder.machine,
    runtimeDirectory: person.runtimeDirectory,
    home: person.home,
    language: person.language,
    nodeId,
    allowedCommands,
    ceilingFile: folder.ceilingFile,
    hiddenPaths: [home, ...[resolve('.env')].filter(existsSync)],
    programPaths: programPaths(),
    projectRoots,
    owner: () => ownerOf(folder.membershipFile),
    idleLimitMs: terminalIdleMs,
    onUnexpected,
  });
};

/** Read when a call shows an approval: the first welcome may have come since. */
const ownerOf = (membershipFile: string): Owner | null => {
  const membership = readMembership(membershipFile);
  return membership?.owner === undefined ? null : { ...membership.owner, hubId: membership.hubId };
};

/** Code of this node: its package, and with it the folder where packages lie beside each other, or the workspace. */
const programPaths = (): string[] => {
  const around = resolve(ownPackage, '../..');
  const isWorkspace = existsSync(join(around, 'apps', 'node', 'src'));
  return basename(around) === 'node_modules' || isWorkspace ? [around] : [ownPackage];
};

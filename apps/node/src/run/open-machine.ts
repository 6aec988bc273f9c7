/** The machine that the node serves, with the node's settings. */
import { existsSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { createMachine, type Machine } from '@navisai/machine';
import { ownPackage } from '../own-package.ts';
import type { Settings } from '../settings/settings.ts';

export interface MachineRequest {
  settings: Settings;
  nodeId: string;
  onUnexpected(error: unknown): void;
}

export const openMachine = ({ settings, nodeId, onUnexpected }: MachineRequest): Machine => {
  const { home, folder, person, allowedCommands, terminalIdleMs } = settings;
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
    idleLimitMs: terminalIdleMs,
    onUnexpected,
  });
};

/** Code of this node: its package, and with it the folder where packages lie beside each other, or the workspace. */
const programPaths = (): string[] => {
  const around = resolve(ownPackage, '../..');
  const isWorkspace = existsSync(join(around, 'apps', 'node', 'src'));
  return basename(around) === 'node_modules' || isWorkspace ? [around] : [ownPackage];
};

/** The step about the bridge: a service of this user where it may own the port, else one that needs a line of sudo. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { quoteWord, shellText } from '../command-line/quote.ts';
import { attempt, withoutManager } from './hub-steps.ts';
import type { SetupFacts } from './setup-facts.ts';
import type { SetupStep } from './step.types.ts';
import { bridgeSocketName, bridgeSocketUnit, bridgeUnitName, systemBridgeUnit } from './systemd-units.ts';

export const bridgeStepName = 'bridge service';
const step = bridgeStepName;
const systemFolder = '/etc/systemd/system';
const names = [bridgeSocketName, bridgeUnitName];
const systemPlaces = names.map((name) => join(systemFolder, name));
const removalLine = `systemctl disable --now ${names.join(' ')}; ${shellText(['rm', '-f', ...systemPlaces])}; systemctl daemon-reload`;

export const bridgeServiceStep = (facts: SetupFacts): SetupStep => {
  const { manager, isPortAllowed, units } = facts;
  if (manager.kind === 'none') {
    const words = shellText([units.runtime, units.bridgeProgram, `--port=${units.port}`]);
    return withoutManager(step, manager.reason, `NAVIS_HOME=${quoteWord(units.home)} ${words}`);
  }
  return isPortAllowed ? userService(facts) : systemService(facts);
};

const userService = ({ manager, bridge, units: { port } }: SetupFacts): SetupStep => {
  if (manager.kind === 'none') return withoutManager(step, manager.reason, '');
  const file = manager.fileOf(bridge);
  return {
    name: step,
    plan: [`Write ${file}: the bridge owns port ${port} and forwards it to the hub. No firewall is touched.`],
    undo: [`Stop the service and remove ${file}.`],
    async apply() {
      // An earlier setup for a port of root's: only root can end it.
      if (systemPlaces.some((place) => existsSync(place)))
        return { step, state: 'open', detail: 'a bridge that belongs to root is installed', remedy: sudo(removalLine) };
      return attempt(step, async () => {
        await manager.install(bridge);
        return `${bridge.name} is installed`;
      });
    },
    remove: () =>
      attempt(step, async () => {
        await manager.remove(bridge);
        return `${bridge.name} is removed`;
      }),
  };
};

/** systemd opens the port and hands it to a bridge without privileges; only root can ask systemd for that. */
const systemService = ({ units, user, manager, bridge }: SetupFacts): SetupStep => {
  const folder = join(units.home, 'setup');
  // Of an earlier setup for a port that needed nobody's help.
  const removeOwn = async (): Promise<void> => (manager.kind === 'none' ? undefined : manager.remove(bridge));
  return {
    name: step,
    plan: [
      `Write ${names.map((name) => join(folder, name)).join(' and ')}.`,
      `Port ${units.port} belongs to root: you are shown one line of sudo that copies them to ${systemFolder} and starts them.`,
    ],
    undo: [`Remove ${folder}, and show the line of sudo that removes ${systemPlaces.join(' and ')}.`],
    async apply() {
      await removeOwn();
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      const texts = [bridgeSocketUnit(units), systemBridgeUnit({ ...units, user })];
      for (const [index, name] of names.entries())
        writeFileSync(join(folder, name), texts[index] ?? '', { mode: 0o644 });
      const files = names.map((name) => join(folder, name));
      const line = [
        shellText(['install', '-m', '644', ...files, systemFolder]),
        'systemctl daemon-reload',
        `systemctl enable ${bridgeSocketName}`,
        `systemctl restart ${bridgeSocketName}`,
      ].join(' && ');
      return systemPlaces.every((place, index) => holds(place, texts[index] ?? ''))
        ? { step, state: 'already', detail: `${bridgeSocketName} is installed`, remedy: undefined }
        : { step, state: 'open', detail: `port ${units.port} needs root, once`, remedy: sudo(line) };
    },
    async remove() {
      await removeOwn();
      rmSync(folder, { recursive: true, force: true });
      return systemPlaces.some((place) => existsSync(place))
        ? { step, state: 'open', detail: 'its service belongs to root', remedy: sudo(removalLine) }
        : { step, state: 'already', detail: 'there is no service' };
    },
  };
};

const holds = (path: string, text: string): boolean => existsSync(path) && readFileSync(path, 'utf8') === text;

const sudo = (line: string): string => `sudo sh -c ${quoteWord(line)}`;

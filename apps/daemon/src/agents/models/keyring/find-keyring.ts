/** Which keyring the person's session may have, by the environment of the hub; nothing is asked yet. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { KeyringSettings } from './keyring.types.ts';

/** What its programs need to know, and nothing else of the hub's environment. */
const told = ['HOME', 'PATH', 'LANG', 'XDG_RUNTIME_DIR', 'DBUS_SESSION_BUS_ADDRESS'] as const;

export const findKeyring = (
  variables: NodeJS.ProcessEnv,
  platform: NodeJS.Platform = process.platform,
): KeyringSettings | undefined => {
  if (!variables.HOME) return undefined;
  const environment = Object.fromEntries(told.flatMap((name) => (variables[name] ? [[name, variables[name]]] : [])));
  if (platform === 'darwin') return { kind: 'keychain', environment };
  const { DBUS_SESSION_BUS_ADDRESS: address, XDG_RUNTIME_DIR: folder } = variables;
  if (address) return { kind: 'secret-service', environment };
  // Services of systemd and shells of `ssh` are not told the address, only the folder.
  const socket = folder ? join(folder, 'bus') : '';
  if (socket === '' || !existsSync(socket)) return undefined;
  const found = { ...environment, DBUS_SESSION_BUS_ADDRESS: `unix:path=${socket}` };
  return { kind: 'secret-service', environment: found };
};

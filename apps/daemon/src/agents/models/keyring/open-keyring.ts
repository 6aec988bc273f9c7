/** The keyring of the machine that the hub runs on, where it may have one. */
import { openKeychain } from './keychain.ts';
import type { Keyring, KeyringSettings } from './keyring.types.ts';
import { openSecretService } from './secret-service.ts';

export const openKeyring = (settings: KeyringSettings | undefined): Keyring | undefined => {
  if (settings === undefined) return undefined;
  const { kind, environment } = settings;
  return kind === 'keychain' ? openKeychain(environment) : openSecretService(environment);
};

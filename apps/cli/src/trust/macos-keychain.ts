/** The keychain of macOS: Safari, Chrome and curl read it; Firefox too. Written through `security`. */
import { join } from 'node:path';
import type { Authority } from './authority.ts';
import { runTool } from './run-tool.ts';
import type { TrustOutcome, TrustState, TrustStore } from './trust-store.types.ts';

const security = '/usr/bin/security';

/** The person's own keychain (macOS asks for the password), or the system's for root. */
export const createMacosKeychain = ({ userFolder, isRoot }: { userFolder: string; isRoot: boolean }): TrustStore => {
  const keychain = isRoot
    ? '/Library/Keychains/System.keychain'
    : join(userFolder, 'Library/Keychains/login.keychain-db');
  const domain = isRoot ? ['-d'] : [];
  const outcome = (state: TrustState, facts: Partial<TrustOutcome> = {}): TrustOutcome => ({
    title: 'keychain',
    location: keychain,
    state,
    ...facts,
  });

  return {
    check: async (authority) => outcome((await isTrusted(authority)) ? 'already' : 'absent'),

    async add(authority) {
      if (await isTrusted(authority)) return outcome('already');
      const args = ['add-trusted-cert', ...domain, '-r', 'trustRoot', '-p', 'ssl', '-k', keychain, authority.path];
      const added = await runTool(security, args);
      if (await isTrusted(authority)) return outcome('added');
      const remedy = `${isRoot ? 'sudo ' : ''}security ${args.join(' ')}`;
      return outcome('failed', { detail: added.output, remedy });
    },

    async remove(authority) {
      if (!(await holds(authority, keychain))) return outcome('absent');
      await runTool(security, ['remove-trusted-cert', ...domain, authority.path]);
      const deleted = await runTool(security, ['delete-certificate', '-Z', authority.shortFingerprint, keychain]);
      if (!(await holds(authority, keychain))) return outcome('removed');
      return outcome('failed', {
        detail: deleted.output,
        remedy: `security delete-certificate -Z ${authority.shortFingerprint} "${keychain}"`,
      });
    },
  };
};

const isTrusted = async ({ path }: Authority): Promise<boolean> =>
  (await runTool(security, ['verify-cert', '-c', path, '-p', 'basic', '-l', '-L'])).isSuccess;

const holds = async ({ shortFingerprint }: Authority, keychain: string): Promise<boolean> =>
  (await runTool(security, ['find-certificate', '-a', '-Z', keychain])).output.includes(shortFingerprint);

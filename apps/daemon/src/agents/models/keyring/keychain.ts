/** The login keychain of macOS, by its program `security`. */
import type { Keyring } from './keyring.types.ts';
import { runKeyringTool } from './run-keyring-tool.ts';

const service = 'navis-model-keys';
/** The exit code of `security` for what is not there. */
const absent = /failed \(44\)$/;

export const openKeychain = (environment: Record<string, string>, file = '/usr/bin/security'): Keyring => {
  const run = (words: readonly string[], input?: string): Promise<string> =>
    runKeyringTool({ file, arguments: words, environment, input });
  const find = async (account: string): Promise<string | undefined> => {
    try {
      return (await run(['find-generic-password', '-s', service, '-a', account, '-w'])).trim() || undefined;
    } catch (error) {
      if (error instanceof Error && absent.test(error.message)) return undefined;
      throw error;
    }
  };
  return {
    name: 'the login keychain',
    isOpen: () =>
      run(['show-keychain-info']).then(
        () => true,
        () => false,
      ),
    find,
    async keep(account, secret) {
      // `-i` reads the words of a command from its input, where no other process sees them; it always ends with 0.
      await run(['-i'], `add-generic-password -U -s ${service} -a ${account} -w ${secret}\n`);
      if ((await find(account)) !== secret) throw new Error('the login keychain did not keep the key');
    },
  };
};

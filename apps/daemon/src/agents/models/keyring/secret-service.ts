/** The Secret Service of a desktop (GNOME Keyring, KWallet, KeePassXC), by `secret-tool` of libsecret. */
import type { Keyring } from './keyring.types.ts';
import { runKeyringTool } from './run-keyring-tool.ts';

const service = 'org.freedesktop.secrets';
const root = '/org/freedesktop/secrets';
const label = 'Navis: opens the keys of model providers';

interface BusCall {
  /** Well-known name, object and method. */
  to: readonly [name: string, object: string, member: string];
  /** Strings. */
  given: readonly string[];
}

interface BusProgram {
  file: string;
  words(call: BusCall): string[];
}

/** Both programs are in use: one comes with systemd, the other with the bus. */
const busPrograms: readonly [BusProgram, BusProgram] = [
  {
    file: 'busctl',
    words: ({ to: [name, object, member], given }) => {
      const [contract, method] = splitMember(member);
      return ['--user', 'call', name, object, contract, method, 's'.repeat(given.length), ...given];
    },
  },
  {
    file: 'dbus-send',
    words: ({ to: [name, object, member], given }) =>
      ['--session', '--print-reply=literal', `--dest=${name}`, object, member].concat(
        given.map((one) => `string:${one}`),
      ),
  },
];

const splitMember = (member: string): [contract: string, method: string] => {
  const at = member.lastIndexOf('.');
  return [member.slice(0, at), member.slice(at + 1)];
};

export const openSecretService = (environment: Record<string, string>): Keyring => {
  const ask = async (call: BusCall): Promise<string> => {
    const [first, second] = busPrograms;
    const run = ({ file, words }: BusProgram): Promise<string> =>
      runKeyringTool({ file, arguments: words(call), environment });
    return run(first).catch((error: unknown) => {
      if (error instanceof Error && error.message.endsWith('(ENOENT)')) return run(second);
      throw error;
    });
  };
  const tool = (words: readonly string[], input?: string): Promise<string> =>
    runKeyringTool({ file: 'secret-tool', arguments: words, environment, input });
  return {
    name: 'the keyring of this desktop (Secret Service)',
    isOpen: () => isUnlocked(ask).catch(() => false),
    async find(account) {
      // `search` shows nothing of what is locked; `lookup` would ask for its password.
      const found = await tool(['search', ...attributesOf(account)]);
      return /^secret = (.*)$/m.exec(found)?.[1];
    },
    async keep(account, secret) {
      await tool(['store', `--label=${label}`, ...attributesOf(account)], secret);
    },
  };
};

const attributesOf = (account: string): string[] => ['application', 'navis', 'hub', account];

/** Somebody answers already, there is a collection to keep things in, and it is open: nothing would ask. */
const isUnlocked = async (ask: (call: BusCall) => Promise<string>): Promise<boolean> => {
  const bus = ['org.freedesktop.DBus', '/org/freedesktop/DBus'] as const;
  const isThere = await ask({ to: [...bus, 'org.freedesktop.DBus.NameHasOwner'], given: [service] });
  if (!/\btrue\b/.test(isThere)) return false;
  const alias = await ask({ to: [service, root, 'org.freedesktop.Secret.Service.ReadAlias'], given: ['default'] });
  const collection = /\/[\w/]+/.exec(alias)?.[0];
  if (collection === undefined) return false;
  const properties = 'org.freedesktop.DBus.Properties.Get';
  const given = ['org.freedesktop.Secret.Collection', 'Locked'];
  return /\bfalse\b/.test(await ask({ to: [service, collection, properties], given }));
};

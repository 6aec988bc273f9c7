/** `navisai logout`: gives up the key that this CLI has for a hub elsewhere. */
import type { KnownHub } from '../hub/known-hubs.ts';
import { defineCommand } from '../command-line/command.types.ts';
import { readEnvironment } from '../environment.ts';
import { openKnownHub } from '../hub/connect.ts';
import { readKnownHubs, unknownHub, writeKnownHubs } from '../hub/known-hubs.ts';
import { usageError } from '../output/command-error.ts';

const answerDeadlineMs = 5_000;

export const logout = defineCommand({
  isLocal: true,
  summary: 'Forget a hub on another machine.',
  details:
    'Asks the hub to revoke this CLI, which only a CLI with the scope admin may do itself, and removes its key here in any case.',
  examples: [{ command: 'navisai logout home', note: 'a hub as named by navisai login --list' }],
  flags: {},
  positionals: [
    {
      name: 'name',
      optional: true,
      completes: 'hubs',
      maxLength: 64,
      summary: 'The hub; may be left out when there is only one.',
    },
  ],
  async run({ positionals, output }) {
    const { home } = readEnvironment();
    const known = await readKnownHubs(home);
    const hub = choose(known.hubs, positionals.name);
    const isRevoked = await revoke(hub);
    const hubs = known.hubs.filter((one) => one !== hub);
    await writeKnownHubs(home, { default: known.default === hub.name ? undefined : known.default, hubs });
    output.result({ name: hub.name, revoked: isRevoked }, () =>
      isRevoked
        ? `Logged out of ${hub.name}.`
        : [
            `The key for ${hub.name} is gone from here.`,
            `The hub still lists this CLI: navisai devices revoke ${hub.deviceId}`,
          ],
    );
  },
});

const choose = (hubs: readonly KnownHub[], name: string | undefined): KnownHub => {
  const [only, ...others] = hubs;
  if (name === undefined && others.length > 0)
    throw usageError('Which hub?', `navisai logout ${hubs.map((hub) => hub.name).join(' | ')}`);
  const hub = name === undefined ? only : hubs.find((one) => one.name === name);
  if (hub === undefined) throw unknownHub(name ?? '', hubs);
  return hub;
};

const revoke = async (hub: KnownHub): Promise<boolean> => {
  const connection = await openKnownHub(hub);
  try {
    await connection.api.revokeDevice({ params: { id: hub.deviceId } }, { timeoutMs: answerDeadlineMs });
    return true;
  } catch {
    return false;
  } finally {
    connection.close();
  }
};

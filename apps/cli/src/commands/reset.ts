/** `navisai reset`: removes what the hub keeps on this machine. */
import { existsSync } from 'node:fs';
import { rm, rmdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { defineCommand } from '../command-line/command.types.ts';
import { readEnvironment, type Environment } from '../environment.ts';
import { openLocalHub } from '../hub/connect.ts';
import { readLocalAuthority } from '../hub/home.ts';
import { locateHub } from '../hub/locate.ts';
import { stopHub } from '../hub/stop-hub.ts';
import { removeNodeServices, runNodeProgram } from '../nodes/node-program.ts';
import { CommandError } from '../output/command-error.ts';
import { confirm } from '../output/confirm.ts';

const probeTimeoutMs = 3_000;

/** Everything that hub and CLI write into a home. The configuration is the person's own work and stays. */
const stateEntries = [
  'store',
  'keys',
  'terminals',
  'calls',
  'calls.journal',
  'approvals.journal',
  'revocations.json',
  'policy-overlay.json',
  'hosts',
  'sh',
  'run',
  'logs',
  'cache',
  'identity.json',
  'host-device.json',
];
const trustEntries = ['certs', 'trust.json'];
/** Of a machine that is a node as well; its ceiling and `.env` are the person's own work. */
const nodeEntries = ['node.json', 'key', 'machine', 'run', 'logs'].map((name) => join('node', name));

export const reset = defineCommand({
  isLocal: true,
  summary: "Remove the hub's state from this machine.",
  details:
    'Stops the hub, ends every terminal, then removes sessions, terminal histories, paired devices, nodes, logs and keys. A machine that is a node of another hub leaves it. The configuration stays, and so do policy.json and .env of a node. The certificates stay too, so that browsers go on trusting this hub, unless --trust is given: it also takes them out of the trust stores.',
  examples: [
    { command: 'navisai reset', note: 'asks first' },
    { command: 'navisai reset --yes --trust', note: 'everything but the configuration, without asking' },
  ],
  flags: {
    yes: { type: 'boolean', short: 'y', summary: 'Do not ask.' },
    trust: { type: 'boolean', summary: 'Remove the certificates and the trust in them as well.' },
  },
  async run({ flags, output }) {
    const environment = readEnvironment();
    const { home } = environment;
    await requireHome(home);
    const warning = `This ends every terminal and removes sessions, histories, paired devices and keys in ${home}.`;
    const question = { warning, question: 'Remove them?', remedy: 'navisai reset --yes' };
    if (!flags.yes && !(await confirm(question, output))) {
      output.remark('Nothing was removed.');
      return 1;
    }
    const condition = await locateHub(home, probeTimeoutMs);
    await stopHub({ home, condition, keep: false, connect: () => openLocalHub(home) });
    const isNode = existsSync(join(home, 'node'));
    if (isNode) await leaveHub(home);
    const remaining = flags.trust ? await removeTrust(environment) : [];
    const entries = [...stateEntries, ...(isNode ? nodeEntries : []), ...(flags.trust ? trustEntries : [])];
    for (const entry of entries) await rm(join(home, entry), { recursive: true, force: true });
    if (isNode) await rmdir(join(home, 'node')).catch(() => undefined);
    const left = await leftOver(home);
    output.result({ home, removed: entries, left, remaining }, () => [
      `Removed the state in ${home}.`,
      ...(left.length === 0 ? [] : [`Left there: ${left.join(', ')}`]),
      ...remaining,
    ]);
    return 0;
  },
});

/** Nothing is removed from a folder that is no home of a hub. */
const requireHome = async (home: string): Promise<void> => {
  const entries = await readdir(home).catch((): string[] => []);
  const isHome = ['host-device.json', 'identity.json', 'run', 'node'].some((name) => entries.includes(name));
  if (isHome || (await readLocalAuthority(home)) !== undefined) return;
  throw new CommandError(`${home} is not the home of a hub.`, {
    code: 'NOT_FOUND',
    exitCode: 5,
    affects: 'Nothing was removed.',
    remedy: 'Check NAVIS_HOME.',
  });
};

/** Its program ends its terminals, which no hub can reach once their records are gone. */
const leaveHub = async (home: string): Promise<void> => {
  if ((await removeNodeServices(home)) && (await runNodeProgram(home, ['leave'], 'remark')) === 0) return;
  throw new CommandError('The node of this machine could not be ended.', {
    code: 'CONFLICT',
    exitCode: 6,
    affects: 'The hub is stopped; nothing was removed.',
    remedy: 'navisai node leave, then navisai reset once more',
  });
};

/** What could not be taken out of the trust stores, as lines for the person. */
const removeTrust = async (environment: Environment): Promise<string[]> => {
  const { removeTrustOf } = await import('../trust/trust.ts');
  return (await removeTrustOf(environment)).flatMap(({ state, title, remedy }) =>
    state === 'failed' ? [`Still trusted: ${title}${remedy === undefined ? '' : ` → ${remedy}`}`] : [],
  );
};

/** The home itself goes when nothing is left in it. */
const leftOver = async (home: string): Promise<string[]> => {
  const left = await readdir(home).catch((): string[] => []);
  if (left.length === 0) await rmdir(home).catch(() => undefined);
  return left;
};

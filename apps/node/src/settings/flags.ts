/** The command line of a node's program. */
import { parseArgs } from 'node:util';
import { NavisError } from '@navisai/protocol';

const modes = ['run', 'status', 'leave', 'service'] as const;
type Mode = (typeof modes)[number];
const serviceActions = ['install', 'remove', 'status', 'print'] as const;
export type ServiceAction = (typeof serviceActions)[number];

export interface Flags {
  mode: Mode;
  serviceAction: ServiceAction | undefined;
  home: string | undefined;
  hub: string | undefined;
  /** Ends the terminals that a dead node left behind, then leaves. */
  endHosts: boolean;
  json: boolean;
  /** Of `service`: for this machine instead of this user. */
  system: boolean;
  /** Of `service --system`: the account that the node runs as. */
  user: string | undefined;
  /** Of `service`: a folder that stands for `/`; nothing is started there. */
  root: string | undefined;
  /** Of `service install`: writes the file and starts nothing. */
  noStart: boolean;
  help: boolean;
}

export const usage = `Usage: navis-node [--home FOLDER] [--hub URL]
       navis-node --end-hosts
       navis-node status [--json]
       navis-node leave
       navis-node service install|remove|status|print [--system [--user NAME]] [--no-start] [--root FOLDER]

Serves this machine to one hub. The first time it needs NODE_API_KEY, in the environment or in .env.

  --home FOLDER  where everything is kept; beats NAVIS_HOME
  --hub URL      where the hub is; beats NAVIS_HUB_URL
  --end-hosts    end the terminals that a dead node left behind, and leave

Exit codes: 0 ended as asked, 1 failed (start it again), 2 wrong usage or settings, 3 no hub (status), 4 refused by the hub,
6 replaced by another process, other version, or running already, 7 cannot enforce its ceiling.
`;

const options = {
  home: { type: 'string' },
  hub: { type: 'string' },
  'end-hosts': { type: 'boolean' },
  json: { type: 'boolean' },
  system: { type: 'boolean' },
  user: { type: 'string' },
  root: { type: 'string' },
  'no-start': { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

/** Throws NavisError INVALID_ARGUMENT naming the flag. */
export const parseFlags = (given: readonly string[]): Flags => {
  refuseKeys(given);
  const { values, positionals } = parseStrictly(given);
  for (const name of ['home', 'hub', 'user', 'root'] as const)
    if (values[name] === '') throw new NavisError('INVALID_ARGUMENT', `--${name} must not be empty.`, { field: name });
  const [mode = 'run', action, ...rest] = positionals;
  if (!isOneOf(modes, mode) || rest.length > 0) throw unknownWord(mode);
  if (mode !== 'service' && action !== undefined) throw unknownWord(action);
  if (mode === 'service' && !isOneOf(serviceActions, action))
    throw new NavisError('INVALID_ARGUMENT', 'service needs one of install, remove, status, print.');
  return {
    mode,
    serviceAction: isOneOf(serviceActions, action) ? action : undefined,
    home: values.home,
    hub: values.hub,
    endHosts: values['end-hosts'] ?? false,
    json: values.json ?? false,
    system: values.system ?? false,
    user: values.user,
    root: values.root,
    noStart: values['no-start'] ?? false,
    help: values.help ?? false,
  };
};

/** N2: everybody on a machine can read the arguments of its programs. */
const refuseKeys = (given: readonly string[]): void => {
  if (!given.some((word) => word.includes('navis1.') || word.includes('NODE_API_KEY'))) return;
  throw new NavisError(
    'INVALID_ARGUMENT',
    'A node key does not belong on the command line, where everybody on this machine can read it. ' +
      'Put NODE_API_KEY into the environment or into .env. This key is no secret any more: navisai nodes rekey.',
    { field: 'NODE_API_KEY' },
  );
};

const parseStrictly = (given: readonly string[]) => {
  try {
    return parseArgs({ args: [...given], strict: true, allowPositionals: true, options });
  } catch (error) {
    const message = error instanceof Error ? error.message : 'The flags are not valid.';
    throw new NavisError('INVALID_ARGUMENT', message, { cause: error });
  }
};

const isOneOf = <T extends string>(words: readonly T[], word: string | undefined): word is T =>
  words.some((one) => one === word);

const unknownWord = (word: string): NavisError =>
  new NavisError('INVALID_ARGUMENT', `${JSON.stringify(word.slice(0, 40))} is not understood. See --help.`);

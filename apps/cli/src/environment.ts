/** Everything that the CLI reads from its environment, in one place. */
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { usageError } from './output/command-error.ts';

export interface Environment {
  /** Where this hub keeps its state: `$NAVIS_HOME`, else `~/.navis`. */
  home: string;
  /** The person's own folder, where browsers keep their trust stores. */
  userFolder: string;
  /** The hub to use, by its name here: `$NAVIS_HUB`, or `--hub`. */
  hubName: string | undefined;
  /** The terminal of Navis that this CLI runs in, if it does. */
  insideTerminalId: string | undefined;
  /** The Windows Subsystem for Linux: browsers live on the other side. */
  isWsl: boolean;
}

/** By these a machine finds what runs in a terminal or a call; a hub that carried one would be ended with it (T7, T19). */
const executionMarkers = ['NAVIS_TERMINAL_ID', 'NAVIS_CALL_ID', 'NAVIS_MACHINE'] as const;

/** What a hub of this home is started with; it keeps what the person set for it. */
export const hubEnvironment = (home: string, variables: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv => {
  const environment: NodeJS.ProcessEnv = { ...variables, NAVIS_HOME: home };
  for (const marker of executionMarkers) delete environment[marker];
  // It was meant for one command, not for everything that a hub runs.
  delete environment.NAVIS_MODEL_KEY;
  return environment;
};

/** Where this person's session has its sockets; shells that `su` and `sudo` open are not told. */
export const sessionFolder = (): string =>
  process.env.XDG_RUNTIME_DIR || `/run/user/${process.geteuid?.() ?? process.getuid?.() ?? 0}`;

/** A key for `navisai models add`, from scripts. */
export const modelKey = (): string | undefined => process.env.NAVIS_MODEL_KEY || undefined;

/** Folders of programs. */
export const programPath = (): string => process.env.PATH ?? '';

/** Throws a usage error for a home that cannot be one. */
export const readEnvironment = (variables: NodeJS.ProcessEnv = process.env): Environment => {
  const { NAVIS_HOME, NAVIS_HUB, NAVIS_TERMINAL_ID, WSL_DISTRO_NAME } = variables;
  const userFolder = homedir();
  const hasHome = NAVIS_HOME !== undefined && NAVIS_HOME !== '';
  if (hasHome && !isAbsolute(NAVIS_HOME)) throw usageError('NAVIS_HOME must be an absolute path.');
  return {
    home: hasHome ? NAVIS_HOME : join(userFolder, '.navis'),
    userFolder,
    hubName: NAVIS_HUB === '' ? undefined : NAVIS_HUB,
    insideTerminalId: NAVIS_TERMINAL_ID === '' ? undefined : NAVIS_TERMINAL_ID,
    isWsl: WSL_DISTRO_NAME !== undefined && WSL_DISTRO_NAME !== '',
  };
};

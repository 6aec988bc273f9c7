/** The settings of one node, from its flags, its environment, `.env` here and `.env` in its folder, in this order. */
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { idleTerminal, NavisError, type NodeHello, type NodeKey, parseNodeKey } from '@navisai/protocol';
import { type OwnVariables, pickOwn, readEnvironmentFile } from './environment-file.ts';
import type { Flags } from './flags.ts';
import { findHomePath } from './home-path.ts';
import { parseHubUrl } from './hub-url.ts';
import { type NodeFolder, nodeFolder } from './node-folder.ts';
import { Secret } from '@navisai/service';

const logLevels = ['debug', 'info', 'warn', 'error'] as const;

export interface Settings {
  /** `$NAVIS_HOME`. */
  home: string;
  folder: NodeFolder;
  /** An origin; `undefined`: as it was at the last time. */
  hubUrl: string | undefined;
  key: Secret<NodeKey> | undefined;
  /** `certificate` is for a proxy of one's own that ends the TLS in front of the hub. */
  binding: NodeHello['binding'];
  /** T25. */
  terminalIdleMs: number;
  /** T27; `undefined`: unrestricted. */
  allowedCommands: string | undefined;
  logLevel: (typeof logLevels)[number];
  /** I18; `undefined`: the home directory. */
  projectRoots: string[] | undefined;
  /** The person whose commands run here. */
  person: { home: string; language: string | undefined; runtimeDirectory: string | undefined; configDirectory: string };
}

/** Throws NavisError INVALID_ARGUMENT naming what is wrong. Takes the key out of the environment (T29). */
export const readSettings = (flags: Flags): Settings => {
  const variables = { ...process.env };
  delete process.env['NODE_API_KEY'];
  return composeSettings({ flags, variables, workingDirectory: process.cwd() });
};

export interface SettingsSources {
  flags: Flags;
  variables: Readonly<Record<string, string | undefined>>;
  workingDirectory: string;
}

export const composeSettings = ({ flags, variables, workingDirectory }: SettingsSources): Settings => {
  const home = findHome(flags, variables);
  const folder = nodeFolder(home);
  const own = {
    ...readEnvironmentFile(folder.environmentFile),
    ...readEnvironmentFile(join(workingDirectory, '.env')),
    ...pickOwn(variables),
  };
  return {
    home,
    folder,
    hubUrl: hubUrlOf(flags, own),
    key: keyOf(own),
    binding: bindingOf(own),
    terminalIdleMs: idleSecondsOf(own) * 1000,
    allowedCommands: own.TERMINAL_ALLOWED_COMMANDS,
    logLevel: logLevelOf(own),
    projectRoots: projectRootsOf(own),
    person: {
      home: homedir(),
      language: variables['LANG'],
      runtimeDirectory: variables['XDG_RUNTIME_DIR'],
      configDirectory: variables['XDG_CONFIG_HOME'] || join(homedir(), '.config'),
    },
  };
};

const findHome = (flags: Flags, variables: SettingsSources['variables']): string => {
  const fromVariable = variables['NAVIS_HOME'] ?? '';
  if (flags.home === undefined && fromVariable !== '' && !isAbsolute(fromVariable))
    throw new NavisError('INVALID_ARGUMENT', 'NAVIS_HOME must be an absolute path.', { field: 'NAVIS_HOME' });
  return findHomePath(flags.home === undefined ? [] : ['--home', flags.home], variables);
};

const hubUrlOf = (flags: Flags, own: OwnVariables): string | undefined => {
  if (flags.hub !== undefined) return parseHubUrl(flags.hub, '--hub');
  return own.NAVIS_HUB_URL === undefined ? undefined : parseHubUrl(own.NAVIS_HUB_URL, 'NAVIS_HUB_URL');
};

/** The message never repeats the value. */
const keyOf = ({ NODE_API_KEY }: OwnVariables): Secret<NodeKey> | undefined => {
  if (NODE_API_KEY === undefined) return undefined;
  const key = parseNodeKey(NODE_API_KEY);
  if (key !== undefined) return new Secret(key);
  throw new NavisError(
    'INVALID_ARGUMENT',
    'NODE_API_KEY is not a node key: it begins with navis1. and was perhaps copied in part. Make another: navisai nodes rekey.',
    { field: 'NODE_API_KEY' },
  );
};

const bindingOf = ({ NAVIS_NODE_TLS: text = 'hub' }: OwnVariables): Settings['binding'] => {
  if (text === 'hub') return 'tls-exporter';
  if (text === 'proxy') return 'certificate';
  throw wrong('NAVIS_NODE_TLS', 'hub or proxy');
};

const maxIdleSeconds = 31_536_000;

const idleSecondsOf = ({ NAVIS_NODE_IDLE_SECONDS: text }: OwnVariables): number => {
  if (text === undefined) return idleTerminal.limitMinutes * 60;
  const seconds = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (seconds < 1 || seconds > maxIdleSeconds)
    throw wrong('NAVIS_NODE_IDLE_SECONDS', `a whole number from 1 to ${maxIdleSeconds}`);
  return seconds;
};

const logLevelOf = ({ NAVIS_NODE_LOG_LEVEL: text = 'info' }: OwnVariables): Settings['logLevel'] => {
  const level = logLevels.find((one) => one === text);
  if (level === undefined) throw wrong('NAVIS_NODE_LOG_LEVEL', logLevels.join(', '));
  return level;
};

const maxProjectRoots = 50;

const projectRootsOf = ({ NAVIS_NODE_PROJECT_ROOTS: text }: OwnVariables): string[] | undefined => {
  const roots = text?.split(':').filter((root) => root !== '');
  const isRight = (root: string): boolean => root.startsWith('/') || root === '~' || root.startsWith('~/');
  if (roots === undefined || (roots.every(isRight) && roots.length <= maxProjectRoots)) return roots;
  throw wrong('NAVIS_NODE_PROJECT_ROOTS', 'directories with : between them, absolute or from ~/ on');
};

const wrong = (field: string, expected: string): NavisError =>
  new NavisError('INVALID_ARGUMENT', `${field} must be ${expected}.`, { field });

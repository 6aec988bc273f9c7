/** How OpenSSH's client is started: host keys always checked, nobody asked, nothing forwarded, no word taken for an option. */
import { existsSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { NavisError } from '@navisai/protocol';
import type { SshConnection } from '@navisai/protocol';
import { findProgram } from '../find-program.ts';

export interface SshFacts {
  connection: SshConnection;
  /** The person's. */
  home: string;
  /** Absolute. */
  identityFile: string | undefined;
}

const connectSeconds = 15;

/** The first value of an option counts, so that none of these can be changed by a configuration file. */
const fixedOptions: readonly string[] = [
  'BatchMode=yes',
  'StrictHostKeyChecking=yes',
  'UpdateHostKeys=no',
  'VerifyHostKeyDNS=no',
  'NoHostAuthenticationForLocalhost=no',
  'PasswordAuthentication=no',
  'KbdInteractiveAuthentication=no',
  `ConnectTimeout=${connectSeconds}`,
  'ServerAliveInterval=15',
  'PermitLocalCommand=no',
  'ClearAllForwardings=yes',
  'ForwardAgent=no',
  'ForwardX11=no',
  'Tunnel=no',
  'ControlMaster=no',
  'ControlPath=none',
  'RemoteCommand=none',
  'RequestTTY=no',
];

/** Throws SPAWN_FAILED when it is not installed. */
export const sshProgram = (name: 'ssh' | 'scp', variables: Readonly<Record<string, string>>): string => {
  const found = findProgram(variables, [name]);
  if (found !== null) return found;
  throw new NavisError(
    'SPAWN_FAILED',
    `${name} is not installed on this node; install the OpenSSH client (package openssh-client). Nothing was started.`,
  );
};

/** For ssh and scp alike; the level of the log comes first, where a probe wants more. */
export const sshOptions = (facts: SshFacts, { logLevel = 'ERROR' } = {}): string[] => {
  const { connection, identityFile } = facts;
  const options = [
    `LogLevel=${logLevel}`,
    ...fixedOptions,
    ...(connection.port === undefined ? [] : [`Port=${connection.port}`]),
    ...(connection.user === undefined ? [] : [`User=${connection.user}`]),
    ...(identityFile === undefined ? [] : [`IdentityFile=${quoted(identityFile)}`, 'IdentitiesOnly=yes']),
    ...(connection.host_key === undefined ? [] : onlyHostKey(connection.host_key)),
  ];
  return [...ownFiles(facts), ...options.flatMap((option) => ['-o', option])];
};

/** Of scp's words, where a colon ends the host. */
export const scpHost = ({ host }: SshConnection): string => (host.includes(':') ? `[${host}]` : host);

/** ssh asks a command for keys that it knows; this one knows the expected key and nothing else, for this call only. */
const onlyHostKey = (fingerprint: string): string[] => {
  // Fails never: ssh gives up when it does.
  const answer = String.raw`if test \"$1\" = \"$2\"; then printf '%%s %%s %%s\\n' \"$3\" \"$4\" \"$5\"; fi`;
  return [
    'UserKnownHostsFile=/dev/null',
    'GlobalKnownHostsFile=/dev/null',
    `KnownHostsCommand=/bin/sh -c "${answer}" sh %f ${fingerprint} %H %t %K`,
  ];
};

/** Before all others, so that they count: hosts are known by this file alone. */
export const onlyKnownBy = (path: string): string[] =>
  [`UserKnownHostsFile=${quoted(path)}`, 'GlobalKnownHostsFile=/dev/null', 'KnownHostsCommand=none'].flatMap(
    (option) => ['-o', option],
  );

const defaultKeys = ['id_ed25519', 'id_ecdsa', 'id_rsa'] as const;

/** ssh looks into the home directory that the system knows, whatever HOME says. */
const ownFiles = ({ home, identityFile, connection }: SshFacts): string[] => {
  if (systemHome() === home) return [];
  const folder = join(home, '.ssh');
  const config = join(folder, 'config');
  const keys = defaultKeys.map((name) => join(folder, name)).filter((path) => existsSync(path));
  const options = [
    ...(connection.host_key === undefined ? [`UserKnownHostsFile=${quoted(join(folder, 'known_hosts'))}`] : []),
    ...(identityFile === undefined ? keys.map((path) => `IdentityFile=${quoted(path)}`) : []),
  ];
  return ['-F', existsSync(config) ? config : 'none', ...options.flatMap((option) => ['-o', option])];
};

const systemHome = (): string | null => {
  try {
    return userInfo().homedir;
  } catch {
    return null;
  }
};

/** As ssh reads a value: words in quotes, `%` begins a name. */
const quoted = (path: string): string =>
  `"${path
    .replaceAll('\\', '\\\\')
    .replaceAll('"', String.raw`\"`)
    .replaceAll('%', '%%')}"`;

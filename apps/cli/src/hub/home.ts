/** The files of a hub's home that the CLI reads: where the hub runs, how it is configured, how to trust it. */
import { readFile } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { CommandError } from '../output/command-error.ts';

export const homeFiles = {
  config: 'config.json',
  /** Written by the running hub; stays behind when it is killed. */
  running: join('run', 'daemon.json'),
  hostDevice: 'host-device.json',
  logFolder: 'logs',
  log: 'hub.log',
} as const;

export interface RunningHub {
  pid: number;
  /** Start time of `pid` as the kernel tells it, so a reused PID is never signalled. */
  pidStartTime: string | undefined;
  port: number;
  /** Where people reach it. */
  origin: string;
  /** What it wants the person to know, such as that its CA must be trusted anew. */
  notices: string[];
}

/** What the hub told when it started; `undefined` when it never did or ended in order. */
export const readRunningHub = async (home: string): Promise<RunningHub | undefined> => {
  const told = await readJson(join(home, homeFiles.running));
  if (!isRecord(told) || typeof told.pid !== 'number' || typeof told.port !== 'number') return undefined;
  const { pid, port, pidStartTime, origin, remarks } = told;
  return {
    pid,
    port,
    pidStartTime: typeof pidStartTime === 'string' ? pidStartTime : undefined,
    origin: typeof origin === 'string' ? origin : originOf(port),
    notices: Array.isArray(remarks) ? remarks.filter((one) => typeof one === 'string') : [],
  };
};

export const originOf = (port: number): string => `https://127.0.0.1:${port}`;

export interface CliConfig {
  port: number | undefined;
  detachKeys: string | undefined;
}

/** The settings that the CLI itself uses; the hub judges the file as a whole. Throws when it is no JSON object. */
export const readCliConfig = async (home: string): Promise<CliConfig> => {
  const path = join(home, homeFiles.config);
  const config = await readJson(path);
  if (config === undefined) return { port: undefined, detachKeys: undefined };
  if (!isRecord(config)) throw configError(path, 'is not a JSON object');
  const { port, detachKeys } = config;
  if (port !== undefined && !(Number.isInteger(port) && Number(port) >= 1 && Number(port) <= 65_535))
    throw configError(path, 'has a "port" that is no whole number from 1 to 65535');
  if (detachKeys !== undefined && typeof detachKeys !== 'string')
    throw configError(path, 'has "detachKeys" that are no text');
  return { port: port === undefined ? undefined : Number(port), detachKeys };
};

const configError = (path: string, problem: string): CommandError =>
  new CommandError(`The configuration ${path} ${problem}.`, {
    code: 'INVALID_ARGUMENT',
    exitCode: 2,
    affects: 'Nothing was started.',
    remedy: 'Correct the file, or remove it to use the defaults.',
  });

/** PEM of the CA that signs the hub's certificate, and where it is kept. */
export interface LocalAuthority {
  path: string;
  pem: string;
}

/** `undefined` when the hub never started here. */
export const readLocalAuthority = async (home: string): Promise<LocalAuthority | undefined> => {
  const device = await readJson(join(home, homeFiles.hostDevice));
  const told = isRecord(device) && typeof device.caFile === 'string' ? device.caFile : defaultAuthorityFile;
  const path = isAbsolute(told) ? told : join(home, told);
  const pem = await readFile(path, 'utf8').catch(() => undefined);
  return pem === undefined ? undefined : { path, pem };
};

const defaultAuthorityFile = join('certs', 'navis.local-ca.crt');

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** `undefined` when there is no such file; `null` when it is no JSON. */
const readJson = async (path: string): Promise<unknown> => {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
};

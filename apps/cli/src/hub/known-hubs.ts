/** `hubs.json`: the hubs elsewhere that this person has logged in to, each with this CLI's own key for it (I12, I14). */
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CommandError } from '../output/command-error.ts';

/** One hub elsewhere. */
export interface KnownHub {
  /** How this person calls it. */
  name: string;
  origin: string;
  /** Its public key: every signature is made for it, so no other hub can use one. */
  hubId: string;
  deviceId: string;
  /** PKCS#8, base64. */
  privateKey: string;
  publicKey: string;
  /** PEM of the only CA that may vouch for it; without it those of the system. */
  ca?: string | undefined;
}

export interface KnownHubs {
  /** The one that commands use when none is named; `undefined`: the hub of this machine. */
  default: string | undefined;
  hubs: KnownHub[];
}

export const knownHubsFile = 'hubs.json';
/** The hub of this machine, whatever the default is. */
export const localHubName = 'local';
export const hubNameFormat = {
  pattern: /^(?!local$)[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/,
  meaning: 'a name of letters, digits, dots, dashes and underscores, other than "local"',
} as const;
const maxHubs = 200;

/** Throws a CommandError for a file that is damaged: keys in it may still be worth saving. */
export const readKnownHubs = async (home: string): Promise<KnownHubs> => {
  const path = join(home, knownHubsFile);
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw damaged(path, error.message);
  });
  if (text === undefined) return { default: undefined, hubs: [] };
  const content = parseObject(text);
  if (content === undefined || !Array.isArray(content.hubs) || !content.hubs.every(isKnownHub))
    throw damaged(path, 'it does not have the form of that file');
  const hubs = content.hubs.slice(0, maxHubs);
  return { default: typeof content.default === 'string' ? content.default : undefined, hubs };
};

/** Replaces the file as a whole; nobody else may read it. */
export const writeKnownHubs = async (home: string, known: KnownHubs): Promise<void> => {
  const path = join(home, knownHubsFile);
  if (known.hubs.length === 0) return rm(path, { force: true });
  const temporary = `${path}.${process.pid}.new`;
  await writeFile(temporary, `${JSON.stringify(known, null, 2)}\n`, { mode: 0o600 });
  await rename(temporary, path);
};

export const unknownHub = (name: string, hubs: readonly KnownHub[]): CommandError =>
  new CommandError(`There is no hub "${name}" here.`, {
    code: 'NOT_FOUND',
    exitCode: 5,
    affects: 'Nothing was done.',
    remedy: hubs.length === 0 ? 'navisai login <address of the hub>' : 'See: navisai login --list',
  });

const isKnownHub = (value: unknown): value is KnownHub => {
  if (!isRecord(value)) return false;
  const texts = ['name', 'origin', 'hubId', 'deviceId', 'privateKey', 'publicKey'];
  const hasTexts = texts.every((key) => typeof value[key] === 'string');
  const { name, origin, ca } = value;
  return hasTexts && hubNameFormat.pattern.test(String(name)) && isOrigin(String(origin)) && isTextOrNothing(ca);
};

const isOrigin = (text: string): boolean =>
  URL.canParse(text) && new URL(text).protocol === 'https:' && new URL(text).origin === text;

const isTextOrNothing = (value: unknown): boolean => value === undefined || typeof value === 'string';

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

const parseObject = (text: string): Record<string, unknown> | undefined => {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
};

const damaged = (path: string, problem: string): CommandError =>
  new CommandError(`${path} cannot be read: ${problem}.`, {
    code: 'INVALID_ARGUMENT',
    exitCode: 2,
    affects: 'Nothing was done.',
    remedy: 'Correct it, or move it away and log in again: navisai login',
  });

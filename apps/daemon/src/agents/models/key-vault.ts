/**
 * Seals keys of model providers: what opens them is in the keyring of the operating system, else in a private file beside
 * the store, which backups leave out (A8).
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { readFileIfThere, Secret, writePrivateFile } from '@navisai/service';
import type { Keyring } from './keyring/keyring.types.ts';

const algorithm = 'aes-256-gcm';
const masterBytes = 32;
const nonceBytes = 12;
const tagBytes = 16;
/** In front of what the keyring's master key opens; what the file's opens has nothing. */
const keyringMark = 'keyring.';

export type OpenedKey =
  | { state: 'open'; key: Secret<string> }
  /** The keyring does not answer now; it may later. */
  | { state: 'locked' }
  /** It was sealed elsewhere, for another place, or by a master key that is gone. */
  | { state: 'lost' };

export interface KeyPlace {
  kept: 'keyring' | 'file';
  /** As a person knows it: the keyring's name, or the path. */
  where: string;
}

export interface KeyVault {
  /** `place` is where the key may be sent: it opens for that place only. One at a time. */
  seal(key: string, place: string): Promise<string>;
  /** Never rejects. */
  open(sealed: string, place: string): Promise<OpenedKey>;
  /** Where the master key of the next key would be. */
  place(): Promise<KeyPlace>;
}

export interface KeyVaultParts {
  folder: string;
  /** Whose keys they are, for the keyring of a person with several hubs. */
  account: string;
  keyring: Keyring | undefined;
}

/** A master key is made when the first key is sealed, so that a hub without models has none. */
export const openKeyVault = ({ folder, account, keyring }: KeyVaultParts): KeyVault => {
  const file = join(folder, 'models.key');
  /** As long as this process lives: a keyring that is locked meanwhile takes away nothing that was in use. */
  let known: Buffer | undefined;
  const read = async (): Promise<Buffer | 'locked' | undefined> => {
    try {
      if (keyring === undefined || !(await keyring.isOpen())) return 'locked';
      known = masterIn(await keyring.find(account));
      return known;
    } catch {
      return 'locked';
    }
  };
  let reading: ReturnType<typeof read> | undefined;
  /** Asked once for all keys that are opened together. */
  const find = async (): Promise<Buffer | 'locked' | undefined> => {
    if (known !== undefined) return known;
    reading ??= read().finally(() => (reading = undefined));
    return reading;
  };
  /** `undefined`: the keyring cannot be used, so the file is. */
  const findOrMake = async (): Promise<Buffer | undefined> => {
    try {
      if (keyring === undefined || !(await keyring.isOpen())) return undefined;
      if (masterIn(await keyring.find(account)) === undefined)
        await keyring.keep(account, (known ?? randomBytes(masterBytes)).toString('base64'));
      // What is there now counts, whoever put it there.
      known = masterIn(await keyring.find(account));
      return known;
    } catch {
      return undefined;
    }
  };
  return {
    async seal(key, place) {
      const master = await findOrMake();
      if (master !== undefined) return `${keyringMark}${encrypt({ key, place, master })}`;
      return encrypt({ key, place, master: masterIn(readFileIfThere(file)) ?? makeMaster(folder, file) });
    },
    async open(text, place) {
      const isInKeyring = text.startsWith(keyringMark);
      const master = isInKeyring ? await find() : masterIn(readFileIfThere(file));
      if (master === 'locked') return { state: 'locked' };
      const sealed = isInKeyring ? text.slice(keyringMark.length) : text;
      const key = master && decrypt({ sealed, place, master });
      return key === undefined ? { state: 'lost' } : { state: 'open', key };
    },
    async place() {
      if (keyring !== undefined && (await keyring.isOpen())) return { kept: 'keyring', where: keyring.name };
      return { kept: 'file', where: file };
    },
  };
};

const encrypt = ({ key, place, master }: { key: string; place: string; master: Buffer }): string => {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv(algorithm, master, nonce);
  cipher.setAAD(Buffer.from(place));
  const sealed = Buffer.concat([cipher.update(key, 'utf8'), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64url');
};

interface SealedKey {
  sealed: string;
  place: string;
  master: Buffer;
}

const decrypt = ({ sealed, place, master }: SealedKey): Secret<string> | undefined => {
  const bytes = Buffer.from(sealed, 'base64url');
  if (bytes.length <= nonceBytes + tagBytes) return undefined;
  const decipher = createDecipheriv(algorithm, master, bytes.subarray(0, nonceBytes), { authTagLength: tagBytes });
  decipher.setAAD(Buffer.from(place));
  decipher.setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes));
  try {
    const opened = [decipher.update(bytes.subarray(nonceBytes + tagBytes)), decipher.final()];
    return new Secret(Buffer.concat(opened).toString('utf8'));
  } catch {
    return undefined;
  }
};

const masterIn = (text: string | undefined): Buffer | undefined => {
  const master = Buffer.from(text?.trim() ?? '', 'base64');
  return master.length === masterBytes ? master : undefined;
};

const makeMaster = (folder: string, file: string): Buffer => {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const master = randomBytes(masterBytes);
  writePrivateFile(file, `${master.toString('base64')}\n`);
  return master;
};

/** Seals keys of model providers: what opens them is a private file beside the store, which backups leave out (A8). */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { readFileIfThere, Secret, writePrivateFile } from '@navisai/service';

const algorithm = 'aes-256-gcm';
const masterBytes = 32;
const nonceBytes = 12;
const tagBytes = 16;

export interface KeyVault {
  /** `place` is where the key may be sent: it opens for that place only. */
  seal(key: string, place: string): string;
  /** `undefined` when it was sealed elsewhere, for another place, or by a master key that is gone. */
  open(sealed: string, place: string): Secret<string> | undefined;
}

/** The master key is made when the first key is sealed, so that a hub without models has none. */
export const openKeyVault = (folder: string): KeyVault => {
  const file = join(folder, 'models.key');
  return {
    seal(key, place) {
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv(algorithm, readMaster(file) ?? makeMaster(folder, file), nonce);
      cipher.setAAD(Buffer.from(place));
      const sealed = Buffer.concat([cipher.update(key, 'utf8'), cipher.final()]);
      return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64url');
    },
    open(sealed, place) {
      const master = readMaster(file);
      const bytes = Buffer.from(sealed, 'base64url');
      if (master === undefined || bytes.length <= nonceBytes + tagBytes) return undefined;
      const decipher = createDecipheriv(algorithm, master, bytes.subarray(0, nonceBytes), { authTagLength: tagBytes });
      decipher.setAAD(Buffer.from(place));
      decipher.setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes));
      try {
        const opened = [decipher.update(bytes.subarray(nonceBytes + tagBytes)), decipher.final()];
        return new Secret(Buffer.concat(opened).toString('utf8'));
      } catch {
        return undefined;
      }
    },
  };
};

const readMaster = (file: string): Buffer | undefined => {
  const master = Buffer.from(readFileIfThere(file)?.trim() ?? '', 'base64');
  return master.length === masterBytes ? master : undefined;
};

const makeMaster = (folder: string, file: string): Buffer => {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const master = randomBytes(masterBytes);
  writePrivateFile(file, `${master.toString('base64')}\n`);
  return master;
};

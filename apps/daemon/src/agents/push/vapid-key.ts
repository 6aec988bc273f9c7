/** The key that push services know this hub by: made at first use, kept in a file that only its user may read (A2). */
import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { readJsonIfThere, writePrivateFile } from '@navisai/service';
import { z } from 'zod';

const vapidKeySchema = z.object({ publicKey: z.string().min(80).max(100), privateKey: z.string().min(40).max(50) });
export type VapidKey = z.infer<typeof vapidKeySchema>;

/** A file that is no key is replaced: browsers then subscribe anew. */
export const openVapidKey = (file: string): (() => VapidKey) => {
  let known: VapidKey | undefined;
  return () => {
    if (known !== undefined) return known;
    const kept = vapidKeySchema.safeParse(readJsonIfThere(file));
    known = kept.success ? kept.data : generateVapidKey();
    if (kept.success) return known;
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writePrivateFile(file, `${JSON.stringify(known)}\n`);
    return known;
  };
};

/** RFC 8292: a point of P-256, uncompressed, and its secret number. */
const generateVapidKey = (): VapidKey => {
  const {
    x = '',
    y = '',
    d = '',
  } = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' });
  const point = Buffer.concat([Buffer.of(4), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')]);
  return { publicKey: point.toString('base64url'), privateKey: d };
};

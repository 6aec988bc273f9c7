/** The key that push services know this hub by: made at first use, kept in a file that only its user may read (A2). */
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { readJsonIfThere, writePrivateFile } from '@navisai/service';
import webPush from 'web-push';
import { z } from 'zod';

const vapidKeySchema = z.object({ publicKey: z.string().min(80).max(100), privateKey: z.string().min(40).max(50) });
export type VapidKey = z.infer<typeof vapidKeySchema>;

/** A file that is no key is replaced: browsers then subscribe anew. */
export const openVapidKey = (file: string): (() => VapidKey) => {
  let known: VapidKey | undefined;
  return () => {
    if (known !== undefined) return known;
    const kept = vapidKeySchema.safeParse(readJsonIfThere(file));
    known = kept.success ? kept.data : webPush.generateVAPIDKeys();
    if (kept.success) return known;
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writePrivateFile(file, `${JSON.stringify(known)}\n`);
    return known;
  };
};

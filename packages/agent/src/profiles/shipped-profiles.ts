/** Where the profiles are that ship with Navis; `scripts/pack` takes this folder along. */
import { fileURLToPath } from 'node:url';

export const shippedProfilesFolder = fileURLToPath(new URL('../../profiles/', import.meta.url));

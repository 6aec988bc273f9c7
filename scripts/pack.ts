/** `npm run pack`: leaves the tarballs of the published packages in dist/. */
import { join } from 'node:path';
import { pack } from './pack/pack.ts';

const root = new URL('..', import.meta.url).pathname.replace(/\/$/, '');
for (const path of await pack(root, process.argv[2] ?? join(root, 'dist'))) console.log(path);

/** `npm run screenshots [name …]`: pictures of every page into the ignored folder `screenshots/`, and the README’s into `docs/pictures/`. */

import { setup as buildTestPrograms } from './builds/test-set-up.ts';

await buildTestPrograms();
// Lives beside the browser tests, whose devices it uses.
await import(new URL('../tests/browser/pictures/take-pictures.ts', import.meta.url).href);

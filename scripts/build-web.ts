/** Builds the web app when it is out of date. */
import { buildWeb } from './builds/build-web.ts';

const { isSuccess, output } = await buildWeb(new URL('..', import.meta.url).pathname.replace(/\/$/, ''));
process.stdout.write(output);
process.exitCode = isSuccess ? 0 : 1;

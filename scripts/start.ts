/** `npm start`: builds the web app when it is out of date, then becomes the hub in the foreground. */
import { join } from 'node:path';
import { buildWeb } from './builds/build-web.ts';

const root = new URL('..', import.meta.url).pathname.replace(/\/$/, '');
const { isSuccess, output } = await buildWeb(root);
if (isSuccess) {
  const hub = join(root, 'apps/daemon/src/main.ts');
  // The hub takes this process over: same PID and terminal, so signals and Ctrl-C reach it.
  process.execve?.(process.execPath, [process.execPath, hub, '--foreground', ...process.argv.slice(2)], process.env);
} else {
  console.error(`${output}\nthe web app could not be built`);
  process.exitCode = 1;
}

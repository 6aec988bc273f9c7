/** Builds the web app when its sources changed since the last build. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { runProgram, type ProgramEnd } from '../check/run-program.ts';
import { hashSources } from './hash-sources.ts';
import { takeLock } from './take-lock.ts';

/** Everything that ends up in the build. */
const sources = [
  'apps/web/{src,static}/**/*',
  'apps/web/*.{js,ts,json}',
  'packages/{client,link,protocol}/{package.json,src/**/*}',
  'package-lock.json',
];
const deadlineMs = 5 * 60_000;

export async function buildWeb(root: string): Promise<ProgramEnd> {
  const web = join(root, 'apps/web');
  using _lock = await takeLock(join(root, '.cache/web-build.lock'), deadlineMs);
  const stamp = join(root, '.cache/web-sources');
  const hash = hashSources(root, sources);
  const isCurrent = existsSync(join(web, 'build')) && existsSync(stamp) && readFileSync(stamp, 'utf8') === hash;
  if (isCurrent) return { isSuccess: true, output: '', reason: 'up to date' };
  process.stderr.write('Building the web app, which takes some seconds after each change of its sources …\n');
  const vite = join(root, 'node_modules/vite/bin/vite.js');
  const environment = { ...process.env, NODE_ENV: 'production' };
  const end = await runProgram({
    file: process.execPath,
    arguments: [vite, 'build', '--logLevel', 'warn'],
    directory: web,
    environment,
    deadlineMs,
  });
  if (!end.isSuccess) return end;
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, hash);
  return end;
}

/** Bundles one program with everything it uses; only what has native parts stays outside, with its exact version. */
import { globSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { followSiblings } from './follow-siblings.ts';
import { noticesOf } from './notices.ts';

export interface BundleRequest {
  root: string;
  /** Such as `apps/daemon/src/main.ts`. */
  entry: string;
  /** Emptied and filled by the bundle, flat. */
  outputFolder: string;
  folders?: Readonly<Record<string, string>>;
}

export interface Bundled {
  /** What is loaded from outside, with its exact version. */
  dependencies: Record<string, string>;
  /** Names and licenses of what was bundled. */
  notices: string;
}

/** They find their native parts beside themselves. */
const nativePackages = ['@lydell/node-pty'];

export async function bundle(request: BundleRequest): Promise<Bundled> {
  const { root, entry, outputFolder, folders = {} } = request;
  await using build = await rolldown({
    input: { main: join(root, entry) },
    platform: 'node',
    external: (id) => isBuiltin(id) || nativePackages.includes(id),
    plugins: [followSiblings({ root, folders })],
    logLevel: 'warn',
  });
  const { output } = await build.write({
    dir: outputFolder,
    format: 'es',
    cleanDir: true,
    entryFileNames: '[name].js',
    chunkFileNames: '[name]-[hash].js',
  });
  const chunks = output.filter((file) => file.type === 'chunk');
  const text = chunks.map(({ code }) => code).join('\n');
  const used = nativePackages.filter((name) => text.includes(name));
  return {
    dependencies: Object.fromEntries(used.map((name) => [name, versionOf(root, name)])),
    notices: noticesOf(chunks.flatMap(({ moduleIds }) => moduleIds)),
  };
}

function versionOf(root: string, name: string): string {
  for (const path of globSync('packages/*/package.json', { cwd: root })) {
    const { dependencies = {} } = JSON.parse(readFileSync(join(root, path), 'utf8')) as {
      dependencies?: Record<string, string>;
    };
    if (dependencies[name] !== undefined) return dependencies[name];
  }
  throw new Error(`no package names the version of ${name}`);
}

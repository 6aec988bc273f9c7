/** Bundles one app with the workspace packages it uses; npm packages stay outside, with their exact versions. */
import { globSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join, relative } from 'node:path';
import { rolldown } from 'rolldown';
import { followSiblings } from './follow-siblings.ts';

export interface BundleRequest {
  root: string;
  /** Such as `apps/daemon/src/main.ts`. */
  entry: string;
  /** Emptied and filled by the bundle, flat. */
  outputFolder: string;
  folders?: Readonly<Record<string, string>>;
}

interface PackageFile {
  dependencies?: Record<string, string>;
}

/** The npm dependencies that the bundle needs, from every workspace whose code is in it. */
export async function bundle(request: BundleRequest): Promise<Record<string, string>> {
  const { root, entry, outputFolder, folders = {} } = request;
  await using build = await rolldown({
    input: { main: join(root, entry) },
    platform: 'node',
    external: (id) => isBuiltin(id) || /^(?!\.|\/|@navisai\/)/.test(id),
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
  const modules = output.flatMap((file) => (file.type === 'chunk' ? file.moduleIds : []));
  return dependenciesOf(root, modules);
}

function dependenciesOf(root: string, modules: string[]): Record<string, string> {
  const dependencies: Record<string, string> = {};
  for (const path of globSync(['packages/*/package.json', 'apps/*/package.json'], { cwd: root })) {
    const room = join(root, path, '..');
    if (!modules.some((module) => !relative(room, module).startsWith('..'))) continue;
    const content = JSON.parse(readFileSync(join(root, path), 'utf8')) as PackageFile;
    for (const [name, version] of Object.entries(content.dependencies ?? {})) {
      if (!name.startsWith('@navisai/')) dependencies[name] = version;
    }
  }
  return Object.fromEntries(Object.entries(dependencies).toSorted(([a], [b]) => a.localeCompare(b)));
}

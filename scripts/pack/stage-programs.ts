/** Lays out the published packages: `@navisai/daemon` with the web app in it, `@navisai/bridge`, `@navisai/node` and `navisai`. */
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundle, type Bundled, type BundleRequest } from './bundle.ts';

export interface StageRequest {
  root: string;
  /** Gets one folder for each package, by its name. */
  outputFolder: string;
  /** The built web app as files of the package, or as a link to where it is built. */
  web: 'copied' | 'linked';
}

interface RootPackage {
  version: string;
  license: string;
  optionalDependencies: Record<string, string>;
}

/** The folders of the packages. */
export async function stagePrograms(request: StageRequest): Promise<string[]> {
  return Promise.all([stageDaemon(request), stageBridge(request), stageNode(request), stageCli(request)]);
}

async function stageDaemon({ root, outputFolder, web }: StageRequest): Promise<string> {
  const folder = join(outputFolder, '@navisai/daemon');
  const folders = { 'apps/web/build': 'web', 'packages/agent/profiles': 'profiles' };
  const bundled = await bundleInto(folder, { root, entry: 'apps/daemon/src/main.ts', folders });
  const built = join(root, 'apps/web/build');
  if (web === 'copied') cpSync(built, join(folder, 'dist/web'), { recursive: true });
  else symlinkSync(built, join(folder, 'dist/web'));
  cpSync(join(root, 'packages/agent/profiles'), join(folder, 'dist/profiles'), { recursive: true });
  return stage(root, folder, bundled, {
    name: '@navisai/daemon',
    description: 'The hub of Navis: terminals that survive, over HTTPS and WebSocket.',
    exports: { '.': './dist/main.js' },
    files: ['dist'],
  });
}

async function stageBridge({ root, outputFolder }: StageRequest): Promise<string> {
  const folder = join(outputFolder, '@navisai/bridge');
  const bundled = await bundleInto(folder, { root, entry: 'apps/bridge/src/main.ts' });
  return stage(root, folder, bundled, {
    name: '@navisai/bridge',
    description: 'The bridge of Navis: owns TCP 443 and forwards it to the hub of this machine.',
    exports: { '.': './dist/main.js' },
    files: ['dist'],
  });
}

async function stageNode({ root, outputFolder }: StageRequest): Promise<string> {
  const folder = join(outputFolder, '@navisai/node');
  const bundled = await bundleInto(folder, { root, entry: 'apps/node/src/main.ts' });
  cpSync(join(root, 'apps/node/.env.example'), join(folder, '.env.example'));
  cpSync(join(root, 'installers'), join(folder, 'installers'), { recursive: true });
  return stage(root, folder, bundled, {
    name: '@navisai/node',
    description: 'A node of Navis: this machine at its hub, from behind any NAT.',
    exports: { '.': './dist/main.js' },
    files: ['dist', 'installers', '.env.example'],
  });
}

async function stageCli({ root, outputFolder }: StageRequest): Promise<string> {
  const folder = join(outputFolder, 'navisai');
  const bundled = await bundleInto(folder, { root, entry: 'apps/cli/src/main.ts' });
  cpSync(join(root, 'apps/cli/bin/navisai.js'), join(folder, 'bin/navisai.js'));
  const dependencies = { ...ownPrograms(readRoot(root).version), ...bundled.dependencies };
  return stage(
    root,
    folder,
    { ...bundled, dependencies },
    {
      name: 'navisai',
      description: 'The command line of Navis: terminals that survive.',
      bin: { navisai: 'bin/navisai.js' },
      files: ['bin', 'dist'],
    },
  );
}

/** What the CLI starts, in the same version. */
function ownPrograms(version: string): Record<string, string> {
  return Object.fromEntries(['daemon', 'bridge', 'node'].map((name) => [`@navisai/${name}`, version]));
}

function readRoot(root: string): RootPackage {
  return JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as RootPackage;
}

function bundleInto(folder: string, request: Omit<BundleRequest, 'outputFolder'>): Promise<Bundled> {
  return bundle({ ...request, outputFolder: join(folder, 'dist') });
}

function stage(root: string, folder: string, { dependencies, notices }: Bundled, content: object): string {
  const { version, license, optionalDependencies } = readRoot(root);
  mkdirSync(folder, { recursive: true });
  const all = { ...content, version, license, type: 'module', dependencies, optionalDependencies };
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(all, null, 2)}\n`);
  for (const name of ['LICENSE', 'README.md']) cpSync(join(root, name), join(folder, name));
  writeFileSync(join(folder, 'dist/THIRD-PARTY-NOTICES.txt'), notices);
  return folder;
}

/** Makes the published packages: `@navisai/daemon` with the web app in it, `@navisai/bridge`, `@navisai/node` and `navisai`, as tarballs. */
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildWeb } from '../build-web/build-web.ts';
import { runProgram } from '../check/run-program.ts';
import { bundle } from './bundle.ts';

const packDeadlineMs = 60_000;

interface RootPackage {
  version: string;
  license: string;
  optionalDependencies: Record<string, string>;
}

/** Leaves the tarballs in `outputFolder`, the installers beside them, and returns their paths. */
export async function pack(root: string, outputFolder: string): Promise<string[]> {
  const web = await buildWeb(root);
  if (!web.isSuccess) throw new Error(`the web app could not be built:\n${web.output}`);
  rmSync(outputFolder, { recursive: true, force: true });
  cpSync(join(root, 'installers'), outputFolder, { recursive: true });
  const daemon = await stageDaemon(root, join(outputFolder, 'daemon'));
  const bridge = await stageBridge(root, join(outputFolder, 'bridge'));
  const node = await stageNode(root, join(outputFolder, 'node'));
  const cli = await stageCli(root, join(outputFolder, 'navisai'));
  return [
    await packFolder(daemon, outputFolder),
    await packFolder(bridge, outputFolder),
    await packFolder(node, outputFolder),
    await packFolder(cli, outputFolder),
  ];
}

async function stageDaemon(root: string, folder: string): Promise<string> {
  const dependencies = await bundle({
    root,
    entry: 'apps/daemon/src/main.ts',
    outputFolder: join(folder, 'dist'),
    folders: { 'apps/web/build': 'web', 'packages/agent/profiles': 'profiles' },
  });
  cpSync(join(root, 'apps/web/build'), join(folder, 'dist/web'), { recursive: true });
  cpSync(join(root, 'packages/agent/profiles'), join(folder, 'dist/profiles'), { recursive: true });
  stage(root, folder, {
    name: '@navisai/daemon',
    description: 'The hub of Navis: terminals that survive, over HTTPS and WebSocket.',
    exports: { '.': './dist/main.js' },
    files: ['dist'],
    dependencies,
  });
  return folder;
}

async function stageBridge(root: string, folder: string): Promise<string> {
  const dependencies = await bundle({ root, entry: 'apps/bridge/src/main.ts', outputFolder: join(folder, 'dist') });
  stage(root, folder, {
    name: '@navisai/bridge',
    description: 'The bridge of Navis: owns TCP 443 and forwards it to the hub of this machine.',
    exports: { '.': './dist/main.js' },
    files: ['dist'],
    dependencies,
  });
  return folder;
}

async function stageNode(root: string, folder: string): Promise<string> {
  const dependencies = await bundle({ root, entry: 'apps/node/src/main.ts', outputFolder: join(folder, 'dist') });
  cpSync(join(root, 'apps/node/.env.example'), join(folder, '.env.example'));
  cpSync(join(root, 'installers'), join(folder, 'installers'), { recursive: true });
  stage(root, folder, {
    name: '@navisai/node',
    description: 'A node of Navis: this machine at its hub, from behind any NAT.',
    exports: { '.': './dist/main.js' },
    files: ['dist', 'installers', '.env.example'],
    dependencies,
  });
  return folder;
}

async function stageCli(root: string, folder: string): Promise<string> {
  const dependencies = await bundle({ root, entry: 'apps/cli/src/main.ts', outputFolder: join(folder, 'dist') });
  cpSync(join(root, 'apps/cli/bin/navisai.js'), join(folder, 'bin/navisai.js'));
  stage(root, folder, {
    name: 'navisai',
    description: 'The command line of Navis: terminals that survive.',
    bin: { navisai: 'bin/navisai.js' },
    files: ['bin', 'dist'],
    dependencies: { ...ownPrograms(readRoot(root).version), ...dependencies },
  });
  return folder;
}

/** What the CLI starts, in the same version. */
function ownPrograms(version: string): Record<string, string> {
  return Object.fromEntries(['daemon', 'bridge', 'node'].map((name) => [`@navisai/${name}`, version]));
}

function readRoot(root: string): RootPackage {
  return JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as RootPackage;
}

function stage(root: string, folder: string, content: object): void {
  const { version, license, optionalDependencies } = readRoot(root);
  mkdirSync(folder, { recursive: true });
  const all = { ...content, version, license, type: 'module', optionalDependencies };
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(all, null, 2)}\n`);
  for (const name of ['LICENSE', 'README.md']) cpSync(join(root, name), join(folder, name));
}

async function packFolder(folder: string, outputFolder: string): Promise<string> {
  const end = await runProgram({
    file: 'npm',
    arguments: ['pack', '--json', '--ignore-scripts', '--pack-destination', outputFolder],
    directory: folder,
    deadlineMs: packDeadlineMs,
  });
  const [, name] = /"filename": "([^"]+)"/.exec(end.output) ?? [];
  if (!end.isSuccess || name === undefined) throw new Error(`npm pack: ${end.reason}\n${end.output}`);
  // Older npm names the file of a scoped package as it stands in the registry.
  return join(outputFolder, name.replace('@', '').replaceAll('/', '-'));
}

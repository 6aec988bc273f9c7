/** Builds hub, node, bridge and CLI as they are published, when their sources changed; for tests, bench, chaos and pictures. */
import { existsSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { stagePrograms } from '../pack/stage-programs.ts';
import { hashSources } from './hash-sources.ts';

const sources = [
  'packages/*/{package.json,src/**/*,profiles/**/*}',
  'apps/{bridge,cli,daemon,node}/{package.json,src/**/*,bin/*}',
  'scripts/pack/*.ts',
  'package*.json',
];
/** Programs that still run may load parts of an older build. */
const keptBuilds = 4;

/**
 * The folder `node_modules` with the built packages in it.
 * Each state of the sources has a folder of its own: what runs from an older one is not disturbed.
 */
export async function buildPrograms(root: string): Promise<string> {
  const builds = join(root, '.cache/programs');
  const folder = join(builds, hashSources(root, sources).slice(0, 16));
  if (!existsSync(folder)) {
    const begun = `${folder}.${process.pid}`;
    await stagePrograms({ root, outputFolder: join(begun, 'node_modules'), web: 'linked' });
    try {
      renameSync(begun, folder);
    } catch {
      rmSync(begun, { recursive: true }); // Somebody else built the same meanwhile.
    }
    removeOld(builds);
  }
  return join(folder, 'node_modules');
}

function removeOld(builds: string): void {
  const ages = readdirSync(builds).map((name) => ({
    path: join(builds, name),
    at: statSync(join(builds, name)).mtimeMs,
  }));
  for (const { path } of ages.toSorted((a, b) => b.at - a.at).slice(keptBuilds))
    rmSync(path, { recursive: true, force: true });
}

/** Makes the published packages as tarballs. */
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { buildWeb } from '../builds/build-web.ts';
import { runProgram } from '../check/run-program.ts';
import { stagePrograms } from './stage-programs.ts';

const packDeadlineMs = 60_000;

/** Leaves the tarballs in `outputFolder`, the installers beside them, and returns their paths. */
export async function pack(root: string, outputFolder: string): Promise<string[]> {
  const web = await buildWeb(root);
  if (!web.isSuccess) throw new Error(`the web app could not be built:\n${web.output}`);
  rmSync(outputFolder, { recursive: true, force: true });
  cpSync(join(root, 'installers'), outputFolder, { recursive: true });
  const folders = await stagePrograms({ root, outputFolder: join(outputFolder, 'packages'), web: 'copied' });
  return Promise.all(folders.map((folder) => packFolder(folder, outputFolder)));
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

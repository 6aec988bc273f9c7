/** Which unit tests run beside each other in one process: starting one per file took a sixth of the whole step. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const folders = ['apps/{cli,daemon,web}', 'packages/{agent,client,policy,protocol,store}'];
/** Of what a process has but once: its clock, its environment, its globals, its directory. */
const changesItsProcess = /\bvi\.|\bprocess\.(env|chdir|on|once|umask)\b|\bglobalThis\b/;
/** Such tests take long by what they start, not by their own start. */
const startsPrograms = /\b(startHub|startHubProcess|startNode)\b|node:child_process/;

export const testsThatShareAProcess = (root: string): string[] =>
  globSync(
    folders.map((folder) => `${folder}/**/*.test.ts`),
    { cwd: root, exclude: (name) => /(^|\/)(node_modules|build|dist|\.svelte-kit|\.types)$/.test(name) },
  ).filter((path) => {
    const text = readFileSync(join(root, path), 'utf8');
    return !changesItsProcess.test(text) && !startsPrograms.test(text);
  });

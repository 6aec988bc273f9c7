/** The programs as they are published; whoever starts tests or a bench has built them, and says where. */
import { join } from 'node:path';

const entries = {
  cli: 'navisai/bin/navisai.js',
  daemon: '@navisai/daemon/dist/main.js',
  node: '@navisai/node/dist/main.js',
  bridge: '@navisai/bridge/dist/main.js',
};

export const programFile = (name: keyof typeof entries): string => {
  const folder = process.env['NAVIS_TEST_PROGRAMS'];
  if (folder === undefined)
    throw new Error('NAVIS_TEST_PROGRAMS names no folder: vitest and the bench build the programs');
  return join(folder, entries[name]);
};

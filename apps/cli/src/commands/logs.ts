/** `navisai logs`: the hub's log, read from its file, so that it works whatever state the hub is in. */
import { join } from 'node:path';
import { defineCommand } from '../command-line/command.types.ts';
import { readEnvironment } from '../environment.ts';
import { homeFiles } from '../hub/home.ts';
import { defaultTail, logFlags, showLog } from '../logs/show-log.ts';

export const logs = defineCommand({
  isLocal: true,
  summary: "Show the hub's log.",
  details:
    'Read from the file of the log, so it works with a hung or dead hub too. With --json each line is one JSON object, as written.',
  examples: [
    { command: 'navisai logs', note: `the last ${defaultTail} lines` },
    { command: 'navisai logs --tail 1000 | grep -i error', note: 'search' },
    { command: 'navisai logs --follow', note: 'until Ctrl-C, through restarts of the hub' },
  ],
  flags: logFlags,
  async run({ flags, output }) {
    const { home } = readEnvironment();
    const path = join(home, homeFiles.logFolder, homeFiles.log);
    const missing = { message: `There is no log in ${home} yet.`, remedy: 'navisai up' };
    await showLog({ path, flags, output, missing });
  },
});

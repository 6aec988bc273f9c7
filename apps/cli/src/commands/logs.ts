/** `navisai logs`: the hub's log, read from its file, so that it works whatever state the hub is in. */
import { defineCommand } from '../command-line/command.types.ts';
import { readEnvironment } from '../environment.ts';
import { followLog, readLogTail } from '../logs/log-file.ts';
import { formatLogLine } from '../logs/log-line.ts';
import { CommandError } from '../output/command-error.ts';

const defaultTail = 100;

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
  flags: {
    tail: {
      type: 'number',
      short: 'n',
      placeholder: '<lines>',
      min: 1,
      max: 10_000,
      summary: `Last lines; default ${defaultTail}.`,
    },
    follow: { type: 'boolean', short: 'f', summary: 'Go on with what is written from now on.' },
  },
  async run({ flags, output }) {
    const { home } = readEnvironment();
    const tail = await readLogTail(home, flags.tail ?? defaultTail);
    if (tail === undefined && !flags.follow)
      throw new CommandError(`There is no log in ${home} yet.`, {
        code: 'NOT_FOUND',
        exitCode: 5,
        remedy: 'navisai up',
      });
    const show = (line: string): void => output.line(output.isJson ? line : formatLogLine(line, output.colors));
    for (const line of tail?.lines ?? []) show(line);
    if (!flags.follow) return;
    const interrupted = new AbortController();
    process.once('SIGINT', () => interrupted.abort()).once('SIGTERM', () => interrupted.abort());
    await followLog({ home, tail, show, signal: interrupted.signal });
  },
});

/** Shows the end of a log, and what follows when it is asked for; the same for hub and node. */
import type { Flags } from '../command-line/command.types.ts';
import { CommandError } from '../output/command-error.ts';
import type { Output } from '../output/output.ts';
import { followLog, readLogTail } from './log-file.ts';
import { formatLogLine } from './log-line.ts';

export const defaultTail = 100;

export const logFlags = {
  tail: {
    type: 'number',
    short: 'n',
    placeholder: '<lines>',
    min: 1,
    max: 10_000,
    summary: `Last lines; default ${defaultTail}.`,
  },
  follow: { type: 'boolean', short: 'f', summary: 'Go on with what is written from now on.' },
} as const satisfies Flags;

export interface ShownLog {
  path: string;
  flags: { tail: number | undefined; follow: boolean };
  output: Output;
  /** When there is no log: what is missing, and what to do. */
  missing: { message: string; remedy: string };
}

export const showLog = async ({ path, flags, output, missing }: ShownLog): Promise<void> => {
  const tail = await readLogTail(path, flags.tail ?? defaultTail);
  if (tail === undefined && !flags.follow)
    throw new CommandError(missing.message, { code: 'NOT_FOUND', exitCode: 5, remedy: missing.remedy });
  const show = (line: string): void => output.line(output.isJson ? line : formatLogLine(line, output.colors));
  for (const line of tail?.lines ?? []) show(line);
  if (!flags.follow) return;
  const interrupted = new AbortController();
  process.once('SIGINT', () => interrupted.abort()).once('SIGTERM', () => interrupted.abort());
  await followLog({ path, tail, show, signal: interrupted.signal });
};

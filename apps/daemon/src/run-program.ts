/** Runs one hub as a process: flags, signals, exit codes (I5, I12). */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { errorTable, NavisError } from '@navisai/protocol';
import { type RunningHub, startHub } from './start-hub.ts';
import { openMachine } from './run/open-machine.ts';
import { readConfig } from './settings/config.ts';
import { parseFlags, usage } from './settings/flags.ts';

/** Resolves with the exit code when the hub has ended. */
export const runProgram = async (given: readonly string[]): Promise<number> => {
  try {
    const flags = parseFlags(given);
    if (flags.help) return say(usage);
    const config = readConfig(flags);
    const hub = await startHub({ config, version: ownVersion(), createMachine: openMachine });
    stopOnSignals(hub);
    await hub.stopped;
    return 0;
  } catch (error) {
    return tellFailure(error);
  }
};

/** The package's folder is one above, in the workspace and in the published package alike. */
const ownVersion = (): string => {
  const content = JSON.parse(readFileSync(join(import.meta.dirname, '..', 'package.json'), 'utf8')) as {
    version: string;
  };
  return content.version;
};

const say = (text: string): number => {
  process.stdout.write(text);
  return 0;
};

const stopOnSignals = (hub: RunningHub): void => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void hub.stop({ keep: false }));
  process.on('SIGHUP', () => void hub.stop({ keep: true }));
};

const tellFailure = (error: unknown): number => {
  if (error instanceof NavisError) {
    process.stderr.write(`${error.message}\n`);
    return errorTable[error.code].exit;
  }
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE') {
    process.stderr.write('The port is taken by another program. Choose another one: navisai up --port=N\n');
    return errorTable.CONFLICT.exit;
  }
  process.stderr.write(`The hub could not be started: ${error instanceof Error ? error.message : String(error)}\n`);
  return 1;
};

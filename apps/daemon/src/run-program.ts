/** Runs one hub as a process: flags, signals, exit codes (I5, I12). */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { errorTable, NavisError } from '@navisai/protocol';
import { countBuffersOnceStarted } from '@navisai/service';
import { endHosts } from './run/end-hosts.ts';
import { openMachine } from './run/open-machine.ts';
import { stopOnSignals } from './run/signals.ts';
import { type Config, readConfig } from './settings/config.ts';
import { parseFlags, usage } from './settings/flags.ts';
import { type RunningHub, startHub } from './start-hub.ts';

/** Resolves with the exit code when the hub has ended. */
export const runProgram = async (given: readonly string[]): Promise<number> => {
  try {
    const flags = parseFlags(given);
    if (flags.help) return say(usage);
    const config = readConfig(flags);
    if (flags.endHosts) return await endHosts(config);
    const hub = await startHub({ config, version: ownVersion(), createMachine: openMachine });
    logFatalErrors(hub);
    countBuffersOnceStarted();
    await (flags.foreground ? runInForeground(hub, config) : runInBackground(hub));
    return 0;
  } catch (error) {
    return tellFailure(error);
  }
};

const say = (text: string): number => {
  process.stdout.write(text);
  return 0;
};

/** The package's folder is one above, in the workspace and in the published package alike. */
const ownVersion = (): string => {
  const content = readFileSync(join(import.meta.dirname, '..', 'package.json'), 'utf8');
  return (JSON.parse(content) as { version: string }).version;
};

/** Nothing is known about the state after an error that nobody expected: the hub ends, its terminals go on. */
const logFatalErrors = (hub: RunningHub): void => {
  process.on('uncaughtException', (error) => {
    hub.services.hub.log.fatal({ err: error }, 'the hub ends because of an unexpected error');
    process.stderr.write('The hub ended because of an unexpected error: navisai logs. Start it again: navisai up\n');
    process.exit(1);
  });
};

const runInBackground = async (hub: RunningHub): Promise<void> => {
  for (const remark of hub.remarks) say(`${remark}\n`);
  for (const { what, remedy } of hub.services.hub.status().problems) say(`${what} ${remedy}\n`);
  stopOnSignals(hub, () => undefined);
  await hub.stopped;
};

const runInForeground = async (hub: RunningHub, config: Config): Promise<void> => {
  const { openForeground } = await import('./foreground/open-foreground.ts');
  using foreground = await openForeground(hub, config);
  stopOnSignals(hub, (how) => foreground.onStopping(how));
  await hub.stopped;
  foreground.onStopped();
};

const tellFailure = (error: unknown): number => {
  const { message, exit } = describeFailure(error);
  process.stderr.write(`${message}\n`);
  return exit;
};

const describeFailure = (error: unknown): { message: string; exit: number } => {
  if (error instanceof NavisError) return { message: error.message, exit: errorTable[error.code].exit };
  if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE' && 'port' in error)
    return {
      message: `Port ${String(error.port)} is taken by another program. Choose another one: --port=N, or \`port\` in config.json`,
      exit: errorTable.CONFLICT.exit,
    };
  return {
    message: `The hub could not be started: ${error instanceof Error ? error.message : String(error)}`,
    exit: 1,
  };
};

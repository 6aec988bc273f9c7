/** Runs one node as a process: flags, signals, exit codes. */
import { errorTable, NavisError } from '@navisai/protocol';
import { type Flags, parseFlags, usage } from './settings/flags.ts';
import { readSettings, type Settings } from './settings/settings.ts';

const say = (text: string): void => void process.stdout.write(`${text}\n`);

/** Resolves with the exit code when the node has ended. */
export const runProgram = async (given: readonly string[]): Promise<number> => {
  try {
    const flags = parseFlags(given);
    if (flags.help) {
      process.stdout.write(usage);
      return 0;
    }
    return await runMode(flags, readSettings(flags));
  } catch (error) {
    return tellFailure(error);
  }
};

/** Code is loaded when it is needed: a node should be small (M1). */
const runMode = async (flags: Flags, settings: Settings): Promise<number> => {
  if (flags.endHosts) {
    const { endHosts } = await import('./run/end-hosts.ts');
    await endHosts(settings);
    return 0;
  }
  switch (flags.mode) {
    case 'run':
      return await serve(settings);
    case 'status': {
      const { tellStatus } = await import('./run/tell-status.ts');
      return tellStatus(settings, { json: flags.json, say });
    }
    case 'leave': {
      const { leave } = await import('./run/leave.ts');
      return await leave(settings, say);
    }
    case 'service': {
      const { runService } = await import('./service/run-service.ts');
      return await runService({ flags, settings, say });
    }
  }
};

const serve = async (settings: Settings): Promise<number> => {
  const { startNode } = await import('./run/start-node.ts');
  const { stopOnSignals } = await import('./run/signals.ts');
  const { countBuffersOnceStarted } = await import('@navisai/service');
  // Nobody reads any more, as behind `| head`: no reason to end.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  const node = await startNode({ settings, say });
  countBuffersOnceStarted();
  process.on('uncaughtException', (error) => {
    node.log.fatal({ err: error }, 'the node ends because of an unexpected error');
    process.stderr.write(`The node ended because of an unexpected error: ${error.message}\n`);
    process.exit(1);
  });
  stopOnSignals(node, say);
  const refusal = await node.ended;
  if (refusal !== undefined) throw refusal;
  return 0;
};

const tellFailure = (error: unknown): number => {
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`${error instanceof NavisError ? message : `The node could not be started: ${message}`}\n`);
  return error instanceof NavisError ? errorTable[error.code].exit : 1;
};

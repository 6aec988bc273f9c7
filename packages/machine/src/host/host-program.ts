/** How the program of every host begins, stands what would end it, and ends when it cannot begin. */
import { closeSync, writeSync } from 'node:fs';
import { flushCompileCache } from 'node:module';
import { closeInheritedDescriptors } from './inherited-descriptors.ts';

/** The hub reads one line here once the host serves; then both sides close it. */
export const readyDescriptor = 3;
/** As the argument: only the code is loaded, to be compiled. */
export const loadCodeOnly = 'load-code';

/** A line of the host's log, which is its standard error. */
export const logLine = (event: string, facts: Record<string, unknown>): void => {
  process.stderr.write(`${JSON.stringify({ time: new Date().toISOString(), event, ...facts })}\n`);
};

/**
 * Runs `main` with the settings of the hub that started this process; when it resolves, the host serves.
 * `loadMore` loads the code that only its threads need.
 */
export const beginHost = async <Settings>(
  main: (settings: Settings) => Promise<void>,
  loadMore?: () => Promise<unknown>,
): Promise<void> => {
  const [, , argument] = process.argv;
  if (argument?.startsWith('{') !== true) {
    await loadMore?.();
    return flushCompileCache();
  }
  closeInheritedDescriptors(readyDescriptor);
  try {
    await main(JSON.parse(argument) as Settings);
    // Fails when that hub is gone: then nobody waits for this host, and it must not stay.
    writeSync(readyDescriptor, 'ready\n');
    closeSync(readyDescriptor);
  } catch (error) {
    logLine('not started', { reason: reasonOf(error) });
    process.exit(1);
  }
};

/** One call's or terminal's fault must not end the others, nor a signal that is not meant for a host. */
export const standFaults = (stop: () => Promise<void>): void => {
  for (const signal of ['SIGHUP', 'SIGINT', 'SIGUSR1', 'SIGPIPE'] as const) process.on(signal, () => undefined);
  process.on('SIGTERM', () => void stop());
  process.on('uncaughtException', (error) => logLine('fault', { reason: reasonOf(error) }));
  process.on('unhandledRejection', (error) => logLine('fault', { reason: reasonOf(error) }));
};

const reasonOf = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : String(error));

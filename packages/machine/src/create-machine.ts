/** Makes this computer's machine with its real host processes. */
import type { MachineOptions } from './machine-options.types.ts';
import { LocalMachine } from './machine.ts';
import type { Machine } from './machine.types.ts';
import { createPtyHosts } from './pty-hosts.ts';
import { createRunHosts } from './run-hosts.ts';

/** Call `start` before anything else. */
export const createMachine = (options: MachineOptions): Machine => {
  const { stateDirectory, runtimeDirectory, onUnexpected } = options;
  const onProblem = (message: string): void => onUnexpected?.(new Error(message));
  const places = { stateDirectory, runtimeDirectory, onProblem };
  return new LocalMachine(options, { ptyHosts: createPtyHosts(places), runHosts: createRunHosts(places) });
};

/** The program of run-hosts, for the hub that starts them. */
import { fileURLToPath } from 'node:url';
import type { HostProgram } from '../host/hub/launch-host.ts';
import { service } from './host-files.ts';

export const runHostProgram: HostProgram = {
  service,
  file: fileURLToPath(new URL('./run-host-main.ts', import.meta.url)),
  // The time of a spawn grows with the memory of whoever spawns.
  flags: ['--max-semi-space-size=1', '--expose-gc'],
  duty: 'runs commands',
};

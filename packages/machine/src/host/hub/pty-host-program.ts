/** The program of pty-hosts, for the hub that starts them. */
import { fileURLToPath } from 'node:url';
import { ptyHostService } from '../pty-host-protocol.ts';
import type { HostProgram } from './launch-host.ts';

export const ptyHostProgram: HostProgram = {
  service: ptyHostService,
  file: fileURLToPath(new URL('../pty-host.ts', import.meta.url)),
  flags: ['--expose-gc'],
  duty: 'keeps terminals',
};

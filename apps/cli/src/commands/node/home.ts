/** Where the node of this machine keeps what is its own. */
import { resolve } from 'node:path';
import type { Flags } from '../../command-line/command.types.ts';
import { readEnvironment } from '../../environment.ts';

export const homeFlag = {
  home: {
    type: 'text',
    placeholder: '<folder>',
    completes: 'directories',
    maxLength: 4096,
    summary: 'Keep it in this folder; default: $NAVIS_HOME, else ~/.navis.',
  },
} as const satisfies Flags;

export const nodeHome = (given: string | undefined): string =>
  given === undefined ? readEnvironment().home : resolve(given);

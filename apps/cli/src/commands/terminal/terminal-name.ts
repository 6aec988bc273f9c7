/** The argument that names a terminal. */
import type { Positional } from '../../command-line/command.types.ts';
import { usageError } from '../../output/command-error.ts';

export const terminalNamePositional = {
  name: 'name',
  summary: 'Name of the terminal: letters, digits, dot, underscore, dash.',
  completes: 'terminals',
  maxLength: 64,
} as const satisfies Positional;

/** T10. */
const namePattern = /^(?!\.{1,2}$)[A-Za-z0-9._-]{1,64}$/;

/** Throws a usage error for what can be no name. */
export const checkTerminalName = (name = ''): string => {
  if (!namePattern.test(name))
    throw usageError('<name> must be 1 to 64 characters of A-Z a-z 0-9 . _ - and not . or ..');
  return name;
};

/** The argument that names a terminal. */
import { terminalNamePattern } from '@navisai/protocol';
import type { Positional } from '../../command-line/command.types.ts';

/** T10. */
export const terminalNamePositional = {
  name: 'name',
  summary: 'Name of the terminal: letters, digits, dot, underscore, dash.',
  completes: 'terminals',
  maxLength: 1000,
  format: { pattern: terminalNamePattern, meaning: '1 to 64 characters of A-Z a-z 0-9 . _ - and not . or ..' },
} as const satisfies Positional;

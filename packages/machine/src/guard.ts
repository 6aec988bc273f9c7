/** Asks the policy whether something may run here, and says its refusals (T27). */
import { NavisError } from '@navisai/protocol';
import { decide, parseAllowedCommands } from '@navisai/policy';
import type { Guard } from './guard.types.ts';
import { escapeForDisplay } from './plain-text/escape-for-display.ts';

/** `allowedCommands` is `TERMINAL_ALLOWED_COMMANDS`. */
export const createGuard = ({ allowedCommands }: { allowedCommands: string | undefined }): Guard => {
  const rules = { allowedCommands: parseAllowedCommands(allowedCommands) };
  return {
    isRestricted: false,
    allowTool: () => undefined,
    allowPath: () => undefined,
    allowCommand({ tool, userId, origin }, { text }) {
      const { effect, decidedBy } = decide(rules, { tool, command: text }, { userId, origin });
      if (effect !== 'allow')
        throw new NavisError('COMMAND_NOT_ALLOWED', `${escapeForDisplay(decidedBy.reason)} Nothing was started.`, {
          field: 'command',
        });
    },
    confine: (program) => Promise.resolve(program),
  };
};

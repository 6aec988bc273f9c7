/** Asks the policy whether a command may run, and says its refusals (T27). */
import { NavisError } from '@navisai/protocol';
import { decide, parseAllowedCommands } from '@navisai/policy';
import type { ToolCallRequest } from './machine.types.ts';
import { escapeForDisplay } from './plain-text/escape-for-display.ts';

/** `setting` is `TERMINAL_ALLOWED_COMMANDS`. The result throws COMMAND_NOT_ALLOWED. */
export const commandPolicy = (setting: string | undefined) => {
  const rules = { allowedCommands: parseAllowedCommands(setting) };
  return (command: string, { tool, userId, origin }: ToolCallRequest): void => {
    const { effect, decidedBy } = decide(rules, { tool, command }, { userId, origin });
    if (effect !== 'allow')
      throw new NavisError('COMMAND_NOT_ALLOWED', `${escapeForDisplay(decidedBy.reason)} Nothing was started.`, {
        field: 'command',
      });
  };
};

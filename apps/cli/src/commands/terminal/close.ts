/** `navisai terminal close`. */
import { defineCommand } from '../../command-line/command.types.ts';
import { sessionFlag } from '../../hub/session.ts';
import { nodeFlag } from '../../nodes/find-node.ts';
import { callTerminal } from './call-terminal.ts';
import { terminalNamePositional } from './terminal-name.ts';

export const close = defineCommand({
  summary: 'End a terminal with everything it started, and free its name.',
  examples: [{ command: 'navisai terminal close web', note: 'also when its program has ended already' }],
  flags: { ...nodeFlag, ...sessionFlag },
  positionals: [terminalNamePositional],
  run: ({ flags, positionals, output }) =>
    callTerminal({
      session: flags.session,
      node: flags.node,
      output,
      input: { action: 'close', terminal_name: positionals.name },
    }),
});

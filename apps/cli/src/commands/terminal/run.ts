/** `navisai terminal run`: a command inside an open shell (T24). */
import { timeoutSeconds } from '@navisai/protocol';
import { defineCommand } from '../../command-line/command.types.ts';
import { shellText } from '../../command-line/quote.ts';
import { sessionFlag } from '../../hub/session.ts';
import { nodeFlag } from '../../nodes/find-node.ts';
import { callTerminal } from './call-terminal.ts';
import { terminalNamePositional } from './terminal-name.ts';

export const run = defineCommand({
  summary: 'Run a command inside an open shell, with its directory and variables.',
  details:
    'The terminal must be at the prompt of bash, zsh, fish or sh. Prints the output of this command only and returns its exit code.',
  examples: [
    { command: 'navisai terminal run shell -- npm test', note: 'where the shell is now' },
    { command: `navisai terminal run shell -- 'cd /srv && export STAGE=test'`, note: 'the state stays' },
  ],
  flags: {
    timeout: {
      type: 'number',
      placeholder: '<seconds>',
      min: timeoutSeconds.min,
      max: timeoutSeconds.max,
      summary: `Default ${timeoutSeconds.default}.`,
    },
    ...nodeFlag,
    ...sessionFlag,
  },
  positionals: [terminalNamePositional],
  rest: { name: 'command', summary: 'Program and arguments, or one word of shell text.' },
  run: ({ flags, positionals, rest, output }) =>
    callTerminal({
      session: flags.session,
      node: flags.node,
      output,
      isCommand: true,
      input: {
        action: 'run',
        terminal_name: positionals.name,
        command: shellText(rest),
        timeout: flags.timeout,
      },
    }),
});

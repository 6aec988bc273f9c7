/** `navisai terminal status`. */
import { maxPatternLength, statusLines, waitForSeconds } from '@navisai/protocol';
import { defineCommand } from '../../command-line/command.types.ts';
import { sessionFlag } from '../../hub/session.ts';
import { nodeFlag } from '../../nodes/find-node.ts';
import { callTerminal } from './call-terminal.ts';
import { terminalNamePositional } from './terminal-name.ts';

export const status = defineCommand({
  summary: 'Show the state of a terminal and its last lines.',
  examples: [
    { command: 'navisai terminal status web', note: 'command, process, directory, last 20 lines' },
    { command: 'navisai terminal status web --lines 200', note: 'more lines' },
    { command: 'navisai terminal status web --wait-for "listening on"', note: 'wait for a line, then show' },
  ],
  flags: {
    lines: {
      type: 'number',
      short: 'n',
      placeholder: '<number>',
      min: statusLines.min,
      max: statusLines.max,
      summary: `Last lines to show; default ${statusLines.default}.`,
    },
    from: {
      type: 'number',
      placeholder: '<offset>',
      min: 0,
      max: Number.MAX_SAFE_INTEGER,
      summary: 'Show the output from this byte offset instead.',
    },
    'wait-for': {
      type: 'text',
      placeholder: '<regex>',
      maxLength: maxPatternLength,
      summary: 'First wait until the output matches.',
    },
    timeout: {
      type: 'number',
      placeholder: '<seconds>',
      min: waitForSeconds.min,
      max: waitForSeconds.max,
      summary: `Bounds --wait-for; default ${waitForSeconds.default}.`,
    },
    ...nodeFlag,
    ...sessionFlag,
  },
  positionals: [terminalNamePositional],
  run: ({ flags, positionals, output }) =>
    callTerminal({
      session: flags.session,
      node: flags.node,
      output,
      input: {
        action: 'status',
        terminal_name: positionals.name,
        lines: flags.lines,
        from: flags.from,
        wait_for: flags['wait-for'] === undefined ? undefined : { pattern: flags['wait-for'], timeout: flags.timeout },
      },
    }),
});

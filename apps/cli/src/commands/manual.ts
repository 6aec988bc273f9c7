/** `navisai manual`: the manual of a tool, made from its schema and constants (T28). */
import { terminalManual } from '@navisai/protocol';
import { defineCommand } from '../command-line/command.types.ts';

export const manual = defineCommand({
  summary: 'Read the manual of a tool.',
  details: 'Modes, actions, parameters, limits, examples and safety of the tool `terminal`, as agents get it too.',
  examples: [
    { command: 'navisai manual terminal', note: 'all of it' },
    { command: 'navisai manual terminal | less', note: 'page by page' },
  ],
  flags: {},
  positionals: [{ name: 'tool', summary: 'terminal', completes: ['terminal'], choices: ['terminal'] }],
  async run({ positionals, output }) {
    const text = terminalManual();
    output.result({ tool: positionals.tool, manual: text }, () => text.trimEnd());
  },
});

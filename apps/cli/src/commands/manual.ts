/** `navisai manual`: the manual of a tool, made from its schema and constants (T28). */
import { toolManuals, toolsWithManual } from '@navisai/protocol';
import { defineCommand } from '../command-line/command.types.ts';

export const manual = defineCommand({
  summary: 'Read the manual of a tool.',
  details:
    'Modes, actions, parameters, limits, examples and safety of the tools `terminal`, `filesystem`, `code_exec` and `ssh_exec`, as agents get them too.',
  examples: [
    { command: 'navisai manual terminal', note: 'all of it' },
    { command: 'navisai manual filesystem | less', note: 'page by page' },
  ],
  flags: {},
  positionals: [
    { name: 'tool', summary: toolsWithManual.join(', '), completes: [...toolsWithManual], choices: toolsWithManual },
  ],
  async run({ positionals, output }) {
    const tool = toolsWithManual.find((name) => name === positionals.tool) ?? 'terminal';
    const text = toolManuals[tool]();
    output.result({ tool, manual: text }, () => text.trimEnd());
  },
});

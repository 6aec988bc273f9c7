/** `navisai terminal send`. */
import { maxPatternLength } from '@navisai/protocol';
import { defineCommand } from '../../command-line/command.types.ts';
import { sessionFlag } from '../../hub/session.ts';
import { nodeFlag } from '../../nodes/find-node.ts';
import { usageError } from '../../output/command-error.ts';
import { readStream } from '../../output/text-input.ts';
import { callTerminal } from './call-terminal.ts';
import { keyNames, keysToInput } from './key-names.ts';
import { terminalNamePositional } from './terminal-name.ts';

export const send = defineCommand({
  summary: 'Type into a terminal.',
  details: `Line ends in the text are Enter. Names for --keys, as in tmux: ${keyNames.join(' ')} C-a … C-z M-x.`,
  examples: [
    { command: 'navisai terminal send shell "ls -l" --enter', note: 'type a line' },
    { command: 'navisai terminal send web --keys C-c', note: 'press Ctrl-C' },
    { command: 'navisai terminal send editor ":wq" --enter', note: 'leave vim' },
    { command: 'navisai terminal send python - < script.py', note: 'type a file' },
  ],
  flags: {
    enter: { type: 'boolean', short: 'e', summary: 'Press Enter at the end.' },
    keys: {
      type: 'text',
      short: 'k',
      placeholder: '<names>',
      maxLength: 10_000,
      summary: 'Keys to press after the text, separated by spaces.',
    },
    'wait-for': {
      type: 'text',
      placeholder: '<regex>',
      maxLength: maxPatternLength,
      summary: 'Return when the output that follows matches.',
    },
    ...nodeFlag,
    ...sessionFlag,
  },
  positionals: [terminalNamePositional, { name: 'text', summary: 'What to type; - reads stdin.', optional: true }],
  async run({ flags, positionals, output }) {
    const name = positionals.name;
    const given = positionals.text ?? '';
    const text = given === '-' ? await readStream(process.stdin, '<text>') : given;
    const input = text + keysToInput(flags.keys ?? '') + (flags.enter ? '\n' : '');
    if (input === '') throw usageError('Nothing to type: give <text>, --keys or --enter.');
    return callTerminal({
      session: flags.session,
      node: flags.node,
      output,
      input: {
        action: 'send_input',
        terminal_name: name,
        input,
        wait_for: flags['wait-for'] === undefined ? undefined : { pattern: flags['wait-for'] },
      },
    });
  },
});

/** `navisai terminal open`. */
import { maxDescriptionLength, maxPathLength, maxPatternLength, timeoutSeconds } from '@navisai/protocol';
import { defineCommand } from '../../command-line/command.types.ts';
import { shellText } from '../../command-line/quote.ts';
import { sessionFlag } from '../../hub/session.ts';
import { nodeFlag } from '../../nodes/find-node.ts';
import { workingDirectory } from '../../nodes/working-directory.ts';
import { usageError } from '../../output/command-error.ts';
import { callTerminal } from './call-terminal.ts';
import { terminalNamePositional } from './terminal-name.ts';

export const open = defineCommand({
  summary: 'Open a named terminal and run a command in it.',
  details:
    'The terminal goes on in the background, whatever happens to this shell, the connection or the hub. After -- one word is shell text and runs as it is; several words are a program and its arguments, each kept as one word.',
  examples: [
    { command: 'navisai terminal open web --description "dev server" -- npm run dev', note: 'a server that stays' },
    { command: `navisai terminal open logs -- 'tail -f *.log | grep -v DEBUG'`, note: 'shell text in one word' },
    { command: 'navisai terminal open web --wait-for "ready in" -- npm run dev', note: 'return when it is ready' },
    { command: 'navisai terminal open build --foreground --timeout 300 -- make', note: 'wait for the end' },
    { command: 'navisai terminal open build --node nas -- make', note: 'on another machine' },
    { command: 'navisai terminal open shell -- bash', note: 'then: navisai attach shell' },
  ],
  flags: {
    description: {
      type: 'text',
      short: 'd',
      placeholder: '<text>',
      maxLength: maxDescriptionLength,
      summary: 'What it is for; default: the command.',
    },
    cwd: {
      type: 'text',
      placeholder: '<directory>',
      completes: 'directories',
      maxLength: maxPathLength,
      summary: 'Directory to run in; default: this one, on another node the home there.',
    },
    foreground: { type: 'boolean', summary: "Wait for the command's end, print its output, return its exit code." },
    'close-when-idle': {
      type: 'boolean',
      summary: 'Close it after 30 minutes of inactivity; by default it stays until closed.',
    },
    'wait-for': {
      type: 'text',
      placeholder: '<regex>',
      maxLength: maxPatternLength,
      summary: 'Return when the output matches.',
    },
    timeout: {
      type: 'number',
      placeholder: '<seconds>',
      min: timeoutSeconds.min,
      max: timeoutSeconds.max,
      summary: `Bounds --foreground (default ${timeoutSeconds.default}) and --wait-for.`,
    },
    ...nodeFlag,
    ...sessionFlag,
  },
  positionals: [terminalNamePositional],
  rest: { name: 'command', summary: 'Program and arguments, or one word of shell text.' },
  run({ flags, positionals, rest, output }) {
    if (flags.foreground && flags['wait-for'] !== undefined)
      throw usageError('--foreground waits for the end already and takes no --wait-for.');
    const command = shellText(rest);
    const input = async (nodeId: string | undefined) => ({
      action: 'open',
      terminal_name: positionals.name,
      description: flags.description ?? shorten(command, maxDescriptionLength),
      command,
      background: !flags.foreground,
      working_dir: await workingDirectory(flags.cwd, nodeId),
      timeout: flags.timeout,
      keep_alive: !flags['close-when-idle'],
      wait_for: flags['wait-for'] === undefined ? undefined : { pattern: flags['wait-for'] },
    });
    return callTerminal({ session: flags.session, node: flags.node, input, output, isCommand: flags.foreground });
  },
});

const shorten = (text: string, length: number): string =>
  text.length <= length ? text : `${text.slice(0, length - 1)}…`;

/** `navisai run`: one command with its output live, its exit code ours, Ctrl-C going to it. */
import { maxPathLength, timeoutSeconds } from '@navisai/protocol';
import { resolve } from 'node:path';
import { defineCommand } from '../command-line/command.types.ts';
import { shellText } from '../command-line/quote.ts';
import { withHub } from '../hub/connect.ts';
import { resolveSession, sessionFlag } from '../hub/session.ts';
import { StreamedRun } from '../run/streamed-run.ts';

export const run = defineCommand({
  summary: 'Run a command and stream its output.',
  details: `Returns the command's exit code; 124 when it ran longer than its timeout. Ctrl-C interrupts the command, once more kills it. Its stdin is at end of file. The hub may restart in between: the command goes on and no output is lost. For what shall run longer than ${timeoutSeconds.max} seconds open a terminal.`,
  examples: [
    { command: 'navisai run -- npm test', note: 'in this directory' },
    { command: `navisai run -- 'du -sh * | sort -h'`, note: 'shell text in one word' },
    { command: 'navisai run --cwd /srv --timeout 30 -- ./check.sh', note: 'elsewhere, for at most 30 seconds' },
  ],
  flags: {
    cwd: {
      type: 'text',
      placeholder: '<directory>',
      completes: 'directories',
      maxLength: maxPathLength,
      summary: 'Directory to run in; default: this one.',
    },
    timeout: {
      type: 'number',
      placeholder: '<seconds>',
      min: timeoutSeconds.min,
      max: timeoutSeconds.max,
      summary: `Default ${timeoutSeconds.max}.`,
    },
    ...sessionFlag,
  },
  rest: { name: 'command', summary: 'Program and arguments, or one word of shell text.' },
  run: ({ flags, rest, output }) =>
    withHub(async (hub) => {
      const sessionId = await resolveSession(hub.api, flags.session);
      const input = {
        action: 'run',
        command: shellText(rest),
        working_dir: resolve(flags.cwd ?? ''),
        timeout: flags.timeout ?? timeoutSeconds.max,
      };
      return new StreamedRun({ hub, sessionId, input, output }).run();
    }),
});

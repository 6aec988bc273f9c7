/** `navisai run`: a command with its output live, here, on one node or on many; Ctrl-C goes to it. */
import { maxPathLength, timeoutSeconds } from '@navisai/protocol';
import { defineCommand } from '../command-line/command.types.ts';
import { shellText } from '../command-line/quote.ts';
import { withHub } from '../hub/connect.ts';
import { resolveSession, sessionFlag } from '../hub/session.ts';
import { nodeFlag, resolveNode } from '../nodes/find-node.ts';
import { workingDirectory } from '../nodes/working-directory.ts';
import { usageError } from '../output/command-error.ts';
import { StreamedRun } from '../run/streamed-run.ts';

const defaultConcurrency = 8;
/** Flags that mean something with `--on` only. */
const fleetFlags = {
  concurrency: {
    type: 'number',
    placeholder: '<number>',
    min: 1,
    max: 256,
    summary: `With --on: on so many nodes at a time; default ${defaultConcurrency}.`,
  },
  canary: {
    type: 'number',
    placeholder: '<number>',
    min: 1,
    max: 10_000,
    summary: 'With --on: first on so many nodes; on the others only when all of these succeeded.',
  },
  'keep-going': { type: 'boolean', summary: 'With --on: go on with further nodes after failures.' },
  'max-failures': {
    type: 'number',
    placeholder: '<number>',
    min: 1,
    max: 10_000,
    summary: 'With --on: begin on no further node after so many failures; default 1.',
  },
} as const;

export const run = defineCommand({
  summary: 'Run a command and stream its output, on one node or on many.',
  details: `Returns the command's exit code; 124 when it ran longer than its timeout. Ctrl-C interrupts the command, once more kills it. Its stdin is at end of file. Hub, node and the link between them may restart in between: the command goes on and no output is lost. For what shall run longer than ${timeoutSeconds.max} seconds open a terminal.

With --on it runs on every node with these labels, each line of output behind the node's name ("│" for stdout, "!" for stderr), then a summary on stderr: what failed, what did not run and why, which nodes differ from the majority, which were slowest. Exit codes then: 0 when it succeeded on all of them, 1 when not, 3 when none could be reached, 5 when no node has these labels, 130 after Ctrl-C. With --json: one document at the end.`,
  examples: [
    { command: 'navisai run -- npm test', note: 'in this directory' },
    { command: `navisai run -- 'du -sh * | sort -h'`, note: 'shell text in one word' },
    { command: 'navisai run --cwd /srv --timeout 30 -- ./check.sh', note: 'elsewhere, for at most 30 seconds' },
    { command: 'navisai run --node nas -- df -h', note: 'on another machine' },
    { command: 'navisai run --on role=web,env!=prod -- uptime', note: 'on all with these labels' },
    { command: 'navisai run --on all --canary 1 -- sudo apt-get -y upgrade', note: 'on one first' },
  ],
  flags: {
    on: {
      type: 'text',
      placeholder: '<selector>',
      completes: 'labels',
      maxLength: 2000,
      summary: 'On every node with these labels, such as role=web,env!=prod or gpu; "all" for all.',
    },
    ...fleetFlags,
    cwd: {
      type: 'text',
      placeholder: '<directory>',
      completes: 'directories',
      maxLength: maxPathLength,
      summary: 'Directory to run in; default: this one, on other nodes the home there.',
    },
    timeout: {
      type: 'number',
      placeholder: '<seconds>',
      min: timeoutSeconds.min,
      max: timeoutSeconds.max,
      summary: `Default ${timeoutSeconds.max}.`,
    },
    ...nodeFlag,
    ...sessionFlag,
  },
  rest: { name: 'command', summary: 'Program and arguments, or one word of shell text.' },
  async run({ flags, rest, output }) {
    const timeout = flags.timeout ?? timeoutSeconds.max;
    const command = shellText(rest);
    if (flags.on !== undefined) {
      checkFleetFlags(flags);
      const { runOnFleet } = await import('../fleet/run-on-fleet.ts');
      return runOnFleet({
        selector: flags.on,
        session: flags.session,
        command,
        workingDirectory: flags.cwd,
        timeout,
        canaries: flags.canary ?? 0,
        concurrency: flags.concurrency ?? defaultConcurrency,
        maxFailures: flags['keep-going'] ? Infinity : (flags['max-failures'] ?? 1),
        output,
      });
    }
    const stray = Object.keys(fleetFlags).find((name) => isGiven(flags[name as keyof typeof fleetFlags]));
    if (stray !== undefined) throw usageError(`--${stray} needs --on: it is about several nodes.`);
    return withHub(async (hub) => {
      const [sessionId, nodeId] = await Promise.all([
        resolveSession(hub.api, flags.session),
        resolveNode(hub.api, flags.node),
      ]);
      const input = { action: 'run', command, working_dir: await workingDirectory(flags.cwd, nodeId), timeout };
      return new StreamedRun({ hub, sessionId, nodeId, input, output }).run();
    });
  },
});

const isGiven = (value: unknown): boolean => value !== undefined && value !== false;

const checkFleetFlags = (flags: {
  node: string | undefined;
  'keep-going': boolean;
  'max-failures': number | undefined;
}): void => {
  if (flags.node !== undefined) throw usageError('--on and --node contradict each other.');
  if (flags['keep-going'] && flags['max-failures'] !== undefined)
    throw usageError('--keep-going and --max-failures contradict each other.');
};

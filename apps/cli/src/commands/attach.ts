/** `navisai attach`: a terminal of the hub in this one, as if it were local. */
import type { HubConnection } from '@navisai/client';
import { errorTable, type TerminalInfo } from '@navisai/protocol';
import { AttachSession, type AttachEnd } from '../attach/attach-session.ts';
import {
  defaultDetachKeys,
  nameOfKey,
  parseDetachKeys,
  PrefixKeys,
  takeControlKey,
  type DetachKeys,
} from '../attach/detach-keys.ts';
import { LocalTerminal } from '../attach/local-terminal.ts';
import { defineCommand } from '../command-line/command.types.ts';
import { readEnvironment } from '../environment.ts';
import { chooseHub } from '../hub/choose-hub.ts';
import { withHub } from '../hub/connect.ts';
import { findTerminal, requireReachable } from '../hub/find-terminal.ts';
import { readCliConfig, readRunningHub } from '../hub/home.ts';
import { sessionFlag } from '../hub/session.ts';
import { nodeFlag, resolveNode } from '../nodes/find-node.ts';
import { CommandError, usageError } from '../output/command-error.ts';
import type { Output } from '../output/output.ts';
import { endExitCode } from '../output/tool-exit-code.ts';

export const attach = defineCommand({
  summary: 'Use a terminal here, as if it were local.',
  details: `Takes control, so the terminal takes the size of this window. Detach with ${defaultDetachKeys}; the terminal goes on. Ctrl-\\ t takes control back from another viewer, Ctrl-\\ Ctrl-\\ types Ctrl-\\ itself. The connection comes back by itself. When the program ends, its exit code is returned.`,
  examples: [
    { command: 'navisai attach web', note: 'the terminal "web" of your default session' },
    { command: 'navisai attach web --view', note: 'watch only; nothing is resized' },
    {
      command: 'navisai attach web --detach-keys "Ctrl-a d"',
      note: 'other keys; "detachKeys" in config.json keeps them',
    },
  ],
  flags: {
    view: { type: 'boolean', summary: 'Watch only.' },
    'detach-keys': {
      type: 'text',
      placeholder: '<keys>',
      maxLength: 100,
      summary: `Prefix and key to detach; default "${defaultDetachKeys}".`,
    },
    node: { ...nodeFlag.node, summary: 'Only a terminal on this node.' },
    ...sessionFlag,
  },
  positionals: [{ name: 'name', summary: 'Name or id of the terminal.', completes: 'terminals', maxLength: 64 }],
  async run({ flags, positionals, output }) {
    const environment = readEnvironment();
    const keys = await chooseKeys(flags['detach-keys'], environment.home);
    requireTerminals(output);
    return withHub(async (hub) => {
      const nodeId = await resolveNode(hub.api, flags.node);
      const terminal = await findTerminal(hub.api, positionals.name ?? '', { session: flags.session, nodeId });
      if (terminal.id === environment.insideTerminalId)
        throw usageError('This is the terminal to attach to; it cannot show itself.');
      requireReachable(terminal);
      const end = await attachHere({ hub, terminal, keys, isControlling: !flags.view });
      return tellEnd(end, terminal, output);
    });
  },
});

const chooseKeys = async (flag: string | undefined, home: string): Promise<DetachKeys> => {
  if (flag !== undefined) return parseDetachKeys(flag, '--detach-keys');
  const { detachKeys } = await readCliConfig(home);
  return parseDetachKeys(detachKeys ?? defaultDetachKeys, 'detachKeys in config.json');
};

const requireTerminals = (output: Output): void => {
  if (process.stdin.isTTY && process.stdout.isTTY && !output.isJson) return;
  throw usageError(
    'attach needs a terminal: stdin and stdout must not be redirected.',
    'In scripts use: navisai terminal status <name>, navisai terminal send <name>',
  );
};

interface AttachRequest {
  hub: HubConnection;
  terminal: TerminalInfo;
  keys: DetachKeys;
  isControlling: boolean;
}

/** Signals that end this process detach first, so that the person's terminal is given back. */
const endingSignals = ['SIGTERM', 'SIGHUP', 'SIGINT', 'SIGQUIT'] as const;

const attachHere = async ({ hub, terminal, keys, isControlling }: AttachRequest): Promise<AttachEnd> => {
  const prefixKeys = new PrefixKeys(keys);
  using local = new LocalTerminal({
    input: process.stdin,
    output: process.stdout,
    onInput: (chunk) => session.onKeys(prefixKeys.feed(chunk)),
    onResize: (size) => session.onLocalSize(size),
    onGone: () => session.detach(),
  });
  const takeControlHint = `${nameOfKey(keys.prefix)} ${takeControlKey}`;
  const environment = readEnvironment();
  const isElsewhere = (await chooseHub(environment)) !== undefined;
  // Of a hub elsewhere it cannot be told whether it was stopped or lost: it is waited for.
  const isHubStopped = async (): Promise<boolean> =>
    !isElsewhere && (await readRunningHub(environment.home)) === undefined;
  const live = hub.live();
  const session = new AttachSession({ live, terminal, local, isControlling, isHubStopped, takeControlHint });
  const onEnding = (): void => session.detach();
  const onContinue = (): void => {
    local.resume();
    session.repaint();
  };
  for (const signal of endingSignals) process.on(signal, onEnding);
  process.on('SIGCONT', onContinue);
  try {
    local.open();
    return await session.run();
  } finally {
    for (const signal of endingSignals) process.off(signal, onEnding);
    process.off('SIGCONT', onContinue);
  }
};

const tellEnd = (end: AttachEnd, { name }: TerminalInfo, output: Output): number => {
  switch (end.kind) {
    case 'detached':
      output.remark(`[detached from ${name}]`);
      return 0;
    case 'exited': {
      const { exitCode, signal, reason } = end.exit;
      output.remark(`[${name} ended: ${reason ?? signal ?? `exit code ${exitCode}`}]`);
      return endExitCode({ exitCode, signal });
    }
    case 'failed':
      throw new CommandError(end.error.message, {
        code: end.error.code,
        exitCode: errorTable[end.error.code].exit,
        affects: `Detached from ${name}.`,
      });
  }
};

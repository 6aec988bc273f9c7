/** `navisai terminal list`. */
import type { Api } from '@navisai/client';
import type { TerminalInfo } from '@navisai/protocol';
import { defineCommand } from '../../command-line/command.types.ts';
import { withHub } from '../../hub/connect.ts';
import { allTerminals } from '../../hub/find-terminal.ts';
import { resolveSession, sessionFlag } from '../../hub/session.ts';
import { nodeFlag, nodesOf, resolveNode } from '../../nodes/find-node.ts';
import { usageError } from '../../output/command-error.ts';
import { terminalTable } from '../../output/terminal-table.ts';

export const list = defineCommand({
  summary: 'List terminals and their state.',
  details:
    'busy: its program runs. idle: its program has ended; the terminal can still be read until it is closed. unreachable: its node is not connected; what was known last is shown, and it goes on there.',
  examples: [
    { command: 'navisai terminal list', note: 'of your default session' },
    { command: 'navisai terminal list --all --json', note: 'of every session, for scripts' },
  ],
  flags: {
    all: { type: 'boolean', short: 'a', summary: 'Of every session.' },
    node: { ...nodeFlag.node, summary: 'Only those on this node.' },
    ...sessionFlag,
  },
  run({ flags, output }) {
    if (flags.all && flags.session !== undefined) throw usageError('--all and --session contradict each other.');
    return withHub(async ({ api }) => {
      const nodeId = await resolveNode(api, flags.node);
      const found = flags.all ? await allTerminals(api) : await terminalsOf(api, flags.session);
      const terminals = nodeId === undefined ? found : found.filter((terminal) => terminal.nodeId === nodeId);
      const nodes = await nodesOf(api, terminals);
      output.result({ terminals }, () =>
        terminals.length === 0
          ? 'There are no terminals. Open one: navisai terminal open shell -- bash'
          : terminalTable({ terminals, nodes, isWithSession: flags.all }, output),
      );
    });
  },
});

const terminalsOf = async (api: Api, session: string | undefined): Promise<TerminalInfo[]> => {
  const id = await resolveSession(api, session);
  return (await api.session({ params: { id } })).terminals;
};

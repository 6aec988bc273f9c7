/** `navisai nodes list` and `nodes show` (N3). */
import { defineCommand } from '../../command-line/command.types.ts';
import { matches, parseSelector } from '../../fleet/selector.ts';
import { withHub } from '../../hub/connect.ts';
import { findNode, nodePositional } from '../../nodes/find-node.ts';
import { nodeLines, nodeTable } from '../../nodes/node-lines.ts';

export const list = defineCommand({
  summary: 'List nodes with their state, load and labels.',
  details:
    "main is the hub's own machine. invited: its key was not used yet. SINCE: how long it has been online, or when it was seen last.",
  examples: [
    { command: 'navisai nodes list', note: 'every node' },
    { command: 'navisai nodes list --on role=web,env!=prod', note: 'only those with these labels' },
  ],
  flags: {
    on: {
      type: 'text',
      placeholder: '<selector>',
      completes: 'labels',
      maxLength: 2000,
      summary: 'Only nodes with these labels, such as role=web,env!=prod.',
    },
  },
  run({ flags, output }) {
    const selector = flags.on === undefined ? undefined : parseSelector(flags.on, '--on');
    return withHub(async ({ api }) => {
      const { nodes } = await api.nodes();
      const shown = selector === undefined ? nodes : nodes.filter(({ labels }) => matches(selector, labels));
      output.result({ nodes: shown }, () =>
        shown.length === 0 ? 'No node has these labels. See: navisai nodes list' : nodeTable(shown, output),
      );
    });
  },
});

export const show = defineCommand({
  summary: 'Show everything about one node.',
  examples: [{ command: 'navisai nodes show web-1', note: 'machine, account, load, policy' }],
  flags: {},
  positionals: [nodePositional],
  run: ({ positionals, output }) =>
    withHub(async ({ api }) => {
      const node = await findNode(api, positionals.node ?? '');
      output.result(node, () => nodeLines(node));
    }),
});

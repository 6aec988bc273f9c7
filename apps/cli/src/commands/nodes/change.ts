/** `navisai nodes rename`, `label`, `drain`: what may be changed about a node. */
import { defineCommand } from '../../command-line/command.types.ts';
import { withHub } from '../../hub/connect.ts';
import { findNode, nodePositional } from '../../nodes/find-node.ts';
import { labelWords, parseLabelChanges } from '../../nodes/labels.ts';
import { printable } from '../../output/printable.ts';

export const rename = defineCommand({
  summary: 'Give a node another name; its id stays.',
  examples: [{ command: 'navisai nodes rename web-1 web-eu', note: 'terminals there are not touched' }],
  flags: {},
  positionals: [
    nodePositional,
    {
      name: 'name',
      summary: 'The new name.',
      maxLength: 1000,
      format: {
        pattern: /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/,
        meaning: '1 to 63 characters of A-Z a-z 0-9 . _ - that begin with a letter or digit',
      },
    },
  ],
  run: ({ positionals, output }) =>
    withHub(async ({ api }) => {
      const { id } = await findNode(api, positionals.node ?? '');
      const node = await api.changeNode({ params: { id }, body: { name: positionals.name } });
      output.result(node, () => `The node ${id} is called ${printable(node.name)} now.`);
    }),
});

export const label = defineCommand({
  summary: 'Set and remove labels of a node.',
  details: 'Labels choose nodes: navisai run --on role=web -- uptime.',
  examples: [
    { command: 'navisai nodes label web-1 role=web env=prod', note: 'set two' },
    { command: 'navisai nodes label web-1 env-', note: 'remove one' },
  ],
  flags: {},
  positionals: [nodePositional],
  rest: { name: 'changes', summary: 'key=value to set, key- to remove.', isOwn: true, completes: 'labels' },
  run({ positionals, rest, output }) {
    const labels = parseLabelChanges(rest, '<changes>');
    return withHub(async ({ api }) => {
      const { id } = await findNode(api, positionals.node ?? '');
      const node = await api.changeNode({ params: { id }, body: { labels } });
      output.result(
        node,
        () => `${printable(node.name)}: ${printable(labelWords(node.labels).join(' ') || 'no labels')}`,
      );
    });
  },
});

export const drain = defineCommand({
  summary: 'Let a node take no new work; what runs there goes on.',
  examples: [
    { command: 'navisai nodes drain web-1', note: 'before maintenance' },
    { command: 'navisai nodes drain web-1 --undo', note: 'afterwards' },
  ],
  flags: { undo: { type: 'boolean', summary: 'Take new work again.' } },
  positionals: [nodePositional],
  run: ({ flags, positionals, output }) =>
    withHub(async ({ api }) => {
      const { id } = await findNode(api, positionals.node ?? '');
      const node = await api.changeNode({ params: { id }, body: { draining: !flags.undo } });
      const name = printable(node.name);
      output.result(node, () =>
        flags.undo
          ? `${name} takes new work again.`
          : `${name} takes no new work. ${node.terminals === 1 ? '1 terminal goes' : `${node.terminals} terminals go`} on there.`,
      );
    }),
});

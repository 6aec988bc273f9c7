/** `navisai nodes revoke` and `nodes remove`: the end of a node. */
import { defineCommand } from '../../command-line/command.types.ts';
import { withHub } from '../../hub/connect.ts';
import { findNode, nodePositional } from '../../nodes/find-node.ts';
import { confirm } from '../../output/confirm.ts';
import { printable } from '../../output/printable.ts';

export const revoke = defineCommand({
  summary: 'Refuse a node from now on; its connection closes at once.',
  details: 'What runs there goes on, out of reach. navisai nodes rekey lets the machine in again, with a new key.',
  examples: [{ command: 'navisai nodes revoke laptop', note: 'a machine that was lost' }],
  flags: {},
  positionals: [nodePositional],
  run: ({ positionals, output }) =>
    withHub(async ({ api }) => {
      const { id } = await findNode(api, positionals.node ?? '');
      const node = await api.revokeNode({ params: { id } });
      output.result(node, () => `Revoked ${printable(node.name)} (${node.id}).`);
    }),
});

export const remove = defineCommand({
  summary: 'Forget a node and what is known of its terminals.',
  details: 'What runs on that machine goes on there, out of reach; end it there with navisai node leave.',
  examples: [
    { command: 'navisai nodes remove web-1', note: 'asks first' },
    { command: 'navisai nodes remove web-1 --yes', note: 'in scripts' },
  ],
  flags: { yes: { type: 'boolean', short: 'y', summary: 'Do not ask.' } },
  positionals: [nodePositional],
  run: ({ flags, positionals, output }) =>
    withHub(async ({ api }) => {
      const { id, name, state, terminals } = await findNode(api, positionals.node ?? '');
      const shown = printable(name);
      const count = terminals === 1 ? '1 terminal' : `${terminals} terminals`;
      const warning = `The node ${shown} (${state}) is forgotten with what is known of its ${count}.`;
      const remedy = `navisai nodes remove ${shown} --yes`;
      if (!flags.yes && !(await confirm({ warning, question: 'Remove it?', remedy }, output))) {
        output.remark('Nothing was removed.');
        return 1;
      }
      await api.removeNode({ params: { id } });
      output.result({ id, name, removed: true }, () => `Removed ${shown} (${id}).`);
      return 0;
    }),
});

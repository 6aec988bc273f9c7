/** `navisai nodes`: the machines that run work. */
import type { CommandGroup } from '../command-line/command.types.ts';
import { add, rekey } from './nodes/add.ts';
import { drain, label, rename } from './nodes/change.ts';
import { list, show } from './nodes/list.ts';
import { policy } from './nodes/policy.ts';
import { remove, revoke } from './nodes/remove.ts';

export const nodes: CommandGroup = {
  summary: 'Add, list, label, limit and remove the machines that run work.',
  details:
    "A node is a machine that dials out to this hub; main is the hub's own. Work goes to one with --node <name>, or to many with navisai run --on <labels>.",
  examples: [
    { command: 'navisai nodes add nas', note: 'prints the line to paste on the other machine' },
    { command: 'navisai nodes', note: 'the same as navisai nodes list' },
  ],
  commands: { add, list, show, rename, label, drain, rekey, revoke, remove, policy },
  defaultCommand: 'list',
};

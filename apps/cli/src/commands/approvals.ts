/** `navisai approvals`: what waits for a decision, and deciding it. */
import { scopeSchema, type Approval } from '@navisai/protocol';
import type { CommandGroup } from '../command-line/command.types.ts';
import { defineCommand } from '../command-line/command.types.ts';
import { withHub } from '../hub/connect.ts';
import { CommandError } from '../output/command-error.ts';
import { approvalLines } from '../output/approval-lines.ts';
import { printable } from '../output/printable.ts';

const idPositional = {
  name: 'id',
  summary: 'The approval.',
  completes: 'approvals',
  maxLength: 64,
  format: {
    pattern: /^a_[0-9a-z]{4,40}$/,
    meaning: 'an approval id such as a_9d2k…',
    remedy: 'See: navisai approvals list',
  },
} as const;

const list = defineCommand({
  summary: 'List what waits for a decision.',
  examples: [
    { command: 'navisai approvals list', note: 'only what is pending' },
    { command: 'navisai approvals list --all', note: 'decided ones too, newest first' },
  ],
  flags: {
    all: { type: 'boolean', summary: 'Decided and expired ones too.' },
    state: {
      type: 'choice',
      choices: ['pending', 'approved', 'rejected', 'expired'],
      summary: 'Only those in this state.',
    },
  },
  run: ({ flags, output }) =>
    withHub(async ({ api }) => {
      const state = flags.state as Approval['state'] | undefined;
      const isPendingOnly = !flags.all && state === undefined;
      const answer = isPendingOnly ? await api.pendingApprovals() : await api.approvals({ query: { state } });
      output.result(answer, () => {
        if (answer.approvals.length === 0) return 'Nothing waits for a decision.';
        return output.table(
          ['ID', 'STATE', 'ABOUT', 'FROM', 'TITLE'],
          answer.approvals.map((approval) => {
            const { id, state: present, title } = approval;
            return approval.kind === 'pairing'
              ? [id, present, `code ${approval.detail.shortCode}`, approval.detail.peer, title]
              : [id, present, approval.detail.risk, approval.detail.requester.name, title];
          }),
        );
      });
    }),
});

const show = defineCommand({
  summary: 'Show one approval.',
  examples: [{ command: 'navisai approvals show a_9d2k…', note: 'who asks for what, until when' }],
  flags: {},
  positionals: [idPositional],
  run: ({ positionals, output }) => {
    const id = positionals.id ?? '';
    return withHub(async ({ api }) => {
      const { approvals: found } = await api.approvals({ query: { limit: 500 } });
      const approval = found.find((one) => one.id === id);
      if (approval === undefined)
        throw new CommandError(`There is no approval ${id}.`, {
          code: 'NOT_FOUND',
          exitCode: 5,
          remedy: 'navisai approvals list --all',
        });
      output.result(approval, () => approvalLines(approval));
    });
  },
});

const approve = defineCommand({
  summary: 'Approve.',
  examples: [
    { command: 'navisai approvals approve a_9d2k…', note: 'compare the code on the device first' },
    { command: 'navisai approvals approve a_9d2k… --scope viewer', note: 'grant less than was asked for' },
  ],
  flags: { scope: { type: 'choice', choices: ['viewer', 'operator', 'admin'], summary: 'Grant this scope.' } },
  positionals: [idPositional],
  run: ({ flags, positionals, output }) => {
    const id = positionals.id ?? '';
    return withHub(async ({ api }) => {
      const scope = scopeSchema.optional().parse(flags.scope);
      const approval = await api.approve({ params: { id }, body: scope === undefined ? {} : { scope } });
      output.result(approval, () => `Approved: ${printable(approval.title)}`);
    });
  },
});

const reject = defineCommand({
  summary: 'Reject.',
  examples: [{ command: 'navisai approvals reject a_9d2k…', note: 'nothing happens then' }],
  flags: {},
  positionals: [idPositional],
  run: ({ positionals, output }) => {
    const id = positionals.id ?? '';
    return withHub(async ({ api }) => {
      const approval = await api.reject({ params: { id } });
      output.result(approval, () => `Rejected: ${printable(approval.title)}`);
    });
  },
});

export const approvals: CommandGroup = {
  summary: 'See and decide what waits for your approval.',
  examples: [{ command: 'navisai approvals', note: 'the same as navisai approvals list' }],
  commands: { list, show, approve, reject },
  defaultCommand: 'list',
};

/** `navisai approvals`: what waits for a decision, and deciding it. */
import { approvePairing, decideCall, type HubConnection } from '@navisai/client';
import { scopeSchema, type Approval, type ApprovalOf } from '@navisai/protocol';
import type { CommandGroup } from '../command-line/command.types.ts';
import { defineCommand } from '../command-line/command.types.ts';
import { withHub } from '../hub/connect.ts';
import { usageError } from '../output/command-error.ts';
import { durationFlag, endOf, matcherFlags, matcherOf } from '../rules/rule-flags.ts';
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

const comment = {
  type: 'text',
  placeholder: '<text>',
  maxLength: 2000,
  summary: 'Told to whoever asked.',
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
      const approval = await api.approval({ params: { id } });
      output.result(approval, () => approvalLines(approval));
    });
  },
});

const approve = defineCommand({
  summary: 'Approve.',
  examples: [
    { command: 'navisai approvals approve a_9d2k…', note: 'compare the code on the device first' },
    { command: 'navisai approvals approve a_9d2k… --scope viewer', note: 'grant less than was asked for' },
    { command: 'navisai approvals approve a_9d2k… --session', note: 'and what is like it, in this conversation' },
    {
      command: 'navisai approvals approve a_9d2k… --rule --prefix "npm test" --for 8h',
      note: 'and every npm test today',
    },
  ],
  flags: {
    scope: { type: 'choice', choices: ['viewer', 'operator', 'admin'], summary: 'Of a pairing: grant this scope.' },
    session: { type: 'boolean', summary: 'Of a call: also what is like it, in this session.' },
    rule: { type: 'boolean', summary: 'Of a call: also what is like it, by a rule.' },
    ...matcherFlags,
    ...durationFlag,
    comment,
  },
  positionals: [idPositional],
  run: ({ flags, positionals, output }) => {
    const id = positionals.id ?? '';
    if (flags.session && flags.rule) throw usageError('--session and --rule are two different scopes: give one.');
    return withHub(async (hub) => {
      const asked = await hub.api.approval({ params: { id } });
      const approval = asked.kind === 'pairing' ? await pair(hub, asked, flags) : await grant(hub, asked, flags);
      output.result(approval, () => `Approved: ${printable(approval.title)}`);
    });
  },
});

interface GrantFlags {
  scope?: string | undefined;
  session?: boolean | undefined;
  rule?: boolean | undefined;
  prefix?: readonly string[] | undefined;
  directory?: readonly string[] | undefined;
  'max-risk'?: string | undefined;
  for?: string | undefined;
  comment?: string | undefined;
}

const pair = async (hub: HubConnection, asked: ApprovalOf<'pairing'>, { scope }: GrantFlags): Promise<Approval> => {
  const { userId } = await hub.api.whoAmI();
  return approvePairing(hub, asked, { scope: scopeSchema.optional().parse(scope), userId });
};

const grant = (hub: HubConnection, asked: ApprovalOf<'call'>, flags: GrantFlags): Promise<Approval> => {
  const scope = flags.rule === true ? 'rule' : flags.session === true ? 'session' : 'once';
  if (flags.scope !== undefined) throw usageError('--scope is for pairings; a call takes --session or --rule.');
  const narrows =
    [flags.prefix, flags.directory].some((list) => (list?.length ?? 0) > 0) || flags['max-risk'] !== undefined;
  if (scope === 'once' && (narrows || flags.for !== undefined))
    throw usageError('--prefix, --directory, --max-risk and --for need --session or --rule.');
  const { proposed, risk, call } = asked.detail;
  const base = proposed ?? { tools: [call.tool], maxRisk: risk };
  return decideCall(hub, {
    approval: asked,
    grant: scope,
    comment: flags.comment,
    ...(narrows ? { matcher: matcherOf(base, flags) } : {}),
    expiresAt: endOf(flags.for, hub.clock.now()),
  });
};

const reject = defineCommand({
  summary: 'Reject.',
  examples: [
    { command: 'navisai approvals reject a_9d2k…', note: 'nothing happens then' },
    { command: 'navisai approvals reject a_9d2k… --comment "use the test database"', note: 'the agent reads it' },
  ],
  flags: { comment },
  positionals: [idPositional],
  run: ({ flags, positionals, output }) => {
    const id = positionals.id ?? '';
    return withHub(async ({ api }) => {
      const body = flags.comment === undefined ? undefined : { comment: flags.comment };
      const approval = await api.reject({ params: { id }, body });
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

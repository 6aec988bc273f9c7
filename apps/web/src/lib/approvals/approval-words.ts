/** What an approval is about and what became of it, in words. */
import type { Approval, ApprovalOf, CallMatcher, GrantScope, Risk } from '@navisai/protocol';

export interface RiskWords {
  label: string;
  tone: 'calm' | 'warn' | 'bad';
}

const risks: Record<Risk, RiskWords> = {
  reading: { label: 'Reads', tone: 'calm' },
  changing: { label: 'Changes things', tone: 'warn' },
  network: { label: 'Uses the network', tone: 'warn' },
  unknown: { label: 'Cannot be told', tone: 'warn' },
  privilege: { label: 'Needs privilege', tone: 'bad' },
  destruction: { label: 'Destroys', tone: 'bad' },
};

export const riskWords = (risk: Risk): RiskWords => risks[risk];

const requesters = {
  agent: 'The agent',
  sub_agent: 'A sub-agent',
  recall: 'A scheduled task',
  mcp: 'An MCP client',
  acp: 'An agent',
} as const;

/** `The agent developer`, `A scheduled task Backup`. */
export const requesterWords = ({ requester }: ApprovalOf<'call'>['detail']): string =>
  `${requesters[requester.kind]}${requester.name === '' ? '' : ` ${requester.name}`}`;

const verbs: Record<string, string> = {
  terminal: 'run a command',
  remote_terminal: 'run a command',
  code_exec: 'run code',
  ssh_exec: 'act on another host',
  filesystem: 'change files',
  remote_filesystem: 'change files',
  spawn_agent: 'start a sub-agent',
  content_publish: 'publish a file',
};

export const wishWords = ({ call }: ApprovalOf<'call'>['detail']): string =>
  verbs[call.tool] ?? `use ${call.tool.replaceAll('_', ' ')}`;

const grants = { once: 'Approved once', session: 'Approved for this session', rule: 'Approved as a rule' } as const;

/** A pairing is approved in one way only. */
const grantWords = (grant: GrantScope | null): string => (grant === null ? 'Approved' : grants[grant]);

/** How it was decided, with what was said. */
export const decisionWords = (approval: Pick<Approval, 'state' | 'grant' | 'comment'>): string => {
  const comment = approval.comment ? `: ${approval.comment}` : '';
  switch (approval.state) {
    case 'approved':
      return `${grantWords(approval.grant ?? null)}${comment}`;
    case 'rejected':
      return `Rejected${comment}`;
    case 'expired':
      return 'Nobody answered in time';
    case 'pending':
      return 'Waits for a decision';
  }
};

/** Parts of a command by what they may do. */
export const groupReasons = (
  reasons: readonly { text: string; reason: string }[],
): { reason: string; parts: string[] }[] => {
  const groups = new Map<string, Set<string>>();
  for (const { text, reason } of reasons) groups.set(reason, (groups.get(reason) ?? new Set()).add(text));
  return Array.from(groups, ([reason, parts]) => ({ reason, parts: [...parts] }));
};

/** What a rule would allow, in a sentence. */
export const matcherWords = (matcher: CallMatcher): string => {
  const what =
    matcher.command !== undefined
      ? 'exactly this command'
      : matcher.commandPrefixes === undefined
        ? `calls of ${matcher.tools.join(', ')}`
        : `commands that begin with ${matcher.commandPrefixes.map((prefix) => `“${prefix}”`).join(', ')}`;
  const where = matcher.directories === undefined ? '' : ` in ${matcher.directories.join(', ')}`;
  return `${what}${where}`;
};

/** What an approval is about and what became of it, in words. */
import {
  type Approval,
  type ApprovalOf,
  type CallMatcher,
  type GrantScope,
  type Risk,
  withdrawnBecause,
} from '@navisai/protocol';

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

const verbs: Readonly<Record<string, string>> = {
  code_exec: 'run code',
  ssh_exec: 'act on another host',
  spawn_agent: 'start a sub-agent',
  content_publish: 'publish a file',
  schedule_recall: 'schedule a task',
};

const fileVerbs: Readonly<Record<string, string>> = {
  read: 'read a file',
  write: 'write a file',
  edit: 'edit a file',
  copy: 'copy files',
  move: 'move files',
  delete: 'delete files',
};

/** Of agents of others, by the kinds of their calls (I19). */
const kindVerbs: Readonly<Record<string, string>> = {
  ...fileVerbs,
  fetch: 'fetch something',
  execute: 'run something',
};

/** `run a command in the terminal web`. */
export const wishWords = ({ call }: ApprovalOf<'call'>['detail']): string => {
  const given = (typeof call.arguments === 'object' && call.arguments !== null ? call.arguments : {}) as Given;
  if (call.tool.endsWith('terminal')) return terminalWish(given);
  if (call.tool.endsWith('filesystem')) return fileVerbs[String(given['action'])] ?? 'look at files';
  if (call.tool === 'acp') return kindVerbs[String(given['kind'])] ?? (wordOf(given['title']) || 'act');
  return verbs[call.tool] ?? `use ${call.tool.replaceAll('_', ' ')}`;
};

type Given = Readonly<Record<string, unknown>>;
const wordOf = (value: unknown): string => (typeof value === 'string' ? value : '');

const terminalWish = (given: Given): string => {
  const name = wordOf(given['terminal_name']);
  const terminal = `the terminal ${name}`;
  switch (given['action']) {
    case 'open':
      return `open ${terminal}`;
    case 'send_input':
      return `type into ${terminal}`;
    case 'close':
      return `end ${terminal}`;
    default:
      return name === '' ? 'run a command' : `run a command in ${terminal}`;
  }
};

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
      return withdrawnBecause(approval) ?? 'Nobody answered in time';
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

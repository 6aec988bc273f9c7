/** What a notification says: enough to recognise what is asked, in 3 KiB, with nothing secret in it (A2). */
import { type Approval, maxPushBytes, type PushMessage, shownCall, withdrawnBecause } from '@navisai/protocol';
import type { RecallAlarm } from '../recalls/recalls.types.ts';

/** Longer texts are opened on the page, where all of it is seen. */
const maxShownText = 600;
const maxTitle = 120;

/** Values of well-known settings and headers, keys of providers. */
const secretPatterns: readonly RegExp[] = [
  /(?:passw(?:or)?d|secret|token|api[_-]?key|credential)[\w-]{0,40}["']?\s{0,9}[=:]\s{0,9}\S/i,
  /\b(?:authorization|cookie)\s{0,9}:\s{0,9}\S/i,
  /--?(?:password|token|secret|api-key)[ =]\S/i,
  /:\/\/[^\s/:@]{1,100}:[^\s/@]{1,100}@/,
  /\b(?:sk|pk|ghp|gho|github_pat|xox[abp]|glpat|AKIA)[-_A-Za-z0-9]{12}/,
  /-----BEGIN [A-Z ]{1,40}-----/,
];
/** A longer word of letters and digits is no word. */
const maxWordLength = 40;

const hasSecret = (text: string): boolean =>
  secretPatterns.some((pattern) => pattern.test(text)) ||
  text
    .split(/[^A-Za-z0-9+_-]+/)
    .some((word) => word.length > maxWordLength && /\d/.test(word) && /[A-Za-z]/.test(word));

const cut = (text: string, length: number): string =>
  text.length <= length ? text : `${text.slice(0, length - 1).trimEnd()}…`;

/** As much as a phone shows of a notification that is opened. */
const maxWhole = { characters: 240, lines: 4 } as const;

/** Controls, line separators, marks and overrides of direction, and what else is not seen; but line ends. */
const unseen =
  /(?!\n)[\0-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]|\p{Cs}/gu;
const visible = (text: string): string => text.replaceAll(unseen, '\ufffd');

const isSeenWhole = (text: string): boolean =>
  text.length <= maxWhole.characters && text.split('\n').length <= maxWhole.lines && text.search(unseen) < 0;

/** The whole text where all of it is seen and harmless, else the summary, else nothing of it. */
const shownText = (text: string, summary: string): { summary: string; isWhole: boolean } => {
  if (isSeenWhole(text) && !hasSecret(text)) return { summary: text, isWhole: true };
  return {
    summary: hasSecret(summary) ? 'Open it to see what would run.' : visible(cut(summary, maxShownText)),
    isWhole: false,
  };
};

const titleOf = (title: string): string =>
  hasSecret(title) ? 'Navis asks for an approval' : visible(cut(title, maxTitle));

export const approvalMessage = (approval: Approval): PushMessage => {
  const common = { kind: 'approval' as const, approvalId: approval.id, title: titleOf(approval.title) };
  if (approval.kind === 'pairing') {
    const { deviceName, requestedScope } = approval.detail;
    const summary = cut(
      `${visible(deviceName)} wants to be paired as ${requestedScope}. Compare its code.`,
      maxShownText,
    );
    return { ...common, approvalKind: 'pairing', summary, risk: null, isWhole: false };
  }
  const { summary, nodeName, requester, risk } = approval.detail;
  const shown = shownText(shownCall(approval.detail), summary);
  const title = titleOf(`${requester.name} on ${nodeName}`);
  return { ...common, approvalKind: 'call', title, ...shown, risk };
};

const decisionWords = { approved: 'Approved', rejected: 'Rejected', expired: 'Nobody decided in time' } as const;

export const settledMessage = (approval: Approval): PushMessage | undefined => {
  const { id, title, state } = approval;
  if (state === 'pending') return undefined;
  const summary = withdrawnBecause(approval) ?? decisionWords[state];
  return { kind: 'settled', approvalId: id, title: titleOf(title), summary: cut(summary, maxShownText) };
};

export const recallMessage = ({ recall, run }: RecallAlarm): PushMessage => {
  const said = run.error?.message ?? run.answer ?? '';
  const summary = hasSecret(said) ? '' : `: ${said}`;
  return {
    kind: 'recall',
    recallId: recall.id,
    title: titleOf(recall.title),
    summary: cut(`${run.state}${said === '' ? '' : summary}`, maxShownText),
  };
};

/** JSON of at most 3 KiB, whatever the characters are. */
export const encodeMessage = (message: PushMessage): string => {
  let encoded = JSON.stringify(message);
  for (let length = message.summary.length; Buffer.byteLength(encoded) > maxPushBytes && length > 0;) {
    length = Math.floor(length * 0.8);
    const shorter = { ...message, summary: cut(message.summary, Math.max(length, 1)) };
    encoded = JSON.stringify(shorter.kind === 'approval' ? { ...shorter, isWhole: false } : shorter);
  }
  return encoded;
};

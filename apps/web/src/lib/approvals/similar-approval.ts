/** The last approved call that is like this one: what is new can then be shown as such (A2). */
import type { Approval, ApprovalOf } from '@navisai/protocol';

/** Shorter commands are read in a glance. */
const longLength = 100;

export const similarApproval = (
  approval: ApprovalOf<'call'>,
  known: readonly Approval[],
): ApprovalOf<'call'> | undefined => {
  const { text, call } = approval.detail;
  if (text.length < longLength) return undefined;
  const first = firstWord(text);
  return known.find(
    (one): one is ApprovalOf<'call'> =>
      one.kind === 'call' &&
      one.id !== approval.id &&
      one.state === 'approved' &&
      one.detail.call.tool === call.tool &&
      one.detail.text !== text &&
      firstWord(one.detail.text) === first,
  );
};

const firstWord = (text: string): string => text.trim().split(/\s+/, 1)[0] ?? '';

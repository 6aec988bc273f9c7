/** Answers an approval of a call: this device signs what it allows (N12). */
import { decideCall } from '@navisai/client';
import type { HubConnection } from '@navisai/client';
import type { Approval, ApprovalOf, CallMatcher } from '@navisai/protocol';

export type CallAnswer =
  | { kind: 'once' }
  | { kind: 'session' }
  | { kind: 'rule'; matcher: CallMatcher; nodes: string[] | null; expiresAt: string | null }
  | { kind: 'reject'; comment: string };

/** What somebody meant to answer elsewhere, such as in a notification. */
export type WantedAnswer = 'approve' | 'reject';

/** Rejects with the hub's own words, such as that somebody else was faster. */
export const answerCall = (
  hub: HubConnection,
  approval: ApprovalOf<'call'>,
  { kind: grant, ...answer }: CallAnswer,
): Promise<Approval> => {
  if (grant !== 'reject') return decideCall(hub, { approval, grant, ...answer });
  const comment = 'comment' in answer ? answer.comment.trim() : '';
  return hub.api.reject({ params: { id: approval.id }, body: comment === '' ? {} : { comment } });
};

/** What the model reads when a call may not run (A1, A5). */
import type { CallDecision } from '@navisai/policy';
import { NavisError, toErrorBody, type ApprovalOf, type ToolResult, withdrawnBecause } from '@navisai/protocol';
import type { GateAnswer } from '../agents.types.ts';

export const refusal = (error: unknown): GateAnswer => {
  const { code, message, field } = toErrorBody(error);
  const result: ToolResult = {
    success: false,
    output: '',
    error: { code, message, ...(field === undefined ? {} : { field }) },
    metadata: {},
  };
  return { kind: 'refused', result };
};

export const cancelled = (): GateAnswer =>
  refusal(new NavisError('CANCELLED', 'The call was stopped before it was approved; nothing was done.'));

export const denied = ({ decision }: CallDecision): GateAnswer => {
  const { rule, reason, source } = decision.decidedBy;
  if (rule === 'arguments') return refusal(new NavisError('INVALID_ARGUMENT', reason));
  return refusal(new NavisError('POLICY_DENIED', `${reason} (rule ${rule}, ${source}). Nothing was done.`));
};

export const unanswerable = (question: string): GateAnswer =>
  refusal(
    new NavisError(
      'POLICY_DENIED',
      `This needs the approval of a person, and nobody may answer here: ${question} Nothing was done.`,
    ),
  );

/** Null while it is pending, and when it was approved. */
export const refusalOf = (approval: ApprovalOf<'call'>): GateAnswer | null => {
  const { state, comment } = approval;
  if (state === 'rejected') {
    const said = comment ? ` They say: ${comment}` : '';
    return refusal(new NavisError('POLICY_DENIED', `The person refused this call. Nothing was done.${said}`));
  }
  if (state !== 'expired') return null;
  const reason = withdrawnBecause(approval) ?? 'Nobody approved this call in time.';
  return refusal(new NavisError('POLICY_DENIED', `${reason} Nothing was done.`));
};

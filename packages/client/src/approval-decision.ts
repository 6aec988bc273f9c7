/** The person's decision about a call, signed by this device over exactly what was shown (A2, N12). */
import {
  type Approval,
  type ApprovalOf,
  type CallMatcher,
  type GrantScope,
  NavisError,
  newId,
  type Rule,
  type SignedText,
  type Statement,
  statementText,
} from '@navisai/protocol';
import type { HubConnection } from './connect-hub.ts';
import type { Signer } from './signer.ts';

export interface CallDecision {
  approval: ApprovalOf<'call'>;
  grant: GrantScope;
  comment?: string | undefined;
  /** Of a rule; default: what was proposed, on the node of the call, for ever. */
  matcher?: CallMatcher | undefined;
  nodes?: string[] | null | undefined;
  expiresAt?: string | null | undefined;
}

/** Approves. Rejects NavisError CONFLICT when it was decided before, FORBIDDEN when this device may not. */
export const decideCall = async (
  hub: Pick<HubConnection, 'api' | 'signer' | 'clock'>,
  decision: CallDecision,
): Promise<Approval> => {
  const { signer, clock } = hub;
  if (signer === undefined) throw new NavisError('UNAUTHORIZED', 'This client is not paired with the hub.');
  const { approval, grant, comment } = decision;
  const signed = await signStatement(
    signer,
    statementOf(decision, { signer, at: new Date(clock.now()).toISOString() }),
  );
  return hub.api.approve({ params: { id: approval.id }, body: { grant, comment, signed } });
};

export const signStatement = async (signer: Signer, statement: Statement): Promise<SignedText> => {
  const text = statementText(statement);
  return { text, signature: await signer.sign(text), deviceId: signer.deviceId };
};

const statementOf = (decision: CallDecision, { signer, at }: { signer: Signer; at: string }): Statement => {
  const { approval, grant } = decision;
  const { call, isUnmasked } = approval.detail;
  const { hubId } = signer;
  if (grant !== 'once') return { statement: 'navis.rule.v1', hubId, rule: ruleOf(decision, { signer, at }), at };
  const { id: approvalId, expiresAt } = approval;
  return { statement: 'navis.approval.v1', hubId, approvalId, call, isUnmasked, at, expiresAt };
};

const ruleOf = (decision: CallDecision, { signer, at }: { signer: Signer; at: string }): Rule => {
  const { approval, grant, matcher, nodes, expiresAt } = decision;
  const { call, proposed, summary } = approval.detail;
  const wanted = matcher ?? proposed;
  if (wanted === null) throw new NavisError('INVALID_ARGUMENT', 'This call can be approved once only.');
  return {
    id: newId('rule'),
    effect: 'allow',
    matcher: wanted,
    nodes: nodes === undefined ? [call.nodeId] : nodes,
    sessionId: grant === 'session' ? call.sessionId : null,
    userId: call.userId,
    description: summary,
    createdAt: at,
    expiresAt: expiresAt ?? null,
    createdBy: signer.deviceId,
  };
};

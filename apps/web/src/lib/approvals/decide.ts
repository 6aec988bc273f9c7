/** Answers an approval of a call: this device signs what it allows (N12). */
import { createWebCryptoSigner } from '@navisai/client';
import type { Api } from '@navisai/client';
import { newId, statementText } from '@navisai/protocol';
import type { ApprovalOf, CallMatcher, Rule, SignedText, Statement } from '@navisai/protocol';
import type { PairedDevice } from '../device/device-storage.ts';

export type CallDecision =
  | { kind: 'once' }
  | { kind: 'session' }
  | { kind: 'rule'; matcher: CallMatcher; nodes: string[] | null; expiresAt: string | null }
  | { kind: 'reject'; comment: string };

interface Decider {
  api: Api;
  device: PairedDevice;
}

/** Rejects with the hub's own words, such as that somebody else was faster. */
export const decideCall = async (decider: Decider, approval: ApprovalOf<'call'>, decision: CallDecision) => {
  const params = { id: approval.id };
  if (decision.kind === 'reject') {
    const comment = decision.comment.trim();
    return decider.api.reject({ params, ...(comment === '' ? {} : { body: { comment } }) });
  }
  const signed = await sign(decider.device, statementOf(decider.device, approval, decision));
  return decider.api.approve({ params, body: { grant: decision.kind, signed } });
};

const sign = async (device: PairedDevice, statement: Statement): Promise<SignedText> => {
  const text = statementText(statement);
  return { text, signature: await createWebCryptoSigner(device).sign(text), deviceId: device.deviceId };
};

const statementOf = (
  { hubId, deviceId }: PairedDevice,
  approval: ApprovalOf<'call'>,
  decision: Exclude<CallDecision, { kind: 'reject' }>,
): Statement => {
  const { call, isUnmasked, summary, proposed } = approval.detail;
  const at = new Date().toISOString();
  if (decision.kind === 'once') {
    const { id: approvalId, expiresAt } = approval;
    return { statement: 'navis.approval.v1', hubId, approvalId, call, isUnmasked, at, expiresAt };
  }
  const isSession = decision.kind === 'session';
  const rule: Rule = {
    id: newId('rule'),
    effect: 'allow',
    matcher: isSession ? (proposed ?? { tools: [call.tool] }) : decision.matcher,
    nodes: isSession ? [call.nodeId] : decision.nodes,
    sessionId: isSession ? call.sessionId : null,
    userId: call.userId,
    description: summary.slice(0, 500),
    createdAt: at,
    expiresAt: isSession ? null : decision.expiresAt,
    createdBy: deviceId,
  };
  return { statement: 'navis.rule.v1', hubId, rule, at };
};

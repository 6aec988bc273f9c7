/**
 * Whether a person allowed just this call: the signed approval of it, or a signed rule that covers it, by a device that
 * chains to the owner (N12). Pure; hub and machines ask it alike.
 */
import { scopeIncludes, type BoundCall, type CallAuthority, type Risk, type Rule } from '@navisai/protocol';
import { describeCall } from '../calls/describe-call.ts';
import type { Place } from '../calls/places.ts';
import { isAbout } from '../calls/rules.ts';
import { sameValue } from './same-value.ts';
import { signerOf, statementOf } from './signers.ts';
import type { Owner, Signer, VerifySignature } from './signers.ts';

export interface AuthorityQuestion {
  authority: CallAuthority;
  owner: Owner;
  call: BoundCall;
  /** Of tools that the hub itself carries out. */
  risk?: Risk | undefined;
  isUnmasked: boolean;
  place: Place;
  verify: VerifySignature;
  isRevoked?: ((deviceId: string) => boolean) | undefined;
  nowMs: number;
}

export type AuthorityAnswer =
  | { kind: 'approval'; signer: Signer; approvalId: string; expiresAt: string }
  | { kind: 'rule'; signer: Signer; rule: Rule }
  | { kind: 'refused'; reason: string };

/** Clocks of devices and machines differ. */
const clockToleranceMs = 5 * 60_000;

const refused = (reason: string): AuthorityAnswer => ({ kind: 'refused', reason });

export const verifyAuthority = (question: AuthorityQuestion): AuthorityAnswer => {
  const { authority, owner, verify, isRevoked, call, nowMs } = question;
  const { signed, enrolments } = authority;
  const stated = statementOf(signed, owner.hubId);
  if (!stated.ok) return refused(stated.reason);
  const signer = signerOf(signed, { owner, enrolments, verify, isRevoked });
  if (!signer.ok) return refused(signer.reason);
  const { scope, userId } = signer.value;
  if (!scopeIncludes(scope, 'operator')) return refused('the device that signed it may only look');
  if (userId !== null && userId !== call.userId && !scopeIncludes(scope, 'admin'))
    return refused('the device that signed it belongs to another user');
  const { value: statement } = stated;
  if (statement.statement === 'navis.enrolment.v1') return refused('an enrolment allows no call');
  if (statement.statement === 'navis.revocations.v1') return refused('a list of revoked devices allows no call');
  if (Date.parse(statement.at) > nowMs + clockToleranceMs) return refused('it was signed in the future');
  if (statement.statement === 'navis.approval.v1') {
    const difference = differenceOf(statement.call, call);
    if (difference !== undefined) return refused(`it was given for another call: ${difference} differs`);
    if (statement.isUnmasked !== question.isUnmasked) return refused('it was given for another sandbox');
    if (Date.parse(statement.expiresAt) <= nowMs) return refused(`it expired at ${statement.expiresAt}`);
    const { approvalId, expiresAt } = statement;
    return { kind: 'approval', signer: signer.value, approvalId, expiresAt };
  }
  return judgeRule(statement.rule, signer.value, question);
};

const fields = ['callId', 'sessionId', 'userId', 'nodeId', 'tool', 'arguments'] as const;

export const differenceOf = (one: BoundCall, other: BoundCall): string | undefined =>
  fields.find((field) => !sameValue(one[field], other[field]));

const judgeRule = (rule: Rule, signer: Signer, question: AuthorityQuestion): AuthorityAnswer => {
  const { call, risk, isUnmasked, place, nowMs } = question;
  if (rule.effect !== 'allow') return refused('the rule allows nothing');
  if (rule.createdBy !== signer.deviceId) return refused('the rule was made by another device');
  if (isUnmasked) return refused('no rule allows what is outside of the sandbox');
  const described = describeCall({ ...call, risk, place });
  const { sessionId, userId, nodeId } = call;
  const now = new Date(nowMs).toISOString();
  if (!isAbout(rule, { described, place, sessionId, userId, nodeId, now }))
    return refused(`the rule ${rule.id} does not cover it`);
  return { kind: 'rule', signer, rule };
};

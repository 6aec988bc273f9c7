/** Which decisions about calls count: who may decide, and that what was signed is what was asked (A2, N12). */
import { describeCall, differenceOf, isAbout, verifyAuthority } from '@navisai/policy';
import { NavisError, scopeIncludes, type ApprovalOf, type Device, type Rule } from '@navisai/protocol';
import type { StoreWriter } from '@navisai/store';
import type { Decision } from '../../services/approvals.ts';
import { authorityOf } from '../rules/authorities.ts';
import { invalid, signedStatement, type Rules, type RulesParts } from '../rules/rules.ts';
import { placeOfNode } from './places-of-nodes.ts';

export interface CallDecisionsParts extends Pick<RulesParts, 'keeper' | 'owner' | 'verify' | 'devices' | 'now'> {
  rules: Rules;
  home: string;
}

export interface CallDecisions {
  /** Rejects NavisError FORBIDDEN or INVALID_REQUEST. */
  judge(approval: ApprovalOf<'call'>, decision: Decision): Promise<void>;
  /** What follows in the same transaction; answers what to do once it is on disk. */
  follow(writer: StoreWriter, approval: ApprovalOf<'call'>, decision: Decision): Promise<() => void>;
}

export const createCallDecisions = (parts: CallDecisionsParts): CallDecisions => {
  const { rules } = parts;
  return {
    async judge(approval, decision) {
      requireRights(approval, decision.by);
      if (decision.state === 'rejected') return;
      const { signed, grant = 'once' } = decision;
      if (signed === undefined)
        throw new NavisError('FORBIDDEN', 'A call is approved by a signed statement only.', { field: 'signed' });
      if (grant === 'once') {
        judgeOnce(parts, approval, { ...decision, signed });
      } else {
        judgeRule(parts, approval, { rule: rules.judge(decision.by, signed), grant });
      }
      await requireChain(parts, approval, signed);
    },
    async follow(writer, _approval, { by, grant = 'once', signed, state }) {
      if (state === 'rejected' || grant === 'once' || signed === undefined) return () => undefined;
      const rule = rules.judge(by, signed);
      await rules.keep(writer, { rule, signed });
      return () => rules.added(rule);
    },
  };
};

const requireRights = ({ detail }: ApprovalOf<'call'>, by: Device): void => {
  const isOwn = detail.call.userId === by.userId;
  if (!scopeIncludes(by.scope, isOwn ? 'operator' : 'admin'))
    throw new NavisError('FORBIDDEN', 'This device may not decide about this call.');
  if (detail.needsOtherDevice && by.kind === 'host')
    throw new NavisError(
      'FORBIDDEN',
      'Nothing isolates what agents run on this machine from its own command line. Decide on another paired device.',
    );
};

type Signed = Decision & Required<Pick<Decision, 'signed'>>;

/** The text that was shown is the text that runs. */
const judgeOnce = (parts: CallDecisionsParts, approval: ApprovalOf<'call'>, { by, signed }: Signed): void => {
  const statement = signedStatement(parts, by, signed);
  if (statement.statement !== 'navis.approval.v1') throw invalid('approves no call');
  if (statement.approvalId !== approval.id) throw invalid('is about another approval');
  const difference = differenceOf(statement.call, approval.detail.call);
  if (difference !== undefined) throw invalid(`is about another call: ${difference} differs`);
  if (statement.isUnmasked !== approval.detail.isUnmasked) throw invalid('is about another sandbox');
  const expiresAt = Date.parse(statement.expiresAt);
  if (expiresAt > Date.parse(approval.expiresAt)) throw invalid('holds longer than the approval');
  if (expiresAt <= parts.now()) throw invalid('has expired already');
};

const judgeRule = (
  { home, now }: CallDecisionsParts,
  { detail }: ApprovalOf<'call'>,
  { rule, grant }: { rule: Rule; grant: 'session' | 'rule' },
): void => {
  const { call } = detail;
  if (rule.effect !== 'allow') throw invalid('allows nothing');
  if (grant === 'session' && rule.sessionId !== call.sessionId) throw invalid('is not about this session');
  const place = placeOfNode(call.nodeId, home);
  const described = describeCall({ ...call, risk: detail.risk, place });
  const { sessionId, userId, nodeId } = call;
  const covers = isAbout(rule, { described, place, sessionId, userId, nodeId, now: new Date(now()).toISOString() });
  if (!covers) throw invalid('does not cover this call');
};

/** What no machine would accept is no approval. */
const requireChain = async (
  { keeper, owner, verify, home, now }: CallDecisionsParts,
  { detail }: ApprovalOf<'call'>,
  signed: Signed['signed'],
): Promise<void> => {
  const authority = await authorityOf(keeper.store.read, { signed, ownerId: owner.deviceId });
  const { call, isUnmasked, risk } = detail;
  const place = placeOfNode(call.nodeId, home);
  const answer = verifyAuthority({ authority, owner, call, risk, isUnmasked, place, verify, nowMs: now() });
  if (answer.kind !== 'refused') return;
  throw new NavisError(
    'FORBIDDEN',
    `No machine would accept this approval: ${answer.reason}. If the device was paired before, run this on the hub's machine: navisai devices.`,
  );
};

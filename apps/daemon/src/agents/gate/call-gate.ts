/**
 * The gate of every call that no person made: asks the policy, and the person where it says so (A1, A2, A5). A question
 * is on disk before anybody waits; the same call finds its question, and the answer, again after a restart.
 */
import { decideCall, differenceOf, stricterMode, verifyAuthority, type CallDecision } from '@navisai/policy';
import {
  mainNodeId,
  NavisError,
  type ApprovalOf,
  type CallAuthority,
  type Rule,
  type SignedText,
} from '@navisai/protocol';
import type { SignedRule, StoreFeed } from '@navisai/store';
import type { FastifyBaseLogger } from 'fastify';
import type { NodePolicies } from '../../nodes/node-policies.ts';
import type { NodeRegistry } from '../../nodes/registry.ts';
import { approvalEvent, type Approvals, maxPendingApprovals } from '../../services/approvals.ts';
import type { CallGate, GateAnswer, GateRequest } from '../agents.types.ts';
import { isLeaving } from '../leaving.ts';
import { authorityOf } from '../rules/authorities.ts';
import { authorityByRule, type Rules, type RulesParts } from '../rules/rules.ts';
import { isCallApproval, newCallApproval } from './call-approval.ts';
import { placeOfNode } from './places-of-nodes.ts';
import { cancelled, denied, refusal, refusalOf, unanswerable } from './refusals.ts';
import { createWaiting, type Waiting } from './waiting.ts';

export interface CallGateParts extends Pick<RulesParts, 'keeper' | 'devices' | 'owner' | 'verify' | 'now'> {
  feed: StoreFeed;
  approvals: Approvals;
  rules: Rules;
  registry: Pick<NodeRegistry, 'find'>;
  policies: Pick<NodePolicies, 'known'>;
  /** The home directory of the hub's own machine. */
  home: string;
  log: FastifyBaseLogger;
}

interface GateContext extends CallGateParts {
  waiting: Waiting;
}

export const createCallGate = (parts: CallGateParts): CallGate => {
  const context: GateContext = { ...parts, waiting: createWaiting() };
  parts.approvals.onSettled((approval) => context.waiting.settle(approval));
  parts.rules.onAdded((rule) => {
    settleCovered(context, rule).catch((error: unknown) =>
      parts.log.error({ err: error, ruleId: rule.id }, 'approvals that a rule covers could not be settled'),
    );
  });
  return {
    async authorise(request) {
      try {
        return await authorise(context, request);
      } catch (error) {
        if (!(error instanceof NavisError)) parts.log.error({ err: error }, 'a call could not be decided about');
        return refusal(error);
      }
    },
  };
};

const authorise = async (context: GateContext, request: GateRequest): Promise<GateAnswer> => {
  const { actor, call, signal } = request;
  if (signal.aborted) return cancelled();
  const known = await context.keeper.store.read.approvals.ofCall(call);
  if (known !== undefined && isCallApproval(known)) return again(context, request, known);
  const { decided, rules } = await decide(context, request);
  const { effect } = decided.decision;
  if (effect === 'deny') return denied(decided);
  if (effect === 'allow') {
    const allowed = await allowedBy(context, request, { decided, rules });
    if (allowed !== null) return allowed;
  }
  if (!actor.mayAsk) {
    const question = decided.described.summary;
    actor.onUnanswerable?.(question);
    return unanswerable(question);
  }
  return ask(context, request, decided);
};

const decide = async (
  context: GateContext,
  { actor, call, risk }: GateRequest,
): Promise<{ decided: CallDecision; rules: SignedRule[] }> => {
  const { rules: allRules, policies, now, home } = context;
  const { rulesUntil } = actor;
  const inForce = await allRules.inForce(call.userId);
  // What was allowed after a recall's permissions were fixed is not for it; what was forbidden is.
  const rules = inForce.filter(
    ({ rule }) => rulesUntil === undefined || rule.effect !== 'allow' || rule.createdAt <= rulesUntil,
  );
  const policy = policies.known(call.nodeId);
  const decided = decideCall({
    // The machine asks for what its own ceiling says, so the person is asked before.
    mode: stricterMode(actor.approvals, policy?.ceiling?.approvals, policy?.overlay?.approvals),
    call,
    risk,
    rules: rules.map(({ rule }) => rule),
    place: placeOfNode(call.nodeId, home),
    now: new Date(now()).toISOString(),
  });
  return { decided, rules };
};

const free: GateAnswer = { kind: 'allowed', authority: null, isUnmasked: false };

/** Null where a rule allows it, but nothing would show that to the machine. */
const allowedBy = async (
  context: GateContext,
  { call, risk }: GateRequest,
  { decided, rules }: { decided: CallDecision; rules: readonly SignedRule[] },
): Promise<GateAnswer | null> => {
  const rule = rules.find(({ rule: { id } }) => id === decided.allowedBy?.id);
  if (rule === undefined) return free;
  const place = placeOfNode(call.nodeId, context.home);
  const authority = await authorityByRule(context, { rule, call, risk, place });
  return authority === null ? null : { kind: 'allowed', authority, isUnmasked: false };
};

const ask = async (context: GateContext, request: GateRequest, decided: CallDecision): Promise<GateAnswer> => {
  const { feed, registry, policies, now } = context;
  const { call, risk } = request;
  // An ACP agent is a program of that machine, whatever it asks for.
  const isOnMachine = risk === undefined || request.actor.requester.kind === 'acp';
  const approval = newCallApproval({
    request,
    decided,
    nodeName: registry.find(call.nodeId)?.name ?? call.nodeId,
    // What an agent runs there could use the key of this host's own command line (A7).
    needsOtherDevice: isOnMachine && call.nodeId === mainNodeId && policies.known(mainNodeId)?.sandbox === 'none',
    nowMs: now(),
  });
  const asked = await feed.transaction(async (writer) => {
    // Asked twice at once, there is one question.
    const known = await writer.approvals.ofCall(call);
    if (known !== undefined && isCallApproval(known)) return known;
    await writer.approvals.create(approval);
    await writer.appendEvents([approvalEvent('approval.request', approval)]);
    return approval;
  });
  return again(context, request, asked);
};

/** What became of the question about this call, or will. */
const again = async (context: GateContext, request: GateRequest, asked: ApprovalOf<'call'>): Promise<GateAnswer> => {
  const { call } = request;
  const difference = differenceOf(asked.detail.call, call);
  if (difference !== undefined)
    return refusal(new NavisError('CONFLICT', `This call id was used for another call: ${difference} differs.`));
  const settled = asked.state === 'pending' ? await wait(context, request, asked) : asked;
  if (settled === undefined) return cancelled();
  const refused = refusalOf(settled);
  if (refused !== null) return refused;
  const signed = await context.keeper.store.read.approvals.signed(settled.id);
  return signed === null ? refusal(new NavisError('INTERNAL')) : accepted(context, request, { settled, signed });
};

/** The answer may be older than this process: it counts only as long as its device does, and until it ends. */
const accepted = async (
  context: GateContext,
  { call, risk }: GateRequest,
  { settled, signed }: { settled: ApprovalOf<'call'>; signed: SignedText },
): Promise<GateAnswer> => {
  const { keeper, devices, owner, verify, now, home } = context;
  if (signed.deviceId !== owner.deviceId && devices.find(signed.deviceId) === undefined)
    return refusal(
      new NavisError('POLICY_DENIED', 'The device that approved this call was revoked. Nothing was done.'),
    );
  const authority: CallAuthority = await authorityOf(keeper.store.read, { signed, ownerId: owner.deviceId });
  const { isUnmasked } = settled.detail;
  const place = placeOfNode(call.nodeId, home);
  const judged = verifyAuthority({ authority, owner, call, risk, isUnmasked, place, verify, nowMs: now() });
  if (judged.kind === 'refused')
    return refusal(
      new NavisError('POLICY_DENIED', `The approval of this call no longer holds: ${judged.reason}. Nothing was done.`),
    );
  return { kind: 'allowed', authority, isUnmasked };
};

const wait = async (
  context: GateContext,
  { signal, onWaiting }: GateRequest,
  asked: ApprovalOf<'call'>,
): Promise<ApprovalOf<'call'> | undefined> => {
  onWaiting?.(true);
  try {
    const settling = context.waiting.for(asked.id, signal);
    // Decided between the look and the wait.
    const present = await context.keeper.store.read.approvals.get(asked.id);
    const settled = present !== undefined && present.state !== 'pending' ? present : await settling;
    if (settled !== undefined) return isCallApproval(settled) ? settled : undefined;
    // A hub that leaves will go on with it.
    if (!isLeaving(signal)) await context.approvals.withdraw(asked.id, 'The call was stopped.');
    return undefined;
  } finally {
    onWaiting?.(false);
  }
};

/** Questions that a new rule answers are settled by it at once. */
const settleCovered = async (context: GateContext, rule: Rule): Promise<void> => {
  if (rule.effect !== 'allow') return;
  const pending = await context.keeper.store.read.approvals.list({
    state: 'pending',
    limit: maxPendingApprovals,
    userId: rule.userId,
  });
  for (const approval of pending) if (isCallApproval(approval)) await settleIfCovered(context, { approval, rule });
};

const settleIfCovered = async (
  context: GateContext,
  { approval, rule }: { approval: ApprovalOf<'call'>; rule: Rule },
): Promise<void> => {
  const { keeper, approvals, now, home } = context;
  const { call, risk, decision } = approval.detail;
  const kept = await keeper.store.read.rules.get(rule.id);
  if (kept === undefined) return;
  const inForce = await context.rules.inForce(call.userId);
  const decided = decideCall({
    mode: decision.decidedBy.subject === 'always' ? 'always' : 'risky',
    call,
    risk,
    rules: inForce.map(({ rule: one }) => one),
    place: placeOfNode(call.nodeId, home),
    now: new Date(now()).toISOString(),
  });
  if (decided.decision.effect !== 'allow' || decided.allowedBy === null) return;
  const shown = await authorityByRule(context, { rule: kept, call, risk, place: placeOfNode(call.nodeId, home) });
  if (shown !== null) await approvals.settleByRule(approval.id, kept);
};

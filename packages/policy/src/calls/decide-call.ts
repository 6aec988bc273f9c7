/**
 * The one place that decides whether a call that no person made may run, asks or is refused (A1). Pure: the hub asks it
 * before a call leaves, the machine asks it again before the call runs.
 */
import { NavisError } from '@navisai/protocol';
import type { ApprovalsMode, CallMatcher, PolicyDecision, PolicyStep, Risk, Rule } from '@navisai/protocol';
import { describeCall } from './describe-call.ts';
import type { DescribedCall } from './described-call.ts';
import type { Place } from './places.ts';
import { proposeMatcher } from './propose.ts';
import { isGraver } from './risk.ts';
import { isAbout } from './rules.ts';

export interface CallQuestion {
  mode: ApprovalsMode;
  call: { tool: string; arguments: unknown; sessionId: string; userId: string; nodeId: string };
  /** Of tools that the hub itself carries out. */
  risk?: Risk | undefined;
  rules: readonly Rule[];
  place: Place;
  /** ISO 8601. */
  now: string;
}

export interface CallDecision {
  decision: PolicyDecision;
  described: DescribedCall;
  risk: Risk;
  /** Parts of the text with what they may do. */
  reasons: { text: string; reason: string }[];
  /** The rule of the person that allowed it. */
  allowedBy: Rule | null;
  proposed: CallMatcher | null;
}

const maxReasons = 100;
const maxSteps = 500;

export const decideCall = (question: CallQuestion): CallDecision => {
  let described: DescribedCall;
  try {
    described = describeCall({ ...question.call, risk: question.risk, place: question.place });
  } catch (error) {
    if (error instanceof NavisError) return refusedArguments(question, error);
    throw error;
  }
  const { steps, allowedBy } = judge(question, described);
  const decidedBy = steps.at(-1) ?? nothingSaid;
  const findings = described.findings.map(({ risk, text, reason }) =>
    step({ rule: `risk-${risk}`, subject: text, effect: isRunFreely(risk) ? 'allow' : 'ask', reason }),
  );
  return {
    decision: { effect: decidedBy.effect, decidedBy, trace: [...findings, ...steps].slice(-maxSteps) },
    described,
    risk: described.risk,
    reasons: described.findings.slice(0, maxReasons).map(({ text, reason }) => ({ text, reason })),
    allowedBy,
    proposed: proposeMatcher(described),
  };
};

const isRunFreely = (risk: Risk): boolean => !isGraver(risk, 'reading');

type Said = Omit<PolicyStep, 'source'> & { source?: string };

const step = ({ source = 'Navis', ...said }: Said): PolicyStep => ({ ...said, source });

const nothingSaid = step({ rule: 'approvals', subject: '', effect: 'ask', reason: 'Nothing allows it.' });

interface Judgement {
  /** The last one decided. */
  steps: PolicyStep[];
  allowedBy: Rule | null;
}

/** What denies outweighs what asks, which outweighs what allows; then the mode speaks. */
const judge = ({ mode, call, rules, place, now }: CallQuestion, described: DescribedCall): Judgement => {
  const ruled = { described, place, now, sessionId: call.sessionId, userId: call.userId, nodeId: call.nodeId };
  const about = rules
    .filter((rule) => isAbout(rule, ruled))
    .toSorted((one, other) => narrowness(other) - narrowness(one));
  const find = (effect: Rule['effect']): Rule | undefined => about.find((rule) => rule.effect === effect);
  const decided = (step: PolicyStep): Judgement => ({ steps: [step], allowedBy: null });
  const denied = find('deny');
  if (denied !== undefined) return decided(byRule(denied, described));
  if (described.isUnmasked) return decided(unmasked(described));
  if (mode === 'never') return decided(byMode(mode, 'allow', 'Nothing asks in this mode.'));
  const asked = find('ask');
  if (asked !== undefined) return decided(byRule(asked, described));
  const [allowed, moded] = [find('allow'), judgeMode(mode, described)];
  if (moded.effect === 'allow' || allowed === undefined) return decided(moded);
  return { steps: [moded, byRule(allowed, described)], allowedBy: allowed };
};

const byRule = ({ id, effect, description }: Rule, { name }: DescribedCall): PolicyStep => ({
  rule: id,
  subject: name,
  effect,
  reason: description === '' ? `A rule says ${effect}.` : description,
  source: 'rules of the person',
});

const unmasked = ({ name }: DescribedCall): PolicyStep =>
  step({
    rule: 'unmasked',
    subject: name,
    effect: 'ask',
    reason: "It would reach Navis's own keys and state: this always asks.",
  });

const byMode = (mode: ApprovalsMode, effect: PolicyStep['effect'], reason: string): PolicyStep =>
  step({ rule: 'approvals', subject: mode, effect, reason });

const judgeMode = (mode: Exclude<ApprovalsMode, 'never'>, { name, risk }: DescribedCall): PolicyStep => {
  if (mode === 'always' && !unasked.has(name)) return byMode(mode, 'ask', 'In this mode everything asks.');
  if (isRunFreely(risk)) return byMode(mode, 'allow', 'It is seen to only read.');
  return byMode(mode, 'ask', `It is not seen to only read: its risk is ${risk}.`);
};

/** They touch nothing but the conversation. */
const unasked: ReadonlySet<string> = new Set(['tool_manual', 'plan']);

/** How much a rule says of what it is about. */
const narrowness = ({ matcher, sessionId, nodes, expiresAt }: Rule): number => {
  const { command, commandPrefixes, directories } = matcher;
  const isThere = (value: unknown): number => (value === undefined || value === null ? 0 : 1);
  return (
    8 * isThere(command) +
    4 * isThere(commandPrefixes) +
    2 * isThere(directories) +
    isThere(sessionId) +
    isThere(nodes) +
    isThere(expiresAt)
  );
};

/** The tool itself refuses such a call; so that nothing else is read into it, it is refused before. */
const refusedArguments = ({ call }: CallQuestion, { message }: NavisError): CallDecision => {
  const decidedBy = step({ rule: 'arguments', subject: call.tool, effect: 'deny', reason: message });
  const described: DescribedCall = {
    name: call.tool,
    summary: call.tool,
    text: JSON.stringify(call.arguments ?? null),
    risk: 'unknown',
    findings: [],
    command: null,
    workingDirectory: null,
    paths: [],
    isUnmasked: false,
  };
  const decision: PolicyDecision = {
    effect: 'deny',
    decidedBy,
    trace: [decidedBy],
  };
  return { decision, described, risk: 'unknown', reasons: [], allowedBy: null, proposed: null };
};

/** The one that asks more. */
export const stricterMode = (...modes: readonly (ApprovalsMode | undefined)[]): ApprovalsMode => {
  const order: readonly ApprovalsMode[] = ['never', 'risky', 'always'];
  return modes.reduce<ApprovalsMode>(
    (strictest, mode) => (mode !== undefined && order.indexOf(mode) > order.indexOf(strictest) ? mode : strictest),
    'never',
  );
};

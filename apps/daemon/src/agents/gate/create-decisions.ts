/** Puts together how is decided about calls that no person made: rules, approvals, the gate (A1, A2, N12). */
import type { Owner } from '@navisai/policy';
import { NavisError, scopeIncludes } from '@navisai/protocol';
import type { StoreFeed, StoreKeeper } from '@navisai/store';
import type { FastifyBaseLogger } from 'fastify';
import { verifySignature } from '@navisai/machine';
import type { Nodes } from '../../nodes/nodes.ts';
import { type Approvals, createApprovals } from '../../services/approvals.ts';
import type { Devices } from '../../services/devices.ts';
import type { Pairing } from '../../services/pairing/pairing.ts';
import type { CallGate } from '../agents.types.ts';
import { createRules, type Rules } from '../rules/rules.ts';
import { createRuleTester, type RuleTester } from '../rules/test-rule.ts';
import { createCallDecisions } from './call-decisions.ts';
import { createCallGate } from './call-gate.ts';
import { createExplain, type Explain } from './explain.ts';

export interface DecisionsParts {
  keeper: StoreKeeper;
  feed: StoreFeed;
  devices: Devices;
  pairing: Pairing;
  nodes: Pick<Nodes, 'registry' | 'policies'>;
  owner: Owner;
  /** Of the person whose machine this is. */
  personHome: string;
  now: () => number;
  log: FastifyBaseLogger;
}

export interface Decisions {
  rules: Rules;
  approvals: Approvals;
  gate: CallGate;
  explain: Explain;
  ruleTester: RuleTester;
}

export const createDecisions = (given: DecisionsParts): Decisions => {
  const { pairing, nodes, personHome: home } = given;
  const parts = { ...given, home, verify: verifySignature };
  const rules = createRules(parts);
  const calls = createCallDecisions({ ...parts, rules });
  const approvals = createApprovals({
    ...parts,
    consequences: {
      pairing: pairing.consequence,
      call: (writer, { approval, decision }) => calls.follow(writer, approval, decision),
    },
    requirements: {
      async pairing(_approval, { by }) {
        if (!scopeIncludes(by.scope, 'admin')) throw new NavisError('FORBIDDEN', 'Only an admin pairs devices.');
      },
      call: (approval, decision) => calls.judge(approval, decision),
    },
  });
  const gate = createCallGate({ ...parts, ...nodes, approvals, rules });
  const explain = createExplain({ ...parts, ...nodes, rules });
  return { rules, approvals, gate, explain, ruleTester: createRuleTester({ ...parts, approvals }) };
};

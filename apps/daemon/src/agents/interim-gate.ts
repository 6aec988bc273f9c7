/** Lets pass what only looks, and what the profile never asks for; refuses the rest. */
import { NavisError } from '@navisai/protocol';
import { actionOf, failure } from '../services/tool-path.ts';
import type { CallGate } from './agents.types.ts';

const looking: Readonly<Record<string, ReadonlySet<unknown> | 'all'>> = {
  terminal: new Set(['list', 'status']),
  filesystem: new Set(['read', 'list', 'find', 'grep', 'diff']),
  tool_manual: 'all',
};

export const createInterimGate = (): CallGate => ({
  async authorise({ actor, call, risk }) {
    const actions = looking[call.tool];
    const isLooking = risk === 'reading' || actions === 'all' || actions?.has(actionOf(call.arguments)) === true;
    if (isLooking || actor.approvals === 'never') return { kind: 'allowed', authority: null, isUnmasked: false };
    return { kind: 'refused', result: failure(new NavisError('POLICY_DENIED', 'Nobody can be asked yet.')) };
  },
});

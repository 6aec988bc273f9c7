/** Tells the session of a call that the hub itself carries out, as a machine tells of its own (N9). */
import { mainNodeId, type ToolResult } from '@navisai/protocol';
import type { Fleet } from '../../nodes/fleet.ts';
import { actionOf } from '../../services/tool-path.ts';
import type { Actor, ActorCall } from '../agents.types.ts';

const maxSummary = 500;

/** Answers what tells its end. */
export const announceCall = (
  fleet: Pick<Fleet, 'announce'>,
  {
    actor,
    call: { callId, tool, arguments: given },
  }: { actor: Actor; call: Pick<ActorCall, 'callId' | 'tool' | 'arguments'> },
): ((result: ToolResult) => void) => {
  const sessionId = actor.session.id;
  const begun = performance.now();
  const about = { callId, tool, nodeId: mainNodeId };
  const action = actionOf(given);
  fleet.announce({
    type: 'tool_started',
    sessionId,
    data: {
      ...about,
      action: typeof action === 'string' ? action : null,
      summary: summaryOf(given),
      userId: actor.userId,
      origin: 'agent',
    },
  });
  return ({ success, error }) =>
    fleet.announce({
      type: 'tool_call',
      sessionId,
      data: { ...about, success, error: error?.code ?? null, exitCode: null, durationMs: performance.now() - begun },
    });
};

/** The first text among the arguments says most. */
const summaryOf = (given: unknown): string => {
  if (typeof given !== 'object' || given === null) return '';
  const texts = Object.entries(given).filter(([name, value]) => name !== 'action' && typeof value === 'string');
  return String(texts[0]?.[1] ?? '').slice(0, maxSummary);
};

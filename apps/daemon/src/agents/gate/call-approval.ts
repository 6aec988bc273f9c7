/** The question to the person that a call becomes (A2). */
import type { CallDecision } from '@navisai/policy';
import { newId, type Approval, type ApprovalOf } from '@navisai/protocol';
import type { GateRequest } from '../agents.types.ts';
import { shownDirectory } from './places-of-nodes.ts';

/** An answer that comes later finds nobody who waits. */
export const approvalHours = 24;

export interface AskFacts {
  request: GateRequest;
  decided: CallDecision;
  nodeName: string;
  needsOtherDevice: boolean;
  nowMs: number;
}

const maxTitle = 200;

export const newCallApproval = ({
  request,
  decided,
  nodeName,
  needsOtherDevice,
  nowMs,
}: AskFacts): ApprovalOf<'call'> => {
  const { actor, call } = request;
  const { described, decision, risk, reasons, proposed } = decided;
  const waitMs = Math.min(actor.waitMs ?? Number.POSITIVE_INFINITY, approvalHours * 3600_000);
  const summary = described.summary.slice(0, 500);
  return {
    id: newId('approval'),
    kind: 'call',
    state: 'pending',
    title: summary.slice(0, maxTitle),
    detail: {
      call,
      runId: actor.runId,
      requester: { ...actor.requester, name: actor.requester.name.slice(0, 200) },
      summary,
      text: described.text,
      workingDirectory: shownDirectory(described.workingDirectory),
      nodeName,
      risk,
      reasons: [...reasons],
      decision,
      isUnmasked: described.isUnmasked,
      proposed,
      needsOtherDevice,
    },
    createdAt: new Date(nowMs).toISOString(),
    expiresAt: new Date(nowMs + waitMs).toISOString(),
    decidedAt: null,
    decidedBy: null,
    grant: null,
    comment: null,
  };
};

export const isCallApproval = (approval: Approval): approval is ApprovalOf<'call'> => approval.kind === 'call';

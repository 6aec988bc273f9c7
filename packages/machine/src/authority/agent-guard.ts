/**
 * Decides again, where it runs, about a call that no person made: by the same function as the hub, with the places as they
 * really are; what asks needs a signed authority that chains to the pinned owner (A1, N12).
 */
import { decideCall, isGraver, pathFindings, gravest, stricterMode, verifyAuthority } from '@navisai/policy';
import type { Owner, Place } from '@navisai/policy';
import { NavisError } from '@navisai/protocol';
import type { ApprovalsMode, Risk } from '@navisai/protocol';
import type { ToolCallRequest } from '../machine.types.ts';
import { escapeForDisplay } from '../plain-text/escape-for-display.ts';
import { matchesOf, realPlace } from './real-place.ts';
import { verifySignature } from './verify-signature.ts';

export interface AgentGuardParts {
  nodeId: string;
  home: string;
  /** Pinned when this machine joined; null: nothing is, and nobody can show an approval. */
  owner(): Owner | null;
  /** Its signatures count no longer (N12). */
  isRevoked(deviceId: string): boolean;
  /** What the ceiling and the overlay ask for at least. */
  modes(): readonly (ApprovalsMode | undefined)[];
  now(): Date;
}

/** What was shown to a person, or needed not to be: nothing graver is done. */
type Covered = Risk | 'anything';

export class AgentGuard {
  readonly #parts: AgentGuardParts;
  readonly #covered = new WeakMap<ToolCallRequest, Covered>();
  readonly #approvedUntil = new WeakMap<ToolCallRequest, number>();

  constructor(parts: AgentGuardParts) {
    this.#parts = parts;
  }

  /** Throws POLICY_DENIED, naming why. */
  allowTool(request: ToolCallRequest): void {
    if (request.origin !== 'agent' || isTransfer(request)) return;
    const { home, nodeId, modes, now } = this.#parts;
    const { tool, arguments: given, sessionId, userId } = request;
    const mode = stricterMode(request.approvals ?? 'risky', ...modes());
    const call = { tool, arguments: given, sessionId, userId, nodeId };
    const question = { mode, call, rules: [], now: now().toISOString() };
    const real = decideCall({ ...question, place: { home, realPath: realPlace, matches: matchesOf } });
    const shown = decideCall({ ...question, place: { home } });
    if (real.decision.effect === 'deny') throw denied(real.decision.decidedBy.reason);
    if (real.decision.effect === 'allow' && request.isUnmasked !== true) {
      this.#covered.set(request, mode === 'never' ? 'anything' : real.risk);
      return;
    }
    const why = real.decision.decidedBy.reason;
    this.#requireAuthority(request, {
      why,
      place: { home, realPath: realPlace },
      isUnmasked: shown.described.isUnmasked,
    });
    if (isGraver(real.risk, shown.risk))
      throw denied(`It really leads to another place than what was approved: ${real.reasons.at(-1)?.text ?? ''}.`);
    this.#covered.set(request, real.risk);
  }

  /** When the approval ends that lets just this call run; `undefined` where it needed none. After `allowTool`. */
  approvedUntil(request: ToolCallRequest): number | undefined {
    return this.#approvedUntil.get(request);
  }

  /** The path as it really is. Throws POLICY_DENIED for one that is graver than what was allowed. */
  allowPath(request: ToolCallRequest, { realPath, access }: { realPath: string; access: 'read' | 'write' }): void {
    if (request.origin !== 'agent') return;
    const covered = isTransfer(request) ? (access === 'write' ? 'anything' : 'reading') : this.#covered.get(request);
    if (covered === undefined || covered === 'anything') return;
    const findings = pathFindings(realPath, access, { home: this.#parts.home });
    if (!isGraver(gravest(findings), covered)) return;
    throw denied(
      `It really leads to ${realPath}. ${findings[0]?.reason ?? ''} Name this very path, so that a person can be asked.`,
    );
  }

  #requireAuthority(
    request: ToolCallRequest,
    { why, place, isUnmasked }: { why: string; place: Place; isUnmasked: boolean },
  ): void {
    const { owner: ownerOf, isRevoked, nodeId, now } = this.#parts;
    const { authority, callId, sessionId, userId, tool, arguments: given } = request;
    if (authority === undefined) throw denied(`${why} Nothing shows that a person approved it.`);
    const owner = ownerOf();
    if (owner === null)
      throw denied(`${why} This machine knows no owner whose approval it could check; it has to join its hub anew.`);
    const answer = verifyAuthority({
      authority,
      owner,
      call: { callId, sessionId, userId, nodeId, tool, arguments: given },
      isUnmasked: request.isUnmasked === true || isUnmasked,
      place,
      verify: verifySignature,
      isRevoked,
      nowMs: now().getTime(),
    });
    if (answer.kind === 'approval') this.#approvedUntil.set(request, Date.parse(answer.expiresAt));
    if (answer.kind === 'refused') throw denied(`${why} What should show its approval does not: ${answer.reason}.`);
  }
}

/** Pieces of files on their way between two machines: the hub decided about the copy, which names both ends. */
const isTransfer = ({ tool, arguments: given }: ToolCallRequest): boolean =>
  tool === 'filesystem' &&
  typeof given === 'object' &&
  given !== null &&
  !('to' in given) &&
  'action' in given &&
  given.action === 'copy';

const denied = (reason: string): NavisError =>
  new NavisError('POLICY_DENIED', `${escapeForDisplay(reason)} Nothing was done.`);

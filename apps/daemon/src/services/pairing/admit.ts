/** Lets one client ask with one link: the rules of a pairing request, in one transaction (I14). */
import {
  type ApprovalOf,
  NavisError,
  newId,
  pairingTokenMinutes,
  type RouteInput,
  type Scope,
  scopeIncludes,
} from '@navisai/protocol';
import type { PairingRecord, StoreWriter } from '@navisai/store';
import { approvalEvent, maxPendingApprovals } from '../approvals.ts';

export type PairingRequest = RouteInput<'pairingRequest'>['body'] & { peer: string };

export interface Admission {
  request: PairingRequest;
  shortCode: string;
  /** As it was found before the transaction. */
  link: PairingRecord;
  nowMs: number;
}

export interface AdmittedRequest {
  pairingId: string;
  shortCode: string;
  expiresAt: string;
}

/** Rejects NavisError CONFLICT (somebody else is before) or FORBIDDEN (the link is void). */
export const admit = async (writer: StoreWriter, admission: Admission): Promise<AdmittedRequest> => {
  const { request, shortCode, link, nowMs } = admission;
  const { publicKey } = request;
  const { tokenHash } = link;
  const before = await answerBefore(writer, admission);
  if (before !== undefined) return before;
  await refuseSecond(writer, admission);
  const approval = newPairingApproval(admission);
  const { pairingId } = approval.detail;
  const now = new Date(nowMs).toISOString();
  if (!(await writer.pairings.claim({ tokenHash, now, pairingId, approvalId: approval.id, publicKey })))
    throw new NavisError('FORBIDDEN', 'This pairing link is too old or void. Ask for a new one: navisai pair.');
  await writer.approvals.create(approval);
  await writer.appendEvents([approvalEvent('approval.request', approval)]);
  return { pairingId, shortCode, expiresAt: approval.expiresAt };
};

/** The same client that asks again (its answer was lost) gets the same answer. */
const answerBefore = async (
  writer: StoreWriter,
  { request, shortCode, link }: Admission,
): Promise<AdmittedRequest | undefined> => {
  const used = (await writer.pairings.byTokenHash(link.tokenHash))?.request;
  if (used === undefined || used === null) return undefined;
  const asked = await writer.approvals.get(used.approvalId);
  if (used.publicKey === request.publicKey && asked !== undefined)
    return { pairingId: used.pairingId, shortCode, expiresAt: asked.expiresAt };
  throw new NavisError('CONFLICT', 'Another client uses this pairing link already.');
};

const refuseSecond = async (writer: StoreWriter, { request, nowMs }: Admission): Promise<void> => {
  const pending = await writer.approvals.list({ state: 'pending', limit: maxPendingApprovals });
  if (pending.some(({ kind, expiresAt }) => kind === 'pairing' && Date.parse(expiresAt) > nowMs))
    throw new NavisError('CONFLICT', 'Another client waits to be paired. Decide about it first.');
  if ((await writer.devices.activeWithKey(request.publicKey)) !== undefined)
    throw new NavisError('CONFLICT', 'This client is paired already.');
};

const newPairingApproval = ({ request, shortCode, link, nowMs }: Admission): ApprovalOf<'pairing'> => ({
  id: newId('approval'),
  kind: 'pairing',
  state: 'pending',
  title: `Pair "${request.name}"?`,
  detail: {
    pairingId: newId('pairing'),
    deviceName: request.name,
    deviceKind: request.kind,
    shortCode,
    requestedScope: narrowest([link.scope, request.scope]),
    peer: request.peer,
    publicKey: request.publicKey,
    deviceId: newId('device'),
  },
  createdAt: new Date(nowMs).toISOString(),
  expiresAt: new Date(nowMs + pairingTokenMinutes * 60_000).toISOString(),
  decidedAt: null,
  decidedBy: null,
});

export const narrowest = (scopes: readonly (Scope | undefined)[]): Scope =>
  scopes.reduce<Scope>((least, scope) => (scope !== undefined && scopeIncludes(least, scope) ? scope : least), 'admin');

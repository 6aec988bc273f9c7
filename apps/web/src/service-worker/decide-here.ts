/** Decides from a notification: only what is asked is exactly what was shown, signed by this device's own key (A2, N12). */
import { decideCall } from '@navisai/client';
import type { HubConnection } from '@navisai/client';
import { NavisError, shownCall } from '@navisai/protocol';
import type { PushMessage } from '@navisai/protocol';

export type Deciding = Pick<HubConnection, 'api' | 'signer' | 'clock'>;

/** Rejects NavisError CONFLICT when it is no longer what was shown, or was decided meanwhile. */
export const approveHere = async (
  hub: Deciding,
  { approvalId, summary }: Extract<PushMessage, { kind: 'approval' }>,
): Promise<void> => {
  const approval = await hub.api.approval({ params: { id: approvalId } });
  if (approval.state !== 'pending') throw new NavisError('CONFLICT', `This was ${approval.state} already.`);
  if (approval.kind !== 'call' || shownCall(approval.detail) !== summary)
    throw new NavisError('CONFLICT', 'This is not what was shown. Open it to read it.');
  await decideCall(hub, { approval, grant: 'once' });
};

export const rejectHere = async (hub: Deciding, approvalId: string): Promise<void> => {
  await hub.api.reject({ params: { id: approvalId } });
};

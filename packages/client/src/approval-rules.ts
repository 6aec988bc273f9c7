/** Standing decisions and enrolments, signed by this device (A2, I14, N12). */
import {
  type Approval,
  type ApprovalOf,
  NavisError,
  newId,
  type Rule,
  type Scope,
  scopeIncludes,
  type Statement,
} from '@navisai/protocol';
import { signStatement } from './approval-decision.ts';
import type { HubConnection } from './connect-hub.ts';

type Deciding = Pick<HubConnection, 'api' | 'signer' | 'clock'>;

export type NewRule = Omit<Rule, 'id' | 'createdAt' | 'createdBy'>;

const signerOf = ({ signer }: Deciding) => {
  if (signer === undefined) throw new NavisError('UNAUTHORIZED', 'This client is not paired with the hub.');
  return signer;
};

/** Makes a rule that holds from now on. Rejects FORBIDDEN for rules of others unless this device is an admin's. */
export const addRule = async (hub: Deciding, given: NewRule): Promise<Rule> => {
  const signer = signerOf(hub);
  const at = new Date(hub.clock.now()).toISOString();
  const rule = { ...given, id: newId('rule'), createdAt: at, createdBy: signer.deviceId };
  const signed = await signStatement(signer, { statement: 'navis.rule.v1', hubId: signer.hubId, rule, at });
  return hub.api.addRule({ body: { signed } });
};

/** Approves a pairing and says whose key it is; hubs of before do not tell the key and take the approval alone. */
export const approvePairing = async (
  hub: Deciding,
  approval: ApprovalOf<'pairing'>,
  { scope = approval.detail.requestedScope, userId }: { scope?: Scope | undefined; userId: string },
): Promise<Approval> => {
  const signer = signerOf(hub);
  const { deviceId, publicKey, requestedScope } = approval.detail;
  const params = { id: approval.id };
  if (deviceId === undefined || publicKey === undefined) return hub.api.approve({ params, body: { scope } });
  const statement: Statement = {
    statement: 'navis.enrolment.v1',
    hubId: signer.hubId,
    deviceId,
    publicKey,
    scope: scopeIncludes(requestedScope, scope) ? scope : requestedScope,
    userId,
    at: new Date(hub.clock.now()).toISOString(),
  };
  return hub.api.approve({ params, body: { scope, signed: await signStatement(signer, statement) } });
};

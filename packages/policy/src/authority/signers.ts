/** Whose key signed a text: the owner's, or one that chains to the owner by enrolments (N12). */
import {
  scopeIncludes,
  statementSchema,
  type EnrolmentStatement,
  type Scope,
  type SignedText,
  type Statement,
} from '@navisai/protocol';

/** The device of the hub's own machine: its key is pinned by every machine. */
export interface Owner {
  deviceId: string;
  /** Raw Ed25519, base64url. */
  publicKey: string;
  hubId: string;
}

/** Ed25519 of a text's UTF-8 bytes; never throws. */
export type VerifySignature = (signed: { publicKey: string; text: string; signature: string }) => boolean;

export interface Signer {
  deviceId: string;
  scope: Scope;
  /** Null: the owner, who speaks for everybody. */
  userId: string | null;
}

export interface Chain {
  owner: Owner;
  enrolments: readonly SignedText[];
  verify: VerifySignature;
  /** Devices that speak for nobody any more, neither for themselves nor for those that they enrolled. */
  isRevoked?: ((deviceId: string) => boolean) | undefined;
}

type Answer<T> = { ok: true; value: T } | { ok: false; reason: string };
const no = (reason: string): { ok: false; reason: string } => ({ ok: false, reason });

/** Longer chains are refused. */
const maxChain = 16;

/** The statement in the text, if it is one of this hub. */
export const statementOf = ({ text }: SignedText, hubId: string): Answer<Statement> => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return no('what was signed is not a statement');
  }
  const parsed = statementSchema.safeParse(value);
  if (!parsed.success) return no('what was signed is not a statement');
  if (parsed.data.hubId !== hubId) return no('it is a statement for another hub');
  return { ok: true, value: parsed.data };
};

/** Who signed the text, if the signature is right and its key chains to the owner. */
export const signerOf = (signed: SignedText, chain: Chain, depth = 0): Answer<Signer> => {
  const { owner, verify, isRevoked } = chain;
  const { text, signature, deviceId } = signed;
  if (deviceId === owner.deviceId) {
    if (!verify({ publicKey: owner.publicKey, text, signature })) return no("the signature is not the owner's");
    return { ok: true, value: { deviceId, scope: 'admin', userId: null } };
  }
  if (isRevoked?.(deviceId) === true) return no(`the device ${deviceId} was revoked`);
  const enrolled = enrolmentOf(deviceId, chain, depth);
  if (!enrolled.ok) return enrolled;
  const { publicKey, scope, userId } = enrolled.value;
  if (!verify({ publicKey, text, signature })) return no(`the signature is not that of the device ${deviceId}`);
  return { ok: true, value: { deviceId, scope, userId } };
};

/** Nobody enrols a device with more than they have themselves. */
const enrolmentOf = (deviceId: string, chain: Chain, depth: number): Answer<EnrolmentStatement> => {
  if (depth >= maxChain) return no('its chain of enrolments is too long');
  for (const signed of chain.enrolments) {
    const statement = statementOf(signed, chain.owner.hubId);
    if (!statement.ok || statement.value.statement !== 'navis.enrolment.v1') continue;
    if (statement.value.deviceId !== deviceId || signed.deviceId === deviceId) continue;
    const signer = signerOf(signed, chain, depth + 1);
    if (!signer.ok) return signer;
    if (!scopeIncludes(signer.value.scope, 'admin')) return no(`the device ${signed.deviceId} may enrol nobody`);
    return { ok: true, value: statement.value };
  }
  return no(`nothing shows that the device ${deviceId} belongs to the owner`);
};

/** The devices of a list that the owner's own key signed; nobody else may revoke. */
export const revokedDevices = (
  signed: SignedText,
  { owner, verify }: Pick<Chain, 'owner' | 'verify'>,
): Answer<readonly string[]> => {
  if (signed.deviceId !== owner.deviceId) return no('it is not signed by the owner');
  const signer = signerOf(signed, { owner, verify, enrolments: [] });
  if (!signer.ok) return signer;
  const stated = statementOf(signed, owner.hubId);
  if (!stated.ok) return stated;
  if (stated.value.statement !== 'navis.revocations.v1') return no('it is no list of revoked devices');
  // Without its own key a machine could never learn anything again.
  return { ok: true, value: stated.value.devices.filter((id) => id !== owner.deviceId) };
};

/**
 * Says in a signed text whose key a device has, so that machines can follow what the device signs up to the owner (N12).
 * The device that approves a pairing signs it; for one that does not, and for devices of before, the host's own does.
 */
import type { Owner, VerifySignature } from '@navisai/policy';
import { statementOf } from '@navisai/policy';
import { type Device, NavisError, type SignedText, statementText } from '@navisai/protocol';
import type { StoreFeed, StoreKeeper, StoreWriter } from '@navisai/store';

export interface EnrolmentsParts {
  owner: Owner;
  /** By the key of the host's device; base64. */
  sign(text: string): string;
  verify: VerifySignature;
  now: () => number;
}

export interface NewEnrolment {
  device: Device;
  publicKey: string;
  by: Device;
  /** By `by`; absent: the host's device signs. */
  signed: SignedText | undefined;
}

export class Enrolments {
  readonly #parts: EnrolmentsParts;

  constructor(parts: EnrolmentsParts) {
    this.#parts = parts;
  }

  /** Throws NavisError INVALID_REQUEST for a text that does not say just this; rejects when it cannot be kept. */
  async keep(writer: StoreWriter, { device, publicKey, by, signed }: NewEnrolment): Promise<void> {
    if (signed !== undefined) await this.#judge(writer, { device, publicKey, by, signed });
    const text = signed ?? this.#byHost(device, publicKey);
    await writer.enrolments.put({ deviceId: device.id, signed: text, at: this.#time() });
  }

  /** Devices that were paired before there were enrolments, and those that were enrolled by one that is revoked. */
  async addMissing({ read }: StoreKeeper['store'], feed: StoreFeed): Promise<void> {
    const all = await read.devices.list();
    const revoked = new Set(all.filter(({ revokedAt }) => revokedAt !== null).map(({ id }) => id));
    const kept = (await read.enrolments.list()).filter(({ signed }) => !revoked.has(signed.deviceId));
    const enrolled = new Set(kept.map(({ deviceId }) => deviceId));
    const missing = all.filter(({ id, kind, revokedAt }) => kind !== 'host' && revokedAt === null && !enrolled.has(id));
    if (missing.length === 0) return;
    await feed.transaction(async (writer) => {
      for (const { id } of missing) {
        const known = await writer.devices.get(id);
        if (known === undefined) continue;
        const signed = this.#byHost(known.device, known.publicKey);
        await writer.enrolments.put({ deviceId: id, signed, at: this.#time() });
      }
    });
  }

  #byHost({ id: deviceId, scope, userId }: Device, publicKey: string): SignedText {
    const { owner, sign } = this.#parts;
    const { hubId } = owner;
    const at = this.#time();
    const text = statementText({ statement: 'navis.enrolment.v1', hubId, deviceId, publicKey, scope, userId, at });
    return { text, signature: sign(text), deviceId: owner.deviceId };
  }

  async #judge(
    { devices }: StoreWriter,
    { device, publicKey, by, signed }: NewEnrolment & { signed: SignedText },
  ): Promise<void> {
    const { owner, verify } = this.#parts;
    const key = by.id === owner.deviceId ? owner.publicKey : (await devices.get(by.id))?.publicKey;
    const { text, signature } = signed;
    const isBy = signed.deviceId === by.id && key !== undefined && verify({ publicKey: key, text, signature });
    if (!isBy) throw new NavisError('FORBIDDEN', 'The enrolment was not signed by this device.', { field: 'signed' });
    const stated = statementOf(signed, owner.hubId);
    const isRight =
      stated.ok &&
      stated.value.statement === 'navis.enrolment.v1' &&
      stated.value.deviceId === device.id &&
      stated.value.publicKey === publicKey &&
      stated.value.scope === device.scope &&
      stated.value.userId === device.userId;
    if (!isRight)
      throw new NavisError('INVALID_REQUEST', 'signed: the enrolment is not about this device.', { field: 'signed' });
  }

  #time(): string {
    return new Date(this.#parts.now()).toISOString();
  }
}

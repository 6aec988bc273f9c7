/**
 * Tells machines whose signatures count no longer: a list of revoked devices that the owner's key signs (N12). It is made from
 * the devices themselves; a machine forgets none that it was told of, so a list of before changes nothing there.
 */
import type { Owner } from '@navisai/policy';
import { maxListedRevocations, type SignedText, statementText } from '@navisai/protocol';
import type { FastifyBaseLogger } from 'fastify';
import type { Devices } from '../devices.ts';

export interface RevocationsParts {
  devices: Pick<Devices, 'list' | 'onRevoked'>;
  owner: Owner;
  /** By the key of the host's device; base64. */
  sign(text: string): string;
  /** Devices that a revoked one enrolled are vouched for by the host, before its signature counts no longer. */
  renewEnrolments(): Promise<void>;
  /** Tells every machine that can hear it; those that are away hear it when they connect. */
  tell(signed: SignedText): Promise<void>;
  now: () => number;
  log: FastifyBaseLogger;
}

export class Revocations {
  readonly #parts: RevocationsParts;
  #signed: SignedText | null = null;
  /** One after the other, so that the newest list is the last. */
  #last: Promise<void> = Promise.resolve();

  constructor(parts: RevocationsParts) {
    this.#parts = parts;
    parts.devices.onRevoked(() => void this.update());
  }

  /** For nodes that connect; null: no device was ever revoked. */
  get signed(): SignedText | null {
    return this.#signed;
  }

  /** Resolves when the machines that are there know; never rejects. */
  update(): Promise<void> {
    this.#last = this.#last
      .then(() => this.#update())
      .catch((error: unknown) => {
        this.#parts.log.error({ err: error }, 'machines could not be told which devices are revoked');
      });
    return this.#last;
  }

  async #update(): Promise<void> {
    const { devices, owner, sign, renewEnrolments, tell, now, log } = this.#parts;
    const revoked = (await devices.list()).filter(({ id, revokedAt }) => revokedAt !== null && id !== owner.deviceId);
    if (revoked.length === 0) return;
    const oldestFirst = revoked.toSorted((one, other) => ((one.revokedAt ?? '') < (other.revokedAt ?? '') ? -1 : 1));
    const ids = oldestFirst.map(({ id }) => id).slice(-maxListedRevocations);
    const at = new Date(now()).toISOString();
    const text = statementText({ statement: 'navis.revocations.v1', hubId: owner.hubId, devices: ids, at });
    this.#signed = { text, signature: sign(text), deviceId: owner.deviceId };
    await renewEnrolments().catch((error: unknown) =>
      log.error({ err: error }, 'devices that a revoked one enrolled could not be vouched for'),
    );
    await tell(this.#signed);
  }
}

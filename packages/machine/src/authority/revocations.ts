/**
 * Devices that the owner revoked: what they signed counts no longer here (N12). The list only grows, whatever a hub says
 * later, and is kept on disk, so that neither a restart nor an older list brings a device back.
 */
import { readFileSync } from 'node:fs';
import { revokedDevices } from '@navisai/policy';
import type { Owner } from '@navisai/policy';
import { deviceIdSchema, NavisError } from '@navisai/protocol';
import type { SignedText } from '@navisai/protocol';
import { diskRefusal } from '../disk-words.ts';
import { writeDurably } from '../policy/write-durably.ts';
import { verifySignature } from './verify-signature.ts';

interface KeptRevocations {
  hubId: string;
  devices: string[];
}

/** Of all lists together; more are refused, and said. */
const maxDevices = 20_000;
/** A disk that takes nothing is tried again, each time after twice as long, for about a day; then with the next list. */
const saveAgain = { firstMs: 1_000, maxMs: 60_000, attempts: 1_440 } as const;

export interface RevocationsParts {
  path: string;
  owner(): Owner | null;
  onUnexpected?: ((error: unknown) => void) | undefined;
}

export class Revocations {
  readonly #parts: RevocationsParts;
  #hubId = '';
  #devices: ReadonlySet<string> = new Set();
  #isLoaded = false;
  /** What is in force is not on disk. */
  #isUnsaved = false;
  #again: NodeJS.Timeout | undefined;

  constructor(parts: RevocationsParts) {
    this.#parts = parts;
  }

  /** A damaged file is told and starts empty: the hub tells its list before it asks for anything. */
  #load(): void {
    if (this.#isLoaded) return;
    this.#isLoaded = true;
    try {
      const kept = parseKept(readFileSync(this.#parts.path, 'utf8'));
      this.#hubId = kept.hubId;
      this.#devices = new Set(kept.devices);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) this.#parts.onUnexpected?.(error);
    }
  }

  isRevoked(deviceId: string): boolean {
    this.#load();
    return this.#devices.has(deviceId) && this.#parts.owner()?.hubId === this.#hubId;
  }

  /** In force when this returns, also where the disk takes nothing now. Throws POLICY_DENIED for what the owner did not sign. */
  learn(signed: SignedText): void {
    this.#load();
    const owner = this.#parts.owner();
    if (owner === null) throw refused('this machine knows no owner');
    const told = revokedDevices(signed, { owner, verify: verifySignature });
    if (!told.ok) throw refused(told.reason);
    const before = this.#hubId === owner.hubId ? this.#devices : new Set<string>();
    const devices = before.union(new Set(told.value));
    const isKnown = devices.size === before.size && this.#hubId === owner.hubId;
    if (isKnown && !this.#isUnsaved) return;
    if (devices.size > maxDevices) throw refused(`more than ${maxDevices} devices would be revoked`);
    this.#hubId = owner.hubId;
    this.#devices = devices;
    this.#save(1);
  }

  /** Told once, however often it is tried. */
  #save(attempt: number): void {
    clearTimeout(this.#again);
    this.#again = undefined;
    const kept: KeptRevocations = { hubId: this.#hubId, devices: Array.from(this.#devices) };
    try {
      writeDurably(this.#parts.path, `${JSON.stringify(kept)}\n`);
      this.#isUnsaved = false;
    } catch (error) {
      if (!this.#isUnsaved) this.#parts.onUnexpected?.(notKept(error));
      this.#isUnsaved = true;
      if (attempt >= saveAgain.attempts) return;
      const delayMs = Math.min(saveAgain.firstMs * 2 ** (attempt - 1), saveAgain.maxMs);
      this.#again = setTimeout(() => this.#save(attempt + 1), delayMs).unref();
    }
  }
}

/** Throws for anything else. */
const parseKept = (text: string): KeptRevocations => {
  const { hubId, devices } = JSON.parse(text) as Partial<KeptRevocations>;
  if (typeof hubId !== 'string' || !Array.isArray(devices)) throw new Error('The list of revoked devices is damaged.');
  return { hubId, devices: devices.map((id) => deviceIdSchema.parse(id)) };
};

const notKept = (error: unknown): Error =>
  new Error(
    `The list of revoked devices is in force, but could not be kept: ${diskRefusal(error)}. It is written as soon as that is possible.`,
    { cause: error },
  );

const refused = (reason: string): NavisError =>
  new NavisError('POLICY_DENIED', `The list of revoked devices does not count: ${reason}.`);

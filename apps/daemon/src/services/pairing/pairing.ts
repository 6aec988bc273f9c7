/** Pairing: a link with a one-time token, a client that asks, a person who decides (I14). */
import { createHash, randomBytes } from 'node:crypto';
import {
  type Approval,
  type Device,
  NavisError,
  newId,
  pairingShortCode,
  type PairingState,
  pairingTokenMinutes,
  type Scope,
} from '@navisai/protocol';
import type { StoreFeed, StoreKeeper, StoreWriter } from '@navisai/store';
import { importPublicKey } from '../../authentication/authenticate.ts';
import { type Consequence, maxPendingApprovals } from '../approvals.ts';
import { type Devices, ownerUserId } from '../devices.ts';
import { admit, type AdmittedRequest, narrowest, type PairingRequest } from './admit.ts';
import type { Enrolments } from './enrolments.ts';
import { WrongTokens } from './wrong-tokens.ts';

export interface PairingLink {
  url: string;
  token: string;
  expiresAt: string;
}

export interface PairingParts {
  keeper: StoreKeeper;
  feed: StoreFeed;
  devices: Devices;
  enrolments: Enrolments;
  hubId: string;
  now: () => number;
  /** Where people open the PWA. */
  origin: () => string;
}

export class Pairing {
  readonly #parts: PairingParts;
  readonly #wrongTokens: WrongTokens;
  /** Until when (ISO 8601) a link may be used, and an approval waits. */
  #openUntil = '';
  #pendingUntil = '';

  constructor(parts: PairingParts) {
    this.#parts = parts;
    this.#wrongTokens = new WrongTokens(parts.now);
  }

  /** Reads what `state` is made of; to be called when the store was opened. */
  async load(): Promise<void> {
    const { read } = this.#parts.keeper.store;
    const now = this.#time();
    this.#openUntil = (await read.pairings.open(now))?.expiresAt ?? '';
    const pending = await read.approvals.list({ state: 'pending', limit: maxPendingApprovals });
    const waiting = pending.find(({ kind, expiresAt }) => kind === 'pairing' && expiresAt > now);
    this.#pendingUntil = waiting?.expiresAt ?? '';
  }

  get state(): PairingState {
    if (this.#wrongTokens.isPaused) return 'PAUSING_DISCOVERY';
    const now = this.#time();
    if (this.#pendingUntil > now) return 'PAIRING_PENDING';
    if (this.#openUntil > now) return 'DISCOVERABLE';
    return this.#parts.devices.hasPaired() ? 'PAIRED' : 'UNPAIRED';
  }

  /** A new link; an earlier one becomes void. */
  async open({ scope }: { scope: Scope }): Promise<PairingLink> {
    const token = randomBytes(16).toString('base64url');
    const [createdAt, expiresAt] = [this.#time(), this.#time(pairingTokenMinutes * 60_000)];
    await this.#change(async (writer) => {
      await writer.pairings.closeUnused(createdAt);
      await writer.pairings.create({ tokenHash: hashOf(token), scope, createdAt, expiresAt });
    });
    // The fragment never travels to a server (I13).
    return { url: `${this.#parts.origin()}/pair#${token}`, token, expiresAt };
  }

  async close(): Promise<void> {
    await this.#change((writer) => writer.pairings.closeUnused(this.#time()));
  }

  /** Rejects NavisError FORBIDDEN (wrong token), CONFLICT (another client asks already), RATE_LIMITED. */
  async request(request: PairingRequest): Promise<AdmittedRequest> {
    const { keeper, hubId, now } = this.#parts;
    this.#wrongTokens.refuseWhilePaused();
    requireUsableKey(request.publicKey);
    const link = await keeper.store.read.pairings.byTokenHash(hashOf(request.token));
    if (link === undefined) {
      this.#wrongTokens.add();
      throw new NavisError('FORBIDDEN', 'This pairing link is not valid. Ask for a new one: navisai pair.');
    }
    const { token, publicKey } = request;
    const shortCode = await pairingShortCode({ hubId, token, publicKey });
    return this.#change((writer) => admit(writer, { request, shortCode, link, nowMs: now() }));
  }

  async statusOf(pairingId: string): Promise<{ state: Approval['state']; device?: Device }> {
    const { read } = this.#parts.keeper.store;
    const request = (await read.pairings.byPairingId(pairingId))?.request ?? undefined;
    const approval = request && (await read.approvals.get(request.approvalId));
    if (request === undefined || approval === undefined)
      throw new NavisError('NOT_FOUND', 'There is no such pairing request.');
    const isLate = approval.state === 'pending' && approval.expiresAt <= this.#time();
    const device = request.deviceId === null ? undefined : await read.devices.get(request.deviceId);
    return {
      state: isLate ? 'expired' : approval.state,
      ...(device === undefined ? {} : { device: device.device }),
    };
  }

  /** What a decision about an approval of this kind does. */
  readonly consequence: Consequence<'pairing'> = async (writer, { approval, decision }) => {
    const { pairingId } = approval.detail;
    const request = (await writer.pairings.byPairingId(pairingId))?.request ?? undefined;
    const settle = (): void => void (this.#pendingUntil = '');
    if (decision.state === 'rejected' || request === undefined) return settle;
    const device: Device = {
      id: approval.detail.deviceId ?? newId('device'),
      name: approval.detail.deviceName,
      kind: approval.detail.deviceKind,
      userId: ownerUserId,
      scope: narrowest([approval.detail.requestedScope, decision.scope, decision.by.scope]),
      createdAt: this.#time(),
      lastSeenAt: null,
      revokedAt: null,
    };
    const entry = { device, publicKey: request.publicKey };
    await this.#parts.devices.add(writer, entry);
    const { by, signed } = decision;
    await this.#parts.enrolments.keep(writer, { ...entry, by, signed });
    await writer.pairings.complete(pairingId, device.id);
    return () => {
      settle();
      this.#parts.devices.learn(entry);
    };
  };

  async #change<T>(work: (writer: StoreWriter) => Promise<T>): Promise<T> {
    const result = await this.#parts.feed.transaction(work);
    await this.load();
    return result;
  }

  #time(aheadMs = 0): string {
    return new Date(this.#parts.now() + aheadMs).toISOString();
  }
}

const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex');

const requireUsableKey = (publicKey: string): void => {
  try {
    importPublicKey(publicKey);
  } catch (cause) {
    throw new NavisError('INVALID_REQUEST', 'publicKey: is not an Ed25519 key.', { field: 'publicKey', cause });
  }
};

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
  type RouteInput,
  type Scope,
  scopeIncludes,
} from '@navisai/protocol';
import type { PairingRecord, StoreFeed, StoreKeeper, StoreWriter } from '@navisai/store';
import { importPublicKey } from '../authentication/authenticate.ts';
import { approvalEvent, type Consequence } from './approvals.ts';
import { type Devices, ownerUserId } from './devices.ts';

/** So many wrong tokens within the window make the hub deaf to pairing for a while. */
const maxWrongTokens = 20;
const wrongTokenWindowMs = 60_000;
const pauseMs = 30_000;

export interface PairingLink {
  url: string;
  token: string;
  expiresAt: string;
}

type PairingRequest = RouteInput<'pairingRequest'>['body'] & { peer: string };

export interface Pairing {
  /** A new link; an earlier one becomes void. */
  open(request: { scope: Scope }): Promise<PairingLink>;
  close(): Promise<void>;
  /** Rejects NavisError FORBIDDEN (wrong token), CONFLICT (another client asks already), RATE_LIMITED. */
  request(request: PairingRequest): Promise<{ pairingId: string; shortCode: string; expiresAt: string }>;
  statusOf(pairingId: string): Promise<{ state: Approval['state']; device?: Device }>;
  /** Reads what `state` is made of; to be called when the store was opened. */
  load(): Promise<void>;
  state(): PairingState;
  /** What an approval of this kind does. */
  readonly consequence: Consequence;
}

export interface PairingParts {
  keeper: StoreKeeper;
  feed: StoreFeed;
  devices: Devices;
  hubId: string;
  now: () => number;
  /** Where people open the PWA. */
  origin: () => string;
}

const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex');

export const createPairing = (parts: PairingParts): Pairing => {
  const { keeper, feed, devices, hubId, now } = parts;
  const time = (aheadMs = 0): string => new Date(now() + aheadMs).toISOString();
  const wrongTokens = createWrongTokenCounter(now);
  /** Until when (ISO 8601) a link may be used, and an approval waits. */
  let openUntil = '';
  let pendingUntil = '';

  const load = async (): Promise<void> => {
    const { read } = keeper.store;
    openUntil = (await read.pairings.open(time()))?.expiresAt ?? '';
    const pending = await read.approvals.list({ state: 'pending', limit: 10 });
    pendingUntil = pending.find(({ kind, expiresAt }) => kind === 'pairing' && expiresAt > time())?.expiresAt ?? '';
  };

  const change = async <T>(work: (writer: StoreWriter) => Promise<T>): Promise<T> => {
    const result = await feed.transaction(work);
    await load();
    return result;
  };

  return {
    async open({ scope }) {
      const token = randomBytes(16).toString('base64url');
      const expiresAt = time(pairingTokenMinutes * 60_000);
      await change(async (writer) => {
        await writer.pairings.closeUnused(time());
        await writer.pairings.create({ tokenHash: hashOf(token), scope, createdAt: time(), expiresAt });
      });
      // The fragment never travels to a server (I13).
      return { url: `${parts.origin()}/pair#${token}`, token, expiresAt };
    },

    async close() {
      await change((writer) => writer.pairings.closeUnused(time()));
    },

    async request(request) {
      wrongTokens.refuseWhilePaused();
      requireUsableKey(request.publicKey);
      const tokenHash = hashOf(request.token);
      const shortCode = await pairingShortCode({ hubId, token: request.token, publicKey: request.publicKey });
      const link = await keeper.store.read.pairings.byTokenHash(tokenHash);
      if (link === undefined) {
        wrongTokens.count();
        throw new NavisError('FORBIDDEN', 'This pairing link is not valid. Ask for a new one: navisai pair.');
      }
      return change((writer) => admit(writer, { request, tokenHash, shortCode, link, time }));
    },

    async statusOf(pairingId) {
      const { read } = keeper.store;
      const link = await read.pairings.byPairingId(pairingId);
      const approval = link?.request && (await read.approvals.get(link.request.approvalId));
      if (link?.request === undefined || link.request === null || approval === undefined || approval === null)
        throw new NavisError('NOT_FOUND', 'There is no such pairing request.');
      const isLate = approval.state === 'pending' && approval.expiresAt <= time();
      const device = link.request.deviceId === null ? undefined : await read.devices.get(link.request.deviceId);
      return {
        state: isLate ? 'expired' : approval.state,
        ...(device === undefined ? {} : { device: device.device }),
      };
    },

    load,

    state() {
      if (wrongTokens.isPaused()) return 'PAUSING_DISCOVERY';
      if (pendingUntil > time()) return 'PAIRING_PENDING';
      if (openUntil > time()) return 'DISCOVERABLE';
      return devices.hasPaired() ? 'PAIRED' : 'UNPAIRED';
    },

    async consequence(writer, { approval, decision }) {
      const { pairingId } = approval.detail;
      const link = await writer.pairings.byPairingId(pairingId);
      pendingUntil = '';
      if (decision.state === 'rejected' || link?.request === undefined || link.request === null) return () => undefined;
      const device: Device = {
        id: newId('device'),
        name: approval.detail.deviceName,
        kind: approval.detail.deviceKind,
        userId: ownerUserId,
        scope: narrowest([approval.detail.requestedScope, decision.scope, decision.by.scope]),
        createdAt: time(),
        lastSeenAt: null,
        revokedAt: null,
      };
      const entry = { device, publicKey: link.request.publicKey };
      await devices.add(writer, entry);
      await writer.pairings.complete(pairingId, device.id);
      return () => devices.learn(entry);
    },
  };
};

interface Admission {
  request: PairingRequest;
  tokenHash: string;
  shortCode: string;
  link: PairingRecord;
  time: (aheadMs?: number) => string;
}

/** Uses the link; the same client that asks again (its answer was lost) gets the same answer. */
const admit = async (writer: StoreWriter, { request, tokenHash, shortCode, link, time }: Admission) => {
  const { publicKey } = request;
  const used = (await writer.pairings.byTokenHash(tokenHash))?.request;
  if (used !== undefined && used !== null) {
    const asked = await writer.approvals.get(used.approvalId);
    if (used.publicKey === publicKey && asked !== undefined)
      return { pairingId: used.pairingId, shortCode, expiresAt: asked.expiresAt };
    throw new NavisError('CONFLICT', 'Another client uses this pairing link already.');
  }
  const pending = await writer.approvals.list({ state: 'pending', limit: 10 });
  if (pending.some(({ kind, expiresAt }) => kind === 'pairing' && expiresAt > time()))
    throw new NavisError('CONFLICT', 'Another client waits to be paired. Decide about it first.');
  if ((await writer.devices.activeWithKey(publicKey)) !== undefined)
    throw new NavisError('CONFLICT', 'This client is paired already.');
  const approval = newPairingApproval({ request, shortCode, link, time });
  const { pairingId } = approval.detail;
  const claim = { tokenHash, now: time(), pairingId, approvalId: approval.id, publicKey };
  if (!(await writer.pairings.claim(claim)))
    throw new NavisError('FORBIDDEN', 'This pairing link is too old or void. Ask for a new one: navisai pair.');
  await writer.approvals.create(approval);
  await writer.appendEvents([approvalEvent('approval.request', approval)]);
  return { pairingId, shortCode, expiresAt: approval.expiresAt };
};

const newPairingApproval = ({ request, shortCode, link, time }: Omit<Admission, 'tokenHash'>): Approval => ({
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
  },
  createdAt: time(),
  expiresAt: time(pairingTokenMinutes * 60_000),
  decidedAt: null,
  decidedBy: null,
});

const narrowest = (scopes: readonly (Scope | undefined)[]): Scope =>
  scopes.reduce<Scope>((least, scope) => (scope !== undefined && scopeIncludes(least, scope) ? scope : least), 'admin');

const requireUsableKey = (publicKey: string): void => {
  try {
    importPublicKey(publicKey);
  } catch (cause) {
    throw new NavisError('INVALID_REQUEST', 'publicKey: is not an Ed25519 key.', { field: 'publicKey', cause });
  }
};

const createWrongTokenCounter = (now: () => number) => {
  let since = 0;
  let wrong = 0;
  let pausedUntil = 0;
  return {
    isPaused: () => now() < pausedUntil,
    /** Throws NavisError RATE_LIMITED. */
    refuseWhilePaused() {
      if (now() >= pausedUntil) return;
      const retryAfter = Math.ceil((pausedUntil - now()) / 1000);
      throw new NavisError('RATE_LIMITED', 'Too many wrong pairing links. Pairing pauses for a moment.', {
        details: { retryAfter },
      });
    },
    count() {
      if (now() - since > wrongTokenWindowMs) {
        since = now();
        wrong = 0;
      }
      wrong += 1;
      if (wrong >= maxWrongTokens) {
        pausedUntil = now() + pauseMs;
        wrong = 0;
      }
    },
  };
};

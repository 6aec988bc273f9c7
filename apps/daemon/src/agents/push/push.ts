/** Notifications to the devices of people: what waits for a decision, how it was decided, recalls that failed (A2, A5). */
import {
  type Approval,
  type Device,
  type PushMessage,
  type PushSubscriptionInfo,
  scopeIncludes,
} from '@navisai/protocol';
import type { StoredPushSubscription, StoreFeed, StoreKeeper } from '@navisai/store';
import type { FastifyBaseLogger } from 'fastify';
import type { Devices } from '../../services/devices.ts';
import type { Clock, RecallAlarm } from '../recalls/recalls.types.ts';
import { type AddressRule, checkEndpoint } from './push-address.ts';
import { approvalMessage, encodeMessage, recallMessage, settledMessage } from './push-message.ts';
import { PushQueue } from './push-queue.ts';
import type { PushSender } from './send-push.ts';
import type { VapidKey } from './vapid-key.ts';

export interface PushParts {
  keeper: StoreKeeper;
  feed: StoreFeed;
  clock: Clock;
  log: FastifyBaseLogger;
  devices: Pick<Devices, 'find' | 'onRevoked'>;
  vapidKey: () => VapidKey;
  isAllowedAddress: AddressRule;
  send: PushSender;
}

/** Approvals of which it is remembered who was told; of the oldest the end is not told. */
const maxTold = 500;
/** A push service keeps a message for a device that is off no longer than this. */
const maxTtlSeconds = 24 * 3600;
const recallTtlSeconds = 12 * 3600;

interface Notification {
  message: PushMessage;
  topic: string;
  ttlSeconds: number;
  isFor(device: Device): boolean;
}

export class Push implements AsyncDisposable {
  readonly #parts: PushParts;
  readonly #queue: PushQueue;
  readonly #told = new Set<string>();
  readonly #stop: (() => void)[] = [];

  constructor(parts: PushParts) {
    this.#parts = parts;
    this.#queue = new PushQueue({ ...parts, onGone: (stored) => this.#remove(stored) });
  }

  /** From now on events become notifications. */
  start(): void {
    const { feed, devices } = this.#parts;
    this.#stop.push(
      feed.listen(({ event }) => {
        if (event.type === 'approval.request') this.#onRequest(event.data.approval);
        else if (event.type === 'approval.updated') this.#onUpdated(event.data.approval);
      }),
      devices.onRevoked((deviceId) => this.#remove({ deviceId })),
    );
  }

  publicKey(): string {
    return this.#parts.vapidKey().publicKey;
  }

  async isSubscribed({ id }: Device): Promise<boolean> {
    return (await this.#parts.keeper.store.read.push.get(id)) !== undefined;
  }

  /** Rejects NavisError INVALID_ARGUMENT for an address that is no push service's. */
  async subscribe({ id }: Device, subscription: PushSubscriptionInfo): Promise<void> {
    const { feed, clock, isAllowedAddress } = this.#parts;
    checkEndpoint(subscription.endpoint, isAllowedAddress);
    const createdAt = new Date(clock.now()).toISOString();
    await feed.transaction(({ push }) => push.put({ deviceId: id, subscription, createdAt }));
  }

  async unsubscribe({ id }: Device): Promise<void> {
    await this.#parts.feed.transaction(({ push }) => push.remove({ deviceId: id }));
  }

  /** To every device of the person whose recall it is. */
  tellRecall(alarm: RecallAlarm): void {
    const { id, userId } = alarm.recall;
    void this.#notify({
      message: recallMessage(alarm),
      topic: id,
      ttlSeconds: recallTtlSeconds,
      isFor: (device) => device.userId === userId,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const stop of this.#stop) stop();
    await this.#queue[Symbol.asyncDispose]();
  }

  #onRequest(approval: Approval): void {
    const oldest = this.#told.size >= maxTold ? this.#told.values().next().value : undefined;
    if (oldest !== undefined) this.#told.delete(oldest);
    this.#told.add(approval.id);
    const leftSeconds = (Date.parse(approval.expiresAt) - this.#parts.clock.now()) / 1000;
    const ttlSeconds = Math.min(leftSeconds, maxTtlSeconds);
    void this.#notify({
      message: approvalMessage(approval),
      topic: approval.id,
      ttlSeconds,
      isFor: mayDecide(approval),
    });
  }

  /** A notification that was shown says that there is nothing to decide any more. */
  #onUpdated(approval: Approval): void {
    const message = settledMessage(approval);
    if (message === undefined || !this.#told.delete(approval.id)) return;
    const isFor = mayDecide(approval);
    void this.#notify({
      message,
      topic: approval.id,
      ttlSeconds: maxTtlSeconds,
      isFor: (device) => device.id !== approval.decidedBy && isFor(device),
    });
  }

  async #notify({ message, topic, ttlSeconds, isFor }: Notification): Promise<void> {
    const { keeper, devices, log } = this.#parts;
    try {
      const payload = encodeMessage(message);
      for (const stored of await keeper.store.read.push.list()) {
        const device = devices.find(stored.deviceId)?.device;
        if (device !== undefined && isFor(device)) this.#queue.add({ stored, payload, topic, ttlSeconds });
      }
    } catch (error) {
      log.warn({ err: error }, 'a notification could not be sent');
    }
  }

  #remove(gone: Pick<StoredPushSubscription, 'deviceId'> & Partial<StoredPushSubscription>): void {
    const { deviceId, subscription } = gone;
    const request = subscription === undefined ? { deviceId } : { deviceId, endpoint: subscription.endpoint };
    this.#parts.feed
      .transaction(({ push }) => push.remove(request))
      .catch((error: unknown) => this.#parts.log.warn({ err: error, deviceId }, 'a subscription could not be removed'));
  }
}

/** Pairings are for admins, calls for their own user and for admins (U1). */
const mayDecide =
  (approval: Approval) =>
  ({ scope, userId }: Device): boolean => {
    if (scopeIncludes(scope, 'admin')) return true;
    return approval.kind === 'call' && scopeIncludes(scope, 'operator') && approval.detail.call.userId === userId;
  };

/** The port of push subscriptions: one for each device that wants notifications (A2). */
import type { PushSubscriptionInfo } from '@navisai/protocol';

export interface StoredPushSubscription {
  deviceId: string;
  subscription: PushSubscriptionInfo;
  createdAt: string;
}

export interface PushReader {
  list(): Promise<StoredPushSubscription[]>;
  get(deviceId: string): Promise<StoredPushSubscription | undefined>;
}

export interface PushWriter extends PushReader {
  /** Takes the place of the device's one before, and of another device's with the same endpoint. */
  put(stored: StoredPushSubscription): Promise<void>;
  /** With `endpoint`: only while it still is this one. */
  remove(request: { deviceId: string; endpoint?: string }): Promise<void>;
}

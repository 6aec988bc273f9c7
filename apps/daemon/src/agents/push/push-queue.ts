/** Messages on their way to push services: a few at once, tried again a few times, dropped when there are too many (A2). */
import type { StoredPushSubscription } from '@navisai/store';
import type { FastifyBaseLogger } from 'fastify';
import type { Clock } from '../recalls/recalls.types.ts';
import type { PushSender } from './send-push.ts';

export interface QueuedPush {
  stored: StoredPushSubscription;
  payload: string;
  topic: string;
  ttlSeconds: number;
}

export interface PushQueueParts {
  clock: Clock;
  log: FastifyBaseLogger;
  send: PushSender;
  /** The browser wants no more. */
  onGone(stored: StoredPushSubscription): void;
}

const maxParallel = 4;
/** The oldest ones are dropped beyond it. */
const maxQueued = 200;
const retryDelaysMs = [2000, 15_000] as const;

export class PushQueue implements AsyncDisposable {
  readonly #parts: PushQueueParts;
  readonly #waiting: QueuedPush[] = [];
  readonly #active = new Set<Promise<void>>();
  readonly #pauses = new Set<() => void>();
  #isStopped = false;

  constructor(parts: PushQueueParts) {
    this.#parts = parts;
  }

  /** Newer ones of the same topic take the place of those that wait. */
  add(queued: QueuedPush): void {
    if (this.#isStopped) return;
    const isSame = (other: QueuedPush): boolean =>
      other.topic === queued.topic && other.stored.deviceId === queued.stored.deviceId;
    const same = this.#waiting.findIndex(isSame);
    if (same >= 0) this.#waiting.splice(same, 1);
    this.#waiting.push(queued);
    if (this.#waiting.length > maxQueued) {
      this.#waiting.shift();
      this.#parts.log.warn({ maxQueued }, 'too many notifications wait: the oldest was dropped');
    }
    this.#pump();
  }

  /** What is under way ends by its own deadline; what waits is dropped. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isStopped = true;
    this.#waiting.length = 0;
    for (const end of Array.from(this.#pauses)) end();
    await Promise.all(this.#active);
  }

  #pump(): void {
    while (this.#active.size < maxParallel) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      const work = this.#deliver(next).finally(() => {
        this.#active.delete(work);
        this.#pump();
      });
      this.#active.add(work);
    }
  }

  async #deliver({ stored, payload, topic, ttlSeconds }: QueuedPush): Promise<void> {
    const { send, log, onGone } = this.#parts;
    const { deviceId, subscription } = stored;
    for (let attempt = 0; ; attempt += 1) {
      const outcome = await send({ subscription, payload, topic, ttlSeconds });
      if (outcome.kind === 'sent') return;
      if (outcome.kind === 'gone') return onGone(stored);
      const delayMs = outcome.kind === 'failed' ? retryDelaysMs[attempt] : undefined;
      if (delayMs === undefined || this.#isStopped) {
        log.warn({ deviceId, reason: outcome.reason }, 'a notification was not delivered');
        return;
      }
      await this.#pause(delayMs);
    }
  }

  async #pause(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const cancel = this.#parts.clock.setTimer(() => end(), ms);
      const end = (): void => {
        cancel();
        this.#pauses.delete(end);
        resolve();
      };
      this.#pauses.add(end);
    });
  }
}

/** Calls that the hub itself carries out and that change something: on disk before they act, so that none is made twice (A2, N7). */
import { NavisError, type ToolResult } from '@navisai/protocol';
import type { HubCall, StoreFeed, StoreKeeper } from '@navisai/store';
import type { FastifyBaseLogger } from 'fastify';
import { keyOf } from '../../nodes/call-places.ts';
import { failure } from '../../services/tool-path.ts';
import { isLeaving } from '../leaving.ts';

export interface HubCallsParts {
  keeper: StoreKeeper;
  feed: StoreFeed;
  now: () => number;
  log: FastifyBaseLogger;
}

export class HubCalls {
  readonly #parts: HubCallsParts;
  readonly #underWay = new Map<string, Promise<ToolResult>>();
  /** Those that are kept and not acknowledged yet, as far as this process knows. */
  readonly #kept = new Set<string>();

  constructor(parts: HubCallsParts) {
    this.#parts = parts;
  }

  /** What becomes of a call that was begun before, or became of it. */
  async earlier(call: HubCall): Promise<(() => Promise<ToolResult>) | undefined> {
    const underWay = this.#underWay.get(keyOf(call));
    if (underWay !== undefined) return () => underWay;
    const kept = await this.#parts.keeper.store.read.conversations.hubCall(call);
    if (kept === undefined) return undefined;
    this.#kept.add(keyOf(call));
    return async () => kept.result ?? failure(unknownEnd());
  }

  /** Rejects NavisError DEGRADED when it cannot be kept that the call begins: then nothing is done. */
  async once(
    call: HubCall,
    { signal, work }: { signal: AbortSignal; work(): Promise<ToolResult> },
  ): Promise<ToolResult> {
    const key = keyOf(call);
    const underWay = this.#underWay.get(key) ?? this.#make(call, { signal, work });
    this.#underWay.set(key, underWay);
    try {
      return await underWay;
    } finally {
      this.#underWay.delete(key);
    }
  }

  /** Its result is kept in the conversation. */
  acknowledge(call: HubCall): void {
    if (!this.#kept.delete(keyOf(call))) return;
    const { feed, log } = this.#parts;
    feed
      .apply(({ conversations }) => conversations.forgetHubCall(call))
      .catch((error: unknown) => log.warn({ err: error, ...call }, 'a call of the hub could not be forgotten'));
  }

  async #make(
    call: HubCall,
    { signal, work }: { signal: AbortSignal; work(): Promise<ToolResult> },
  ): Promise<ToolResult> {
    const { feed, now } = this.#parts;
    const at = new Date(now()).toISOString();
    const isFirst = await feed.transaction(({ conversations }) => conversations.beginHubCall({ ...call, at }));
    if (!isFirst) return failure(unknownEnd());
    this.#kept.add(keyOf(call));
    const result = await work();
    // What was broken off because the hub leaves may have been done all the same.
    if (result.success || !isLeaving(signal)) await this.#keepEnd(call, result);
    return result;
  }

  /** Without waiting for the disk: where it is lost, nobody is told anything untrue. */
  async #keepEnd(call: HubCall, result: ToolResult): Promise<void> {
    const { feed, log } = this.#parts;
    try {
      await feed.apply(({ conversations }) => conversations.endHubCall(call, result));
    } catch (error) {
      log.warn({ err: error, ...call }, 'the result of a call of the hub could not be kept');
    }
  }
}

const unknownEnd = (): NavisError =>
  new NavisError(
    'INTERRUPTED',
    'The hub stopped before this call ended: nobody knows whether it was done. It was not made again. Look before doing so.',
  );

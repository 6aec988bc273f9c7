/** Claims recalls that are due, has them carried out a few at a time, and takes over those of claimers that died (A5, N11). */
import { type Recall, type RecallRun } from '@navisai/protocol';
import type { RecallClaim, StoredRecall, StoreFeed, StoreKeeper } from '@navisai/store';
import type { FastifyBaseLogger } from 'fastify';
import { claimDue, type Claimed, finish, moveAfterJump, takeOver } from './claims.ts';
import { isAlarming } from './recall-event.ts';
import type { CarryOut, Clock, RecallAlarm } from './recalls.types.ts';

export interface SchedulerTiming {
  /** A claim that was not renewed for so long is dead. */
  leaseMs: number;
  /** The clock is looked at again at least this often. */
  lookMs: number;
  maxParallel: number;
}

export const schedulerTiming: SchedulerTiming = { leaseMs: 30_000, lookMs: 30_000, maxParallel: 8 };
/** The wall clock differs by more from what passed: it was set. */
const jumpMs = 1000;
/** Between two looks, so that what cannot be claimed costs little. */
const minWaitMs = 20;

export interface SchedulerParts {
  keeper: StoreKeeper;
  feed: StoreFeed;
  clock: Clock;
  log: FastifyBaseLogger;
  /** Names this process. */
  name: string;
  goesOn?(sessionId: string): boolean;
  /** The process of this name is gone for sure, such as an earlier one of this hub. */
  isGone?(name: string): boolean;
  carryOut: CarryOut;
  /** Told of every end that somebody wants to know of; must not throw. */
  onAlarm(alarm: RecallAlarm): void;
  timing?: SchedulerTiming;
}

interface Running {
  abort: AbortController;
  done: Promise<void>;
}

interface Observed extends Pick<RecallClaim, 'token' | 'leaseUntil'> {
  sinceMs: number;
}

export class RecallScheduler implements AsyncDisposable {
  readonly #parts: SchedulerParts;
  readonly #timing: SchedulerTiming;
  readonly #running = new Map<string, Running>();
  /** Claims of others, and since when they did not move: their clocks need not be right. */
  readonly #observed = new Map<string, Observed>();
  #cancelTimer: (() => void) | undefined;
  #looking: Promise<void> | undefined;
  #isAskedAgain = false;
  #isStopped = false;
  #last: { now: number; monotonic: number } | undefined;

  constructor(parts: SchedulerParts) {
    this.#parts = parts;
    this.#timing = parts.timing ?? schedulerTiming;
  }

  get runningCount(): number {
    return this.#running.size;
  }

  /** Looks now for what is due; to be called at the start and after every change. Never rejects. */
  wake(): Promise<void> {
    if (this.#isStopped) return Promise.resolve();
    if (this.#looking !== undefined) {
      this.#isAskedAgain = true;
      return this.#looking;
    }
    this.#cancelTimer?.();
    this.#looking = this.#lookOnce().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  /** Ends what is carried out here of a recall, such as one that was removed. */
  cancel(recallId: string): void {
    this.#running.get(recallId)?.abort.abort();
  }

  /** From now on nothing is claimed, and how something ends is not kept: whoever takes it over runs it once more. */
  leave(): void {
    this.#isStopped = true;
    this.#cancelTimer?.();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.leave();
    for (const { abort } of this.#running.values()) abort.abort();
    await this.#looking;
    await Promise.all(Array.from(this.#running.values(), ({ done }) => done));
  }

  async #lookOnce(): Promise<void> {
    let waitMs = this.#timing.lookMs;
    do {
      this.#isAskedAgain = false;
      try {
        waitMs = await this.#look();
      } catch (error) {
        this.#parts.log.warn({ err: error }, 'recalls could not be looked at');
      }
    } while (this.#isAskedAgain && !this.#isStopped);
    if (!this.#isStopped) this.#cancelTimer = this.#parts.clock.setTimer(() => void this.wake(), waitMs);
  }

  /** Answers how long nothing needs to be looked at. */
  async #look(): Promise<number> {
    const { keeper, clock } = this.#parts;
    if (keeper.problem() !== undefined) return this.#timing.lookMs;
    if (this.#wasSetBack()) await moveAfterJump(this.#parts);
    await this.#takeOverDead();
    const now = clock.now();
    const free = this.#timing.maxParallel - this.#running.size;
    if (free <= 0) return this.#timing.lookMs;
    const due = await keeper.store.read.recalls.due({ now: new Date(now).toISOString(), limit: free });
    for (const seen of due) {
      if (this.#isStopped) return 0;
      await this.#claim(seen);
    }
    if (this.#running.size >= this.#timing.maxParallel) return this.#timing.lookMs;
    const nextAt = await keeper.store.read.recalls.nextDueAt();
    if (nextAt === null) return this.#timing.lookMs;
    return Math.min(Math.max(Date.parse(nextAt) - clock.now(), minWaitMs), this.#timing.lookMs);
  }

  /** What goes wrong with one keeps no other from its time. */
  async #claim(seen: StoredRecall): Promise<void> {
    try {
      const claimed = await claimDue(this.#parts, { seen, leaseUntil: this.#leaseUntil() });
      if (claimed?.kind === 'run') this.#begin(claimed);
      else if (claimed?.kind === 'missed') this.#tellAlarm(claimed.recall, claimed.run);
    } catch (error) {
      this.#parts.log.warn({ err: error, recallId: seen.recall.id }, 'a recall could not be claimed');
    }
  }

  /** Also true at the first look: nobody knows what the clock did before. */
  #wasSetBack(): boolean {
    const { clock } = this.#parts;
    const present = { now: clock.now(), monotonic: clock.monotonic() };
    const last = this.#last;
    this.#last = present;
    return last === undefined || present.now - last.now < present.monotonic - last.monotonic - jumpMs;
  }

  async #takeOverDead(): Promise<void> {
    const { keeper, clock } = this.#parts;
    const foreign = (await keeper.store.read.recalls.claimed()).filter(({ recall }) => !this.#running.has(recall.id));
    const seenIds = new Set(foreign.map(({ recall }) => recall.id));
    for (const id of Array.from(this.#observed.keys())) if (!seenIds.has(id)) this.#observed.delete(id);
    for (const stored of foreign) {
      if (!this.#isDead(stored, clock.monotonic()) || this.#running.size >= this.#timing.maxParallel) continue;
      const taken = await takeOver(this.#parts, { seen: stored, leaseUntil: this.#leaseUntil() });
      if (taken?.kind === 'run') this.#begin(taken);
      else if (taken?.kind === 'ended') this.#tellAlarm(taken.recall, taken.run);
    }
  }

  /** By this process's own monotonic clock: a wall clock that jumps kills nobody. */
  #isDead({ recall, claim }: StoredRecall, nowMs: number): boolean {
    if (claim === null) return false;
    if (this.#parts.isGone?.(claim.by) === true) return true;
    const { token, leaseUntil } = claim;
    const before = this.#observed.get(recall.id);
    if (before !== undefined && before.token === token && before.leaseUntil === leaseUntil)
      return nowMs - before.sinceMs >= this.#timing.leaseMs;
    this.#observed.set(recall.id, { token, leaseUntil, sinceMs: nowMs });
    return false;
  }

  #leaseUntil(): string {
    return new Date(this.#parts.clock.now() + this.#timing.leaseMs).toISOString();
  }

  #begin({ recall, run }: Pick<Claimed, 'recall' | 'run'>): void {
    const abort = new AbortController();
    const done = this.#carry({ recall, run, abort })
      .catch((error: unknown) => this.#parts.log.error({ err: error, recallId: recall.id }, 'a recall was left'))
      .finally(() => {
        this.#running.delete(recall.id);
        void this.wake();
      });
    this.#running.set(recall.id, { abort, done });
  }

  async #carry({ recall, run, abort }: { recall: Recall; run: RecallRun; abort: AbortController }): Promise<void> {
    const lease = this.#keepLease(run, abort);
    try {
      const outcome = await this.#parts.carryOut({ recall, run, signal: abort.signal });
      if (this.#isStopped || abort.signal.aborted) return;
      const ended = await this.#untilKept(() => finish(this.#parts, { run, outcome }), abort.signal);
      if (ended === undefined) this.#parts.log.warn({ recallId: recall.id }, 'another took over this recall');
      else this.#tellAlarm(ended.recall, ended.run);
    } finally {
      lease[Symbol.dispose]();
    }
  }

  /** While the store cannot be written nobody else can claim it either. */
  async #untilKept<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T | undefined> {
    const { clock, log } = this.#parts;
    while (!signal.aborted) {
      try {
        return await work();
      } catch (error) {
        log.warn({ err: error }, 'the end of a recall could not be kept yet');
      }
      await new Promise<void>((resolve) => {
        const cancel = clock.setTimer(resolve, this.#timing.leaseMs / 3);
        signal.addEventListener('abort', () => (cancel(), resolve()), { once: true });
      });
    }
    return undefined;
  }

  /** Renews the claim three times per lease; what cannot be renewed in time is stopped before another takes it. */
  #keepLease(run: RecallRun, abort: AbortController): Disposable {
    const { clock, feed, log } = this.#parts;
    const { leaseMs } = this.#timing;
    let renewedMs = clock.monotonic();
    let isOver = false;
    let cancel: () => void;
    const renew = async (): Promise<void> => {
      try {
        const claim = { id: run.recallId, token: run.token, leaseUntil: this.#leaseUntil() };
        if (!(await feed.transaction(({ recalls }) => recalls.renew(claim)))) return abort.abort();
        renewedMs = clock.monotonic();
      } catch (error) {
        log.warn({ err: error, recallId: run.recallId }, 'the claim of a recall could not be renewed');
        if (clock.monotonic() - renewedMs >= (leaseMs * 2) / 3) abort.abort();
      }
    };
    const schedule = (): void => {
      if (!isOver) cancel = clock.setTimer(() => void renew().then(schedule), leaseMs / 3);
    };
    schedule();
    return {
      [Symbol.dispose]() {
        isOver = true;
        cancel();
      },
    };
  }

  #tellAlarm(recall: Recall, run: RecallRun): void {
    if (isAlarming(recall, run)) this.#parts.onAlarm({ recall, run });
  }
}

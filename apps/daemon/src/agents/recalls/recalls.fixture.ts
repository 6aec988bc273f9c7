/** What tests of recalls share: a store of their own, a clock that stands still until it is moved, recalls to keep. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newId, type RecallRun } from '@navisai/protocol';
import { createEventFeed, createMemoryBus, openSqliteStore, type RecallFacts, StoreKeeper } from '@navisai/store';
import pino from 'pino';
import type { Clock } from './recalls.types.ts';

export const silentLog = pino({ level: 'silent' });

/** A hub's store, without a hub; `file` for further processes. */
export const openStore = async (folder = mkdtempSync(join(tmpdir(), 'navis-recalls-'))) => {
  const file = join(folder, 'store', 'navis.db');
  const keeper = new StoreKeeper(() => openSqliteStore({ file }));
  const problem = await keeper.start();
  if (problem !== undefined) throw new Error(problem.what);
  return {
    keeper,
    folder,
    feed: createEventFeed(keeper, createMemoryBus()),
    runs: (recallId: string): Promise<RecallRun[]> => keeper.store.read.recalls.runs({ recallId, limit: 100 }),
    [Symbol.asyncDispose]: async () => {
      await keeper[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
export type OpenStore = Awaited<ReturnType<typeof openStore>>;

export const keep = async ({ feed }: Pick<OpenStore, 'feed'>, recall: RecallFacts, askedAt: string | null = null) => {
  await feed.transaction(({ recalls }) => recalls.create(recall, askedAt));
  return recall.id;
};

export const recallAt = (nextMs: number | null, facts: Partial<RecallFacts> = {}): RecallFacts => ({
  id: newId('recall'),
  title: 'check',
  task: 'look after it',
  schedule: { kind: 'interval', seconds: 60 },
  missed: 'run_once',
  notify: 'failure',
  paused: false,
  sessionId: null,
  ownsSession: true,
  userId: 'u_owner',
  instanceId: 'main',
  profile: 'developer',
  nodeId: null,
  model: null,
  permissions: {
    approvals: 'risky',
    tools: ['terminal'],
    depth: 0,
    mayAsk: false,
    waitMinutes: 60,
    rulesUntil: '2026-01-01T00:00:00.000Z',
  },
  limitMinutes: 60,
  createdBy: 'laptop',
  createdAt: '2026-01-01T00:00:00.000Z',
  nextAt: nextMs === null ? null : new Date(nextMs).toISOString(),
  ...facts,
});

/** Both clocks stand still; `pass` moves both, `set` only the one on the wall. */
export class ManualClock implements Clock {
  #wall: number;
  #passed = 0;
  #timers = new Set<{ at: number; work: () => void }>();

  constructor(wall: number) {
    this.#wall = wall;
  }

  now(): number {
    return this.#wall;
  }

  monotonic(): number {
    return this.#passed;
  }

  setTimer(work: () => void, ms: number): () => void {
    const timer = { at: this.#passed + ms, work };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** Somebody sets the clock; no time passes. */
  set(wall: number): void {
    this.#wall = wall;
  }

  /** Lets time pass in steps, with room for what the timers started. */
  async pass(ms: number, settle: () => Promise<unknown>): Promise<void> {
    const end = this.#passed + ms;
    for (;;) {
      const next = Array.from(this.#timers).toSorted((a, b) => a.at - b.at)[0];
      const at = Math.min(next?.at ?? end, end);
      this.#wall += at - this.#passed;
      this.#passed = at;
      if (next === undefined || next.at > end) break;
      this.#timers.delete(next);
      next.work();
      await settle();
    }
    await settle();
  }
}

/** Each step in the life of a run as one transaction with its event: claimed, left out, taken over, ended (A5, N11). */
import { NavisError, newId, type Recall, type RecallRun } from '@navisai/protocol';
import type { StoredRecall, StoreFeed, StoreKeeper, StoreWriter } from '@navisai/store';
import { planRun, replan } from './plan-run.ts';
import { recallEvent } from './recall-event.ts';
import type { Clock, RecallOutcome } from './recalls.types.ts';

export interface ClaimParts {
  keeper: StoreKeeper;
  feed: StoreFeed;
  clock: Clock;
  name: string;
  /** What an earlier attempt began still goes on in this conversation, such as waiting for an answer: no attempt is lost. */
  goesOn?(sessionId: string): boolean;
}

export interface Claimed {
  /** `run`: it is ours. `missed`: it was left out. `ended`: it was interrupted, and is not tried again. */
  kind: 'run' | 'missed' | 'ended';
  recall: Recall;
  run: RecallRun;
}

interface ClaimRequest {
  seen: StoredRecall;
  leaseUntil: string;
}

const maxAttempts = 2;

const isoOf = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());

const newRun = (facts: Pick<RecallRun, 'recallId' | 'dueAt' | 'claimedBy' | 'token' | 'startedAt'>): RecallRun => ({
  id: newId('recallRun'),
  cause: 'schedule',
  state: 'running',
  attempt: 1,
  missed: 0,
  endedAt: null,
  sessionId: null,
  runId: null,
  answer: null,
  error: null,
  ...facts,
});

/** The recall as it is now, with the event of what happened to it. */
const tell = async (
  writer: StoreWriter,
  { change, run }: { change: 'started' | 'ended' | 'missed'; run: RecallRun },
): Promise<Recall> => {
  const stored = await writer.recalls.get(run.recallId);
  if (stored === undefined) throw new NavisError('NOT_FOUND', 'The recall was removed meanwhile.');
  await writer.appendEvents([recallEvent(change, stored.recall, run)]);
  return stored.recall;
};

/** `undefined` when somebody was faster. */
export const claimDue = (parts: ClaimParts, { seen, leaseUntil }: ClaimRequest): Promise<Claimed | undefined> => {
  const { feed, clock, name } = parts;
  const { recall, askedAt } = seen;
  const nowMs = clock.now();
  const startedAt = new Date(nowMs).toISOString();
  const common = { recallId: recall.id, claimedBy: name, startedAt };
  return feed.transaction(async (writer) => {
    if (askedAt !== null) {
      const token = await writer.recalls.claim({ seen, by: name, leaseUntil, nextAt: recall.nextAt });
      if (token === undefined) return undefined;
      return begin(writer, { ...newRun({ ...common, dueAt: askedAt, token }), cause: 'asked' }, recall);
    }
    if (recall.nextAt === null) return undefined;
    const plan = planRun({ ...recall, dueMs: Date.parse(recall.nextAt), nowMs });
    const dueAt = new Date(plan.dueMs).toISOString();
    const nextAt = isoOf(plan.nextMs);
    const { missed } = plan;
    if (plan.kind === 'run') {
      const token = await writer.recalls.claim({ seen, by: name, leaseUntil, nextAt });
      return token === undefined
        ? undefined
        : begin(writer, { ...newRun({ ...common, dueAt, token }), missed }, recall);
    }
    const token = await writer.recalls.move({ id: recall.id, from: recall.nextAt, to: nextAt });
    if (token === undefined) return undefined;
    const run: RecallRun = { ...newRun({ ...common, dueAt, token }), state: 'missed', missed, endedAt: startedAt };
    await writer.recalls.addRun(run);
    return { kind: 'missed', recall: await tell(writer, { change: 'missed', run }), run };
  });
};

const begin = async (writer: StoreWriter, facts: RecallRun, { sessionId }: Recall): Promise<Claimed> => {
  const run = { ...facts, sessionId };
  await writer.recalls.addRun(run);
  return { kind: 'run', recall: await tell(writer, { change: 'started', run }), run };
};

const interrupted = { code: 'INTERRUPTED', message: 'The process that carried it out ended before it did.' };

/** Once more, marked; not a third time, and not what was paused. `undefined` when its claimer lives or somebody was faster. */
export const takeOver = (parts: ClaimParts, { seen, leaseUntil }: ClaimRequest): Promise<Claimed | undefined> => {
  const { feed, clock, name } = parts;
  const { recall, claim } = seen;
  const { id, lastRun, paused } = recall;
  return feed.transaction(async (writer) => {
    if (claim === null) return undefined;
    const token = await writer.recalls.takeOver({ id, seen: claim, by: name, leaseUntil });
    if (token === undefined) return undefined;
    const at = new Date(clock.now()).toISOString();
    const before =
      lastRun?.token === claim.token
        ? await writer.recalls.endRun({ ...lastRun, state: 'interrupted', at, error: interrupted })
        : undefined;
    const isSpent = (before?.attempt ?? 0) >= maxAttempts && parts.goesOn?.(recall.sessionId ?? '') !== true;
    if (before === undefined || isSpent || paused) {
      await writer.recalls.release({ id, token });
      if (before === undefined) return undefined;
      return { kind: 'ended', recall: await tell(writer, { change: 'ended', run: before }), run: before };
    }
    await tell(writer, { change: 'ended', run: before });
    const facts = newRun({ recallId: id, dueAt: before.dueAt, claimedBy: name, token, startedAt: at });
    const { cause, missed } = before;
    return begin(writer, { ...facts, cause, missed, attempt: before.attempt + 1 }, recall);
  });
};

/** Keeps how a run ended; `undefined` when its claim was no longer ours, and nothing of it is kept. */
export const finish = (
  { feed, clock }: ClaimParts,
  { run, outcome }: { run: RecallRun; outcome: RecallOutcome },
): Promise<Omit<Claimed, 'kind'> | undefined> =>
  feed.transaction(async (writer) => {
    const { id, recallId, token } = run;
    if (!(await writer.recalls.release({ id: recallId, token }))) return undefined;
    const ended = await writer.recalls.endRun({ ...outcome, id, token, at: new Date(clock.now()).toISOString() });
    if (ended === undefined) return undefined;
    return { recall: await tell(writer, { change: 'ended', run: ended }), run: ended };
  });

/** After the clock was set back: what would only be due in a future that is no longer near. */
export const moveAfterJump = async ({ keeper, feed, clock }: ClaimParts): Promise<void> => {
  const nowMs = clock.now();
  for (const { recall } of await keeper.store.read.recalls.scheduled()) {
    const { id, schedule, nextAt, lastRun } = recall;
    if (nextAt === null) continue;
    const nextMs = Date.parse(nextAt);
    const lastDueMs = lastRun === null ? null : Date.parse(lastRun.dueAt);
    const wanted = replan({ schedule, nextMs, lastDueMs, nowMs });
    if (wanted === nextMs) continue;
    await feed.transaction(({ recalls }) => recalls.move({ id, from: nextAt, to: isoOf(wanted) }));
  }
};

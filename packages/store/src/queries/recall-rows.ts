/** Rows of recalls and their runs, and what they are outside of SQL. */
import type { Recall, RecallRun } from '@navisai/protocol';
import type { Insertable, Selectable } from 'kysely';
import type { RecallFacts, StoredRecall } from '../recalls.types.ts';
import type { Schema } from '../schema.ts';

export type RecallRow = Selectable<Schema['recalls']>;
type RunRow = Selectable<Schema['recall_runs']>;

export const toRun = (row: RunRow): RecallRun => ({
  id: row.id,
  recallId: row.recall_id,
  dueAt: row.due_at,
  cause: row.cause as RecallRun['cause'],
  state: row.state as RecallRun['state'],
  attempt: row.attempt,
  missed: row.missed,
  claimedBy: row.claimed_by,
  token: Number(row.token),
  startedAt: row.started_at,
  endedAt: row.ended_at,
  sessionId: row.session_id,
  runId: row.run_id,
  answer: row.answer,
  error: row.error === null ? null : (JSON.parse(row.error) as RecallRun['error']),
});

export const toRunRow = (run: RecallRun): Insertable<Schema['recall_runs']> => ({
  id: run.id,
  recall_id: run.recallId,
  due_at: run.dueAt,
  cause: run.cause,
  state: run.state,
  attempt: run.attempt,
  missed: run.missed,
  claimed_by: run.claimedBy,
  token: run.token,
  started_at: run.startedAt,
  ended_at: run.endedAt,
  session_id: run.sessionId,
  run_id: run.runId,
  answer: run.answer,
  error: run.error === null ? null : JSON.stringify(run.error),
});

/** What stands in `data`: everything that has no column of its own. */
export const dataOf = (recall: RecallFacts): string => {
  const { id: _, userId: _u, instanceId: _i, sessionId: _s, paused: _p, nextAt: _n, createdAt: _c, ...data } = recall;
  return JSON.stringify(data);
};

export const toFacts = (row: RecallRow): RecallFacts => ({
  // What is in the row was a recall when it was written.
  ...(JSON.parse(row.data) as RecallFacts),
  id: row.id,
  userId: row.user_id,
  instanceId: row.instance_id,
  sessionId: row.session_id,
  paused: row.paused === 1,
  nextAt: row.next_at,
  createdAt: row.created_at,
});

export const toStored = (row: RecallRow, lastRun: RecallRun | null): StoredRecall => ({
  recall: { ...toFacts(row), isRunning: row.claimed_by !== null, lastRun } satisfies Recall,
  askedAt: row.asked_at,
  claim:
    row.claimed_by === null || row.lease_until === null
      ? null
      : { by: row.claimed_by, leaseUntil: row.lease_until, token: Number(row.token) },
});

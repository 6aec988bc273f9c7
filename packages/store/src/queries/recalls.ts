/** Recalls in SQL. */
import type { RecallRun } from '@navisai/protocol';
import type { NewClaim, RecallFacts, RecallWriter, RunEnd, StoredRecall, Takeover } from '../recalls.types.ts';
import type { Database } from '../schema.ts';
import { dataOf, type RecallRow, toFacts, toRun, toRunRow, toStored } from './recall-rows.ts';

/** Of each recall; older runs are forgotten. */
const maxKeptRuns = 200;

export class RecallQueries implements RecallWriter {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async get(id: string): Promise<StoredRecall | undefined> {
    const rows = await this.#recalls().where('id', '=', id).execute();
    return (await this.#withRuns(rows))[0];
  }

  async list({ userId, limit }: { userId: string; limit: number }): Promise<StoredRecall[]> {
    const query = this.#recalls().where('user_id', '=', userId);
    return this.#withRuns(await query.orderBy('created_at', 'desc').orderBy('id', 'desc').limit(limit).execute());
  }

  async due({ now, limit }: { now: string; limit: number }): Promise<StoredRecall[]> {
    const rows = await this.#recalls()
      .where('claimed_by', 'is', null)
      .where(({ or, and, eb }) =>
        or([eb('asked_at', 'is not', null), and([eb('paused', '=', 0), eb('next_at', '<=', now)])]),
      )
      .orderBy(({ fn }) => fn.coalesce('asked_at', 'next_at'))
      .limit(limit)
      .execute();
    return this.#withRuns(rows);
  }

  async claimed(): Promise<StoredRecall[]> {
    return this.#withRuns(await this.#recalls().where('claimed_by', 'is not', null).execute());
  }

  async scheduled(): Promise<StoredRecall[]> {
    const query = this.#recalls().where('claimed_by', 'is', null).where('next_at', 'is not', null);
    return this.#withRuns(await query.execute());
  }

  async nextDueAt(): Promise<string | null> {
    const row = await this.#database
      .selectFrom('recalls')
      .select(({ fn }) => fn.min('next_at').as('at'))
      .where('claimed_by', 'is', null)
      .where('paused', '=', 0)
      .executeTakeFirst();
    return row?.at ?? null;
  }

  async runs({ recallId, limit }: { recallId: string; limit: number }): Promise<RecallRun[]> {
    const query = this.#database.selectFrom('recall_runs').selectAll().where('recall_id', '=', recallId);
    return (await query.orderBy('token', 'desc').orderBy('id', 'desc').limit(limit).execute()).map(toRun);
  }

  async countActive(userId: string): Promise<number> {
    const row = await this.#database
      .selectFrom('recalls')
      .select(({ fn }) => fn.countAll().as('count'))
      .where('user_id', '=', userId)
      .where(({ or, eb }) =>
        or([eb('next_at', 'is not', null), eb('asked_at', 'is not', null), eb('claimed_by', 'is not', null)]),
      )
      .executeTakeFirst();
    return Number(row?.count ?? 0);
  }

  async create(recall: RecallFacts, askedAt: string | null): Promise<void> {
    await this.#database
      .insertInto('recalls')
      .values({
        id: recall.id,
        user_id: recall.userId,
        instance_id: recall.instanceId,
        data: dataOf(recall),
        session_id: recall.sessionId,
        paused: recall.paused ? 1 : 0,
        next_at: recall.nextAt,
        asked_at: askedAt,
        claimed_by: null,
        lease_until: null,
        token: 0,
        run_id: null,
        created_at: recall.createdAt,
      })
      .execute();
  }

  async change(id: string, change: Partial<RecallFacts>): Promise<boolean> {
    const row = await this.#recalls().where('id', '=', id).executeTakeFirst();
    if (row === undefined) return false;
    const recall = { ...toFacts(row), ...change };
    await this.#database
      .updateTable('recalls')
      .set({
        data: dataOf(recall),
        ...(change.paused === undefined ? {} : { paused: change.paused ? 1 : 0 }),
        ...(change.nextAt === undefined ? {} : { next_at: change.nextAt }),
        ...(change.sessionId === undefined ? {} : { session_id: change.sessionId }),
      })
      .where('id', '=', id)
      .execute();
    return true;
  }

  async remove(id: string): Promise<boolean> {
    await this.#database.deleteFrom('recall_runs').where('recall_id', '=', id).execute();
    const row = await this.#database.deleteFrom('recalls').where('id', '=', id).returning('id').executeTakeFirst();
    return row !== undefined;
  }

  async ask(id: string, at: string): Promise<boolean> {
    const query = this.#database.updateTable('recalls').set({ asked_at: at }).where('id', '=', id);
    return (await query.where('asked_at', 'is', null).returning('id').executeTakeFirst()) !== undefined;
  }

  async claim({ seen, by, leaseUntil, nextAt }: NewClaim): Promise<number | undefined> {
    const { recall, askedAt } = seen;
    const row = await this.#database
      .updateTable('recalls')
      .set(({ eb }) => ({
        claimed_by: by,
        lease_until: leaseUntil,
        token: eb('token', '+', 1),
        next_at: nextAt,
        asked_at: null,
      }))
      .where('id', '=', recall.id)
      .where('claimed_by', 'is', null)
      .where('next_at', 'is not distinct from', recall.nextAt)
      .where('asked_at', 'is not distinct from', askedAt)
      .where(({ or, eb }) => or([eb('asked_at', 'is not', null), eb('paused', '=', 0)]))
      .returning('token')
      .executeTakeFirst();
    return row === undefined ? undefined : Number(row.token);
  }

  async takeOver({ id, seen, by, leaseUntil }: Takeover): Promise<number | undefined> {
    const row = await this.#database
      .updateTable('recalls')
      .set(({ eb }) => ({ claimed_by: by, lease_until: leaseUntil, token: eb('token', '+', 1) }))
      .where('id', '=', id)
      .where('claimed_by', '=', seen.by)
      .where('token', '=', seen.token)
      .where('lease_until', '=', seen.leaseUntil)
      .returning('token')
      .executeTakeFirst();
    return row === undefined ? undefined : Number(row.token);
  }

  async renew({ id, token, leaseUntil }: { id: string; token: number; leaseUntil: string }): Promise<boolean> {
    const query = this.#database.updateTable('recalls').set({ lease_until: leaseUntil }).where('id', '=', id);
    const held = query.where('token', '=', token).where('claimed_by', 'is not', null);
    return (await held.returning('id').executeTakeFirst()) !== undefined;
  }

  async release({ id, token }: { id: string; token: number }): Promise<boolean> {
    const free = { claimed_by: null, lease_until: null };
    const query = this.#database.updateTable('recalls').set(free).where('id', '=', id);
    const held = query.where('token', '=', token).where('claimed_by', 'is not', null);
    return (await held.returning('id').executeTakeFirst()) !== undefined;
  }

  async move({ id, from, to }: { id: string; from: string; to: string | null }): Promise<number | undefined> {
    const row = await this.#database
      .updateTable('recalls')
      .set(({ eb }) => ({ next_at: to, token: eb('token', '+', 1) }))
      .where('id', '=', id)
      .where('next_at', '=', from)
      .where('claimed_by', 'is', null)
      .returning('token')
      .executeTakeFirst();
    return row === undefined ? undefined : Number(row.token);
  }

  async addRun(run: RecallRun): Promise<void> {
    await this.#database.insertInto('recall_runs').values(toRunRow(run)).execute();
    await this.#database.updateTable('recalls').set({ run_id: run.id }).where('id', '=', run.recallId).execute();
    const oldest = this.#database
      .selectFrom('recall_runs')
      .select('id')
      .where('recall_id', '=', run.recallId)
      .orderBy('token', 'desc')
      .orderBy('id', 'desc')
      .limit(maxKeptRuns)
      .offset(maxKeptRuns);
    await this.#database.deleteFrom('recall_runs').where('id', 'in', oldest).execute();
  }

  async placeRun({ recallId, id, sessionId }: { recallId: string; id: string; sessionId: string }): Promise<void> {
    await this.#database.updateTable('recalls').set({ session_id: sessionId }).where('id', '=', recallId).execute();
    await this.#database.updateTable('recall_runs').set({ session_id: sessionId }).where('id', '=', id).execute();
  }

  async endRun({ id, token, state, at, runId, answer, error }: RunEnd): Promise<RecallRun | undefined> {
    const row = await this.#database
      .updateTable('recall_runs')
      .set({
        state,
        ended_at: at,
        run_id: runId,
        answer,
        error: error === null ? null : JSON.stringify(error),
      })
      .where('id', '=', id)
      .where('token', '=', token)
      .where('state', '=', 'running')
      .returningAll()
      .executeTakeFirst();
    return row === undefined ? undefined : toRun(row);
  }

  async prune({ userId, keep }: { userId: string; keep: number }): Promise<void> {
    const rows = await this.#recalls()
      .where('user_id', '=', userId)
      .where('next_at', 'is', null)
      .where('asked_at', 'is', null)
      .where('claimed_by', 'is', null)
      .orderBy('created_at', 'desc')
      .orderBy('id', 'desc')
      .limit(keep)
      .offset(keep)
      .execute();
    for (const { id } of rows) await this.remove(id);
  }

  #recalls() {
    return this.#database.selectFrom('recalls').selectAll();
  }

  async #withRuns(rows: RecallRow[]): Promise<StoredRecall[]> {
    const ids = rows.map(({ run_id }) => run_id).filter((id) => id !== null);
    if (ids.length === 0) return rows.map((row) => toStored(row, null));
    const runs = await this.#database.selectFrom('recall_runs').selectAll().where('id', 'in', ids).execute();
    const byId = new Map(runs.map((run) => [run.id, toRun(run)]));
    return rows.map((row) => toStored(row, byId.get(row.run_id ?? '') ?? null));
  }
}

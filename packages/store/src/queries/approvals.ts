/** Approvals in SQL. */
import type { Approval } from '@navisai/protocol';
import type { Selectable } from 'kysely';
import type { Database, Schema } from '../schema.ts';
import type { ApprovalDecision, ApprovalListRequest, ApprovalWriter } from '../store.types.ts';

const toApproval = (row: Selectable<Schema['approvals']>): Approval =>
  // What is in the row was an approval when it was written.
  ({
    id: row.id,
    kind: row.kind,
    state: row.state,
    title: row.title,
    detail: JSON.parse(row.detail) as unknown,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    decidedAt: row.decided_at,
    decidedBy: row.decided_by,
  }) as Approval;

export class ApprovalQueries implements ApprovalWriter {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async get(id: string): Promise<Approval | undefined> {
    const row = await this.#database.selectFrom('approvals').selectAll().where('id', '=', id).executeTakeFirst();
    return row === undefined ? undefined : toApproval(row);
  }

  async list({ state, limit }: ApprovalListRequest): Promise<Approval[]> {
    let query = this.#database.selectFrom('approvals').selectAll();
    if (state !== undefined) query = query.where('state', '=', state);
    const rows = await query.orderBy('created_at', 'desc').orderBy('id', 'desc').limit(limit).execute();
    return rows.map(toApproval);
  }

  async create(approval: Approval): Promise<void> {
    await this.#database
      .insertInto('approvals')
      .values({
        id: approval.id,
        kind: approval.kind,
        state: approval.state,
        title: approval.title,
        detail: JSON.stringify(approval.detail),
        created_at: approval.createdAt,
        expires_at: approval.expiresAt,
        decided_at: approval.decidedAt,
        decided_by: approval.decidedBy,
      })
      .execute();
  }

  async decide({ id, state, decidedBy, at }: ApprovalDecision): Promise<Approval | undefined> {
    const row = await this.#database
      .updateTable('approvals')
      .set({ state, decided_by: decidedBy, decided_at: at })
      .where('id', '=', id)
      .where('state', '=', 'pending')
      .where('expires_at', '>', at)
      .returningAll()
      .executeTakeFirst();
    return row === undefined ? undefined : toApproval(row);
  }

  async expire(now: string): Promise<Approval[]> {
    const rows = await this.#database
      .updateTable('approvals')
      .set({ state: 'expired', decided_at: now })
      .where('state', '=', 'pending')
      .where('expires_at', '<=', now)
      .returningAll()
      .execute();
    return rows.map(toApproval);
  }
}

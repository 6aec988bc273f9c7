/** Approvals in SQL. */
import type { Approval, SignedText } from '@navisai/protocol';
import type { Selectable } from 'kysely';
import type { Database, Schema } from '../schema.ts';
import type { ApprovalDecision, ApprovalListRequest, ApprovalWriter } from '../store.types.ts';
import { prepared } from './prepared.ts';

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
    grant: row.grant_scope,
    comment: row.comment,
  }) as Approval;

const selectOfCall = prepared<{ sessionId: string; callId: string }, Selectable<Schema['approvals']>>(
  (database, value) =>
    database
      .selectFrom('approvals')
      .selectAll()
      .where('session_id', '=', value('sessionId'))
      .where('call_id', '=', value('callId')),
);

export class ApprovalQueries implements ApprovalWriter {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async get(id: string): Promise<Approval | undefined> {
    const row = await this.#database.selectFrom('approvals').selectAll().where('id', '=', id).executeTakeFirst();
    return row === undefined ? undefined : toApproval(row);
  }

  async ofCall({ sessionId, callId }: Parameters<ApprovalWriter['ofCall']>[0]): Promise<Approval | undefined> {
    const [row] = await selectOfCall(this.#database, { sessionId, callId });
    return row === undefined ? undefined : toApproval(row);
  }

  async signed(id: string): Promise<SignedText | null> {
    const query = this.#database.selectFrom('approvals').select('signed').where('id', '=', id);
    const text = (await query.executeTakeFirst())?.signed ?? null;
    return text === null ? null : (JSON.parse(text) as SignedText);
  }

  async list({ state, limit, userId }: ApprovalListRequest): Promise<Approval[]> {
    let query = this.#database.selectFrom('approvals').selectAll();
    if (state !== undefined) query = query.where('state', '=', state);
    if (userId !== undefined) query = query.where('user_id', '=', userId);
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
        ...callColumns(approval),
      })
      .execute();
  }

  async decide(decision: ApprovalDecision): Promise<Approval | undefined> {
    const { id, state, decidedBy, at, grant = null, comment = null, signed } = decision;
    const row = await this.#database
      .updateTable('approvals')
      .set({
        state,
        decided_by: decidedBy,
        decided_at: at,
        grant_scope: grant,
        comment,
        signed: signed === undefined ? null : JSON.stringify(signed),
      })
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

  async withdraw({ id, at, comment }: Parameters<ApprovalWriter['withdraw']>[0]): Promise<Approval | undefined> {
    const row = await this.#database
      .updateTable('approvals')
      .set({ state: 'expired', decided_at: at, comment })
      .where('id', '=', id)
      .where('state', '=', 'pending')
      .returningAll()
      .executeTakeFirst();
    return row === undefined ? undefined : toApproval(row);
  }
}

const callColumns = (
  approval: Approval,
): Pick<Selectable<Schema['approvals']>, 'user_id' | 'session_id' | 'call_id'> => {
  if (approval.kind === 'pairing') return { user_id: null, session_id: null, call_id: null };
  const { userId, sessionId, callId } = approval.detail.call;
  return { user_id: userId, session_id: sessionId, call_id: callId };
};

/** Sessions in SQL. */
import type { AgentSettings, Session } from '@navisai/protocol';
import type { Database } from '../schema.ts';
import type { NewSession, SessionPageRequest, SessionWriter } from '../store.types.ts';
import { prepared } from './prepared.ts';

const sessionRows = (database: Database) =>
  database
    .selectFrom('sessions')
    .leftJoin('streams', 'streams.stream', 'sessions.id')
    .leftJoin('agent_sessions', 'agent_sessions.session_id', 'sessions.id')
    .where('sessions.closed_at', 'is', null)
    .select([
      'sessions.id',
      'sessions.kind',
      'sessions.title',
      'sessions.user_id',
      'sessions.instance_id',
      'sessions.created_at',
      'streams.seq',
      'streams.at',
      'agent_sessions.settings',
    ]);

interface SessionRow {
  id: string;
  kind: string;
  title: string;
  user_id: string;
  instance_id: string;
  created_at: string;
  seq: number | null;
  at: string | null;
  settings: string | null;
}

const toSession = (row: SessionRow): Session => ({
  id: row.id,
  kind: row.kind as Session['kind'],
  title: row.title,
  userId: row.user_id,
  instanceId: row.instance_id,
  createdAt: row.created_at,
  updatedAt: row.at ?? row.created_at,
  seq: Number(row.seq ?? 0),
  ...(row.settings === null ? {} : { agent: JSON.parse(row.settings) as AgentSettings }),
});

const selectSession = prepared<{ id: string }, SessionRow>((database, value) =>
  sessionRows(database).where('sessions.id', '=', value('id')),
);

export class SessionQueries implements SessionWriter {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async get(id: string): Promise<Session | undefined> {
    const [row] = await selectSession(this.#database, { id });
    return row === undefined ? undefined : toSession(row);
  }

  async list({ userId, kind, after, limit }: SessionPageRequest): Promise<Session[]> {
    let query = sessionRows(this.#database).where('sessions.user_id', '=', userId);
    if (kind !== undefined) query = query.where('sessions.kind', '=', kind);
    if (after !== undefined) {
      // A closed session stays a valid cursor, so this looks at the table, not at what is listed.
      const cursor = this.#database.selectFrom('sessions').where('id', '=', after);
      query = query.where((where) =>
        where(
          where.refTuple('sessions.created_at', 'sessions.id'),
          '<',
          cursor.select(['created_at', 'id']).$asTuple('created_at', 'id'),
        ),
      );
    }
    const rows = await query
      .orderBy('sessions.created_at', 'desc')
      .orderBy('sessions.id', 'desc')
      .limit(limit)
      .execute();
    return rows.map(toSession);
  }

  async defaultOf(userId: string): Promise<Session | undefined> {
    const row = await sessionRows(this.#database)
      .where('sessions.user_id', '=', userId)
      .where('sessions.is_default', '=', 1)
      .executeTakeFirst();
    return row === undefined ? undefined : toSession(row);
  }

  async create(session: NewSession): Promise<boolean> {
    const created = await this.#database
      .insertInto('sessions')
      .values({
        id: session.id,
        kind: session.kind,
        title: session.title,
        user_id: session.userId,
        instance_id: session.instanceId,
        created_at: session.createdAt,
        closed_at: null,
        is_default: session.isDefault === true ? 1 : 0,
      })
      .onConflict((conflict) => conflict.doNothing())
      .returning('id')
      .executeTakeFirst();
    if (created !== undefined && session.agent !== undefined)
      await this.#database
        .insertInto('agent_sessions')
        .values({ session_id: session.id, settings: JSON.stringify(session.agent), remembered: null })
        .execute();
    return created !== undefined;
  }

  async rename(id: string, title: string): Promise<boolean> {
    const renamed = await this.#database
      .updateTable('sessions')
      .set({ title })
      .where('id', '=', id)
      .where('closed_at', 'is', null)
      .returning('id')
      .executeTakeFirst();
    return renamed !== undefined;
  }

  async close(id: string, at: string): Promise<boolean> {
    const closed = await this.#database
      .updateTable('sessions')
      .set({ closed_at: at })
      .where('id', '=', id)
      .where('closed_at', 'is', null)
      .returning('id')
      .executeTakeFirst();
    return closed !== undefined;
  }
}

/** Conversations in SQL: rows are added, never taken away. */
import type { AgentSettings, Content } from '@navisai/protocol';
import { type Selectable, sql } from 'kysely';
import type {
  ConversationWriter,
  KeptMessage,
  KeptPrompt,
  NewMessage,
  RememberedAgent,
  SearchHit,
  SearchRequest,
  ThreadName,
} from '../conversations.types.ts';
import type { Database, Schema } from '../schema.ts';
import { compactDeltas } from './compact-deltas.ts';
import { prepared } from './prepared.ts';
import { RunQueries } from './runs.ts';

const toMessage = (row: MessageRow): KeptMessage => ({
  id: row.id,
  sessionId: row.session_id,
  thread: row.thread,
  position: Number(row.position),
  isWaiting: Number(row.is_waiting) === 1,
  isAside: Number(row.is_aside) === 1,
  runId: row.run_id,
  kind: row.kind as KeptMessage['kind'],
  body: JSON.parse(row.body) as unknown,
  text: row.text,
  seq: row.seq === null ? null : Number(row.seq),
  at: row.at,
});

const toContent = (row: Selectable<Schema['contents']>): Content => ({
  id: row.id,
  sessionId: row.session_id,
  name: row.name,
  mediaType: row.media_type,
  sizeBytes: Number(row.size_bytes),
  createdAt: row.created_at,
  instanceId: row.instance_id,
});

type MessageRow = Selectable<Schema['messages']>;

const insertMessage = prepared<MessageRow, MessageRow>((database, value) =>
  database
    .insertInto('messages')
    .values({
      id: value('id'),
      session_id: value('session_id'),
      thread: value('thread'),
      position: value('position'),
      is_waiting: value('is_waiting'),
      is_aside: value('is_aside'),
      run_id: value('run_id'),
      kind: value('kind'),
      body: value('body'),
      text: value('text'),
      seq: value('seq'),
      at: value('at'),
    })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .returningAll(),
);

const countMessage = prepared<{ sessionId: string }, { last: number }>((database, value) =>
  database
    .insertInto('message_counters')
    .values({ session_id: value('sessionId'), last: 1 })
    .onConflict((conflict) =>
      conflict.column('session_id').doUpdateSet((update) => ({ last: update('message_counters.last', '+', 1) })),
    )
    .returning('last'),
);

const selectMessage = prepared<{ id: string }, MessageRow>((database, value) =>
  database.selectFrom('messages').selectAll().where('id', '=', value('id')),
);

const selectWaiting = prepared<{ sessionId: string }, MessageRow>((database, value) =>
  database
    .selectFrom('messages')
    .selectAll()
    .where('session_id', '=', value('sessionId'))
    // As the index of those that wait has it.
    .where('is_waiting', '=', sql.lit(1))
    .where('is_aside', '=', 0)
    .orderBy('position'),
);

/** What the model reads: neither what waits for a run nor what was put aside. */
const placed = (database: Database, { sessionId, thread }: { sessionId: string; thread: ThreadName }) =>
  database
    .selectFrom('messages')
    .where('session_id', '=', sessionId)
    .where('thread', '=', thread)
    .where('is_waiting', '=', 0)
    .where('is_aside', '=', 0);

/** From the last context on that took the place of all before it. */
const selectContext = prepared<{ sessionId: string; thread: ThreadName }, MessageRow>((database, value) => {
  const thread = { sessionId: value('sessionId'), thread: value('thread') };
  const contexts = placed(database, thread).where('kind', '=', 'context');
  const last = contexts.select('position').orderBy('position', 'desc').limit(1);
  return placed(database, thread)
    .selectAll()
    .where('position', '>=', ({ fn, lit }) => fn.coalesce(last, lit(0)))
    .orderBy('position');
});

const replacePrompt = prepared<Selectable<Schema['prompts']>, unknown>((database, value) => {
  const change = { run_id: value('run_id'), prompt: value('prompt') };
  return database
    .insertInto('prompts')
    .values({ session_id: value('session_id'), ...change })
    .onConflict((conflict) => conflict.column('session_id').doUpdateSet(change));
});

/** A search looks at this many of the newest messages. */
const searchedMessages = 20_000;

export class ConversationQueries extends RunQueries implements ConversationWriter {
  readonly #database: Database;

  constructor(database: Database) {
    super(database);
    this.#database = database;
  }

  async message(id: string): Promise<KeptMessage | undefined> {
    const [row] = await selectMessage(this.#database, { id });
    return row === undefined ? undefined : toMessage(row);
  }

  async context(sessionId: string, thread: ThreadName): Promise<KeptMessage[]> {
    const rows = await selectContext(this.#database, { sessionId, thread });
    return rows.map(toMessage);
  }

  async outline(sessionId: string): Promise<KeptMessage[]> {
    const rows = await placed(this.#database, { sessionId, thread: '' })
      .selectAll()
      .where('kind', '!=', 'context')
      .orderBy('position')
      .execute();
    return rows.map(toMessage);
  }

  async waiting(sessionId: string): Promise<KeptMessage[]> {
    const rows = await selectWaiting(this.#database, { sessionId });
    return rows.map(toMessage);
  }

  async configure(sessionId: string, settings: AgentSettings): Promise<boolean> {
    const changed = await this.#database
      .updateTable('agent_sessions')
      .set({ settings: JSON.stringify(settings) })
      .where('session_id', '=', sessionId)
      .returning('session_id')
      .executeTakeFirst();
    return changed !== undefined;
  }

  async remembered(sessionId: string): Promise<RememberedAgent | undefined> {
    const row = await this.#database
      .selectFrom('agent_sessions')
      .select('remembered')
      .where('session_id', '=', sessionId)
      .executeTakeFirst();
    return typeof row?.remembered === 'string' ? (JSON.parse(row.remembered) as RememberedAgent) : undefined;
  }

  async remember(sessionId: string, agent: RememberedAgent): Promise<void> {
    await this.#database
      .updateTable('agent_sessions')
      .set({ remembered: JSON.stringify(agent) })
      .where('session_id', '=', sessionId)
      .execute();
  }

  async addMessage(message: NewMessage): Promise<KeptMessage | undefined> {
    const position = await this.#nextPosition(message.sessionId);
    const [row] = await insertMessage(this.#database, {
      id: message.id,
      session_id: message.sessionId,
      thread: message.thread,
      position,
      is_waiting: message.isWaiting ? 1 : 0,
      is_aside: 0,
      run_id: message.runId,
      kind: message.kind,
      body: JSON.stringify(message.body),
      text: message.text,
      seq: message.seq,
      at: message.at,
    });
    return row === undefined ? undefined : toMessage(row);
  }

  async takeWaiting(sessionId: string, runId: string | null): Promise<KeptMessage[]> {
    const taken: KeptMessage[] = [];
    for (const message of await this.waiting(sessionId)) {
      const position = await this.#nextPosition(sessionId);
      await this.#database
        .updateTable('messages')
        .set({ position, is_waiting: 0, run_id: runId })
        .where('id', '=', message.id)
        .execute();
      taken.push({ ...message, position, isWaiting: false, runId });
    }
    return taken;
  }

  async setAside(sessionId: string, fromMessageId: string): Promise<boolean> {
    const from = await this.message(fromMessageId);
    if (from === undefined || from.sessionId !== sessionId || from.thread !== '' || from.isAside) return false;
    await this.#database
      .updateTable('messages')
      .set({ is_aside: 1 })
      .where('session_id', '=', sessionId)
      .where('thread', '=', '')
      .where('position', '>=', from.position)
      .execute();
    return true;
  }

  async prompt(sessionId: string): Promise<KeptPrompt | undefined> {
    const row = await this.#database
      .selectFrom('prompts')
      .selectAll()
      .where('session_id', '=', sessionId)
      .executeTakeFirst();
    return row === undefined ? undefined : { runId: row.run_id, prompt: JSON.parse(row.prompt) as unknown };
  }

  async keepPrompt(sessionId: string, { runId, prompt }: KeptPrompt): Promise<void> {
    await replacePrompt(this.#database, { session_id: sessionId, run_id: runId, prompt: JSON.stringify(prompt) });
  }

  async content(sessionId: string, id: string): Promise<Content | undefined> {
    const row = await this.#database
      .selectFrom('contents')
      .selectAll()
      .where('session_id', '=', sessionId)
      .where('id', '=', id)
      .executeTakeFirst();
    return row === undefined ? undefined : toContent(row);
  }

  async contents(sessionId: string): Promise<Content[]> {
    const rows = await this.#database
      .selectFrom('contents')
      .selectAll()
      .where('session_id', '=', sessionId)
      .orderBy('created_at')
      .execute();
    return rows.map(toContent);
  }

  async addContent(content: Content): Promise<boolean> {
    const added = await this.#database
      .insertInto('contents')
      .values({
        id: content.id,
        session_id: content.sessionId,
        name: content.name,
        media_type: content.mediaType,
        size_bytes: content.sizeBytes,
        instance_id: content.instanceId,
        created_at: content.createdAt,
      })
      .onConflict((conflict) => conflict.doNothing())
      .returning('id')
      .executeTakeFirst();
    return added !== undefined;
  }

  async search({ userId, text, limit }: SearchRequest): Promise<SearchHit[]> {
    const pattern = `%${text.replace(/[\\%_]/g, (sign) => `\\${sign}`)}%`;
    const newest = this.#database
      .selectFrom('messages')
      .select(['session_id', 'text', 'seq', 'at', 'position', 'is_aside'])
      .where('text', 'is not', null)
      .orderBy('at', 'desc')
      .limit(searchedMessages)
      .as('newest');
    const rows = await this.#database
      .selectFrom(newest)
      .innerJoin('sessions', 'sessions.id', 'newest.session_id')
      .select(['newest.session_id', 'sessions.title', 'newest.seq', 'newest.text'])
      .where('sessions.user_id', '=', userId)
      .where('sessions.closed_at', 'is', null)
      .where('newest.is_aside', '=', 0)
      .where(sql<boolean>`newest.text like ${pattern} escape '\\'`)
      .orderBy('newest.at', 'desc')
      .orderBy('newest.position', 'desc')
      .limit(limit)
      .execute();
    return rows.map((row) => ({
      sessionId: row.session_id,
      title: row.title,
      seq: Number(row.seq ?? 0),
      text: row.text ?? '',
    }));
  }

  compactDeltas(request: { stream: string; streamId: string; from: number }): Promise<number> {
    return compactDeltas(this.#database, request);
  }

  async #nextPosition(sessionId: string): Promise<number> {
    const [row] = await countMessage(this.#database, { sessionId });
    if (row === undefined) throw new Error('no place was allotted');
    return Number(row.last);
  }
}

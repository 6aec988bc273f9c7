/** Runs of agents in SQL. */
import type { Run, Usage } from '@navisai/protocol';
import type { Selectable } from 'kysely';
import type { ConversationWriter, RunRecord } from '../conversations.types.ts';
import type { Database, Schema } from '../schema.ts';
import { HubCallQueries } from './hub-calls.ts';
import { prepared } from './prepared.ts';

const toRun = (row: Selectable<Schema['runs']>): RunRecord => ({
  id: row.id,
  sessionId: row.session_id,
  kind: row.kind as RunRecord['kind'],
  parent: row.parent_run === null ? null : { runId: row.parent_run, callId: row.parent_call ?? '' },
  state: row.state as Run['state'],
  profile: row.profile,
  model: row.model,
  nodeId: row.node_id,
  instanceId: row.instance_id,
  order: JSON.parse(row.order) as unknown,
  startSeq: Number(row.start_seq),
  startedAt: row.started_at,
  endedAt: row.ended_at,
  usage: JSON.parse(row.usage) as Usage,
  error: row.error === null ? null : (JSON.parse(row.error) as Run['error']),
});

/** What changes with each turn. */
const noteProgress = prepared<{ id: string; usage: string; model: string | null }, unknown>((database, value) =>
  database
    .updateTable('runs')
    .set(({ fn, val, ref }) => ({ usage: value('usage'), model: fn.coalesce(val(value('model')), ref('model')) }))
    .where('id', '=', value('id')),
);

const insertRun = prepared<Selectable<Schema['runs']>, unknown>((database, value) =>
  database.insertInto('runs').values({
    id: value('id'),
    session_id: value('session_id'),
    kind: value('kind'),
    parent_run: value('parent_run'),
    parent_call: value('parent_call'),
    state: value('state'),
    profile: value('profile'),
    model: value('model'),
    node_id: value('node_id'),
    instance_id: value('instance_id'),
    order: value('order'),
    start_seq: value('start_seq'),
    started_at: value('started_at'),
    ended_at: value('ended_at'),
    usage: value('usage'),
    error: value('error'),
  }),
);

/** The newest first. */
const runsOf = (database: Database, sessionId: string) =>
  database
    .selectFrom('runs')
    .selectAll()
    .where('session_id', '=', sessionId)
    .orderBy('started_at', 'desc')
    .orderBy('start_seq', 'desc');

const selectLastRun = prepared<{ sessionId: string }, Selectable<Schema['runs']>>((database, value) =>
  runsOf(database, value('sessionId')).where('kind', '=', 'agent').where('parent_run', 'is', null).limit(1),
);

type RunWriter = Pick<
  ConversationWriter,
  'run' | 'runs' | 'lastRun' | 'runOfCall' | 'unfinishedRuns' | 'startRun' | 'changeRun'
>;

export class RunQueries extends HubCallQueries implements RunWriter {
  readonly #database: Database;

  constructor(database: Database) {
    super(database);
    this.#database = database;
  }

  async run(id: string): Promise<RunRecord | undefined> {
    const row = await this.#database.selectFrom('runs').selectAll().where('id', '=', id).executeTakeFirst();
    return row === undefined ? undefined : toRun(row);
  }

  async runs({ sessionId, limit }: { sessionId: string; limit: number }): Promise<RunRecord[]> {
    const rows = await runsOf(this.#database, sessionId).where('kind', '=', 'agent').limit(limit).execute();
    return rows.map(toRun);
  }

  async lastRun(sessionId: string): Promise<RunRecord | undefined> {
    const [row] = await selectLastRun(this.#database, { sessionId });
    return row === undefined ? undefined : toRun(row);
  }

  async runOfCall(sessionId: string, callId: string): Promise<RunRecord | undefined> {
    const row = await runsOf(this.#database, sessionId).where('parent_call', '=', callId).limit(1).executeTakeFirst();
    return row === undefined ? undefined : toRun(row);
  }

  async unfinishedRuns(): Promise<RunRecord[]> {
    const rows = await this.#database
      .selectFrom('runs')
      .selectAll()
      .where('ended_at', 'is', null)
      .orderBy('started_at')
      .orderBy('start_seq')
      .execute();
    return rows.map(toRun);
  }

  async startRun(run: RunRecord): Promise<void> {
    await insertRun(this.#database, {
      id: run.id,
      session_id: run.sessionId,
      kind: run.kind,
      parent_run: run.parent?.runId ?? null,
      parent_call: run.parent?.callId ?? null,
      state: run.state,
      profile: run.profile,
      model: run.model,
      node_id: run.nodeId,
      instance_id: run.instanceId,
      order: JSON.stringify(run.order),
      start_seq: run.startSeq,
      started_at: run.startedAt,
      ended_at: run.endedAt,
      usage: JSON.stringify(run.usage),
      error: run.error === null ? null : JSON.stringify(run.error),
    });
  }

  async changeRun(id: string, change: Parameters<ConversationWriter['changeRun']>[1]): Promise<void> {
    const { state, model, usage, error, endedAt, startSeq } = change;
    const isProgress = Object.keys(change).every((name) => name === 'usage' || name === 'model');
    if (isProgress && usage !== undefined && model !== null)
      return void (await noteProgress(this.#database, { id, usage: JSON.stringify(usage), model: model ?? null }));
    await this.#database
      .updateTable('runs')
      .set({
        ...(state === undefined ? {} : { state }),
        ...(model === undefined ? {} : { model }),
        ...(usage === undefined ? {} : { usage: JSON.stringify(usage) }),
        ...(error === undefined ? {} : { error: error === null ? null : JSON.stringify(error) }),
        ...(endedAt === undefined ? {} : { ended_at: endedAt }),
        ...(startSeq === undefined ? {} : { start_seq: startSeq }),
      })
      .where('id', '=', id)
      .execute();
  }
}

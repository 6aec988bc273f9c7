/** The event log in SQL: `seq` is allotted by one statement per stream, never by looking at the last row. */
import type { HubEvent } from '@navisai/protocol';
import type { EventPage, NewEvent, StreamEvent } from '../events.types.ts';
import type { Database } from '../schema.ts';
import { prepared } from './prepared.ts';

interface EventRow {
  stream: string;
  seq: number;
  type: string;
  session_id: string | null;
  data: string;
  at: string;
}

const toStreamEvent = (row: EventRow): StreamEvent => {
  const seq = Number(row.seq);
  const event = {
    type: row.type,
    ...(row.session_id === null ? {} : { sessionId: row.session_id }),
    data: { ...(JSON.parse(row.data) as object), seq },
    timestamp: row.at,
  };
  return { stream: row.stream, seq, event: event as HubEvent };
};

/** Below the limit of bound values in one statement of any adapter (SQLite: 32,766). */
const rowsPerInsert = 1000;

/** So few are inserted one by one, by a statement that is ready. */
const fewRows = 8;
const insertRow = prepared<EventRow, unknown>((database, value) =>
  database.insertInto('events').values({
    stream: value('stream'),
    seq: value('seq'),
    type: value('type'),
    session_id: value('session_id'),
    data: value('data'),
    at: value('at'),
  }),
);

/** Must run inside a transaction. */
export const insertEvents = async (
  database: Database,
  events: readonly NewEvent[],
  at: string,
): Promise<StreamEvent[]> => {
  const counts = new Map<string, number>();
  for (const { stream } of events) counts.set(stream, (counts.get(stream) ?? 0) + 1);
  const next = new Map<string, number>();
  for (const [stream, count] of counts) next.set(stream, (await allocate(database, { stream, count, at })) - count + 1);
  const rows = events.map((event): EventRow => {
    const seq = next.get(event.stream) ?? 0;
    next.set(event.stream, seq + 1);
    return {
      stream: event.stream,
      seq,
      type: event.type,
      session_id: event.sessionId ?? null,
      data: JSON.stringify(event.data),
      at,
    };
  });
  if (rows.length <= fewRows) for (const row of rows) await insertRow(database, row);
  else
    for (let start = 0; start < rows.length; start += rowsPerInsert)
      await database
        .insertInto('events')
        .values(rows.slice(start, start + rowsPerInsert))
        .execute();
  return rows.map(toStreamEvent);
};

interface Allocation {
  stream: string;
  count: number;
  at: string;
}

const allocateRows = prepared<Allocation, { seq: number }>((database, value) =>
  database
    .insertInto('streams')
    .values({ stream: value('stream'), seq: value('count'), at: value('at') })
    .onConflict((conflict) =>
      conflict
        .column('stream')
        .doUpdateSet((update) => ({ seq: update('streams.seq', '+', value('count')), at: value('at') })),
    )
    .returning('seq'),
);

/** The last of `count` new row numbers. */
const allocate = async (database: Database, allocation: Allocation): Promise<number> => {
  const [row] = await allocateRows(database, allocation);
  if (row === undefined) throw new Error('no row number was allotted');
  return Number(row.seq);
};

const selectEvents = prepared<{ stream: string; after: number; limit: number }, EventRow>((database, value) =>
  database
    .selectFrom('events')
    .selectAll()
    .where('stream', '=', value('stream'))
    .where('seq', '>', value('after'))
    .orderBy('seq')
    .limit(value('limit')),
);

const selectLast = prepared<{ stream: string }, { seq: number }>((database, value) =>
  database.selectFrom('streams').select('seq').where('stream', '=', value('stream')),
);

export const readEvents = async (
  database: Database,
  request: { stream: string; after: number; limit: number },
): Promise<EventPage> => {
  const rows = await selectEvents(database, request);
  const [last] = await selectLast(database, { stream: request.stream });
  return { events: rows.map(toStreamEvent), seq: Number(last?.seq ?? 0) };
};

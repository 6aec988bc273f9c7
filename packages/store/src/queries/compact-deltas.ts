/**
 * Pieces of a stream become one row per part (N9). The last row of a part stays and gets the whole text: a reader with a
 * cursor anywhere before it still finds everything, and one beyond it has everything.
 */
import type { Database } from '../schema.ts';
import { prepared } from './prepared.ts';

interface Piece {
  streamId: string;
  part: number;
  offset: number;
  text: string;
}

interface Part {
  lastSeq: number;
  data: Piece;
  text: string;
  isWhole: boolean;
  earlier: number[];
}

/** Below the limit of bound values in one statement of any adapter. */
const rowsPerDelete = 1000;

const selectDeltas = prepared<{ stream: string; from: number }, { seq: number; data: string }>((database, value) =>
  database
    .selectFrom('events')
    .select(['seq', 'data'])
    .where('stream', '=', value('stream'))
    .where('seq', '>=', value('from'))
    .where('type', '=', 'stream_delta')
    .orderBy('seq'),
);

/** Must run inside a transaction. */
export const compactDeltas = async (
  database: Database,
  { stream, streamId, from }: { stream: string; streamId: string; from: number },
): Promise<number> => {
  const rows = await selectDeltas(database, { stream, from });
  const parts = partsOf(rows, streamId);
  const gone = parts.flatMap(({ earlier }) => earlier);
  for (const { lastSeq, data, text } of parts.filter(({ earlier }) => earlier.length > 0))
    await database
      .updateTable('events')
      .set({ data: JSON.stringify({ ...data, offset: 0, text }) })
      .where('stream', '=', stream)
      .where('seq', '=', lastSeq)
      .execute();
  for (let start = 0; start < gone.length; start += rowsPerDelete)
    await database
      .deleteFrom('events')
      .where('stream', '=', stream)
      .where('seq', 'in', gone.slice(start, start + rowsPerDelete))
      .execute();
  return gone.length;
};

const partsOf = (rows: readonly { seq: number; data: string }[], streamId: string): Part[] => {
  const parts = new Map<number, Part>();
  for (const { seq, data: encoded } of rows) {
    const data = JSON.parse(encoded) as Piece;
    if (data.streamId !== streamId) continue;
    const known = parts.get(data.part);
    if (known === undefined)
      parts.set(data.part, {
        lastSeq: Number(seq),
        data,
        text: data.text,
        isWhole: data.offset === 0,
        earlier: [],
      });
    else {
      // A piece that does not continue the text leaves the part as it is.
      known.isWhole &&= data.offset <= known.text.length;
      known.text = known.text.slice(0, data.offset) + data.text;
      known.data = data;
      known.earlier.push(known.lastSeq);
      known.lastSeq = Number(seq);
    }
  }
  return Array.from(parts.values()).filter(({ isWhole }) => isWhole);
};

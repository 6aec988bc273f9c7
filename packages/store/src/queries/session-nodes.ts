/** Which session was given work on which node, in SQL (N10). */
import type { Database } from '../schema.ts';
import type { SessionNode, SessionNodeWriter } from '../store.types.ts';

export class SessionNodeQueries implements SessionNodeWriter {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async atWork(): Promise<(SessionNode & { isClosed: boolean })[]> {
    const rows = await this.#database
      .selectFrom('session_nodes')
      .leftJoin('sessions', 'sessions.id', 'session_nodes.session_id')
      .where('session_nodes.ended_at', 'is', null)
      .select(['session_nodes.session_id', 'session_nodes.node_id', 'sessions.id', 'sessions.closed_at'])
      .execute();
    return rows.map((row) => ({
      sessionId: row.session_id,
      nodeId: row.node_id,
      isClosed: row.id === null || row.closed_at !== null,
    }));
  }

  async ofNode(nodeId: string, limit: number): Promise<string[]> {
    const rows = await this.#database
      .selectFrom('session_nodes')
      .select('session_id')
      .where('node_id', '=', nodeId)
      .orderBy('given_at', 'desc')
      .limit(limit)
      .execute();
    return rows.map((row) => row.session_id);
  }

  async give({ sessionId, nodeId, at }: SessionNode & { at: string }): Promise<void> {
    await this.#database
      .insertInto('session_nodes')
      .values({ session_id: sessionId, node_id: nodeId, given_at: at, ended_at: null })
      .onConflict((conflict) => conflict.columns(['session_id', 'node_id']).doUpdateSet({ ended_at: null }))
      .execute();
  }

  async end({ sessionId, nodeId, at }: SessionNode & { at: string }): Promise<void> {
    await this.#database
      .updateTable('session_nodes')
      .set({ ended_at: at })
      .where('session_id', '=', sessionId)
      .where('node_id', '=', nodeId)
      .execute();
  }
}

/** Calls that the hub itself carries out, in SQL. */
import type { ToolResult } from '@navisai/protocol';
import type { ConversationWriter, HubCall, KeptHubCall } from '../conversations.types.ts';
import type { Database } from '../schema.ts';

type HubCallWriter = Pick<ConversationWriter, 'hubCall' | 'beginHubCall' | 'endHubCall' | 'forgetHubCall'>;

export class HubCallQueries implements HubCallWriter {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async hubCall({ sessionId, callId }: HubCall): Promise<KeptHubCall | undefined> {
    const row = await this.#database
      .selectFrom('hub_calls')
      .select('result')
      .where('session_id', '=', sessionId)
      .where('call_id', '=', callId)
      .executeTakeFirst();
    if (row === undefined) return undefined;
    return { result: row.result === null ? null : (JSON.parse(row.result) as ToolResult) };
  }

  async beginHubCall({ sessionId, callId, at }: HubCall & { at: string }): Promise<boolean> {
    const begun = await this.#database
      .insertInto('hub_calls')
      .values({ session_id: sessionId, call_id: callId, result: null, at })
      .onConflict((conflict) => conflict.columns(['session_id', 'call_id']).doNothing())
      .returning('call_id')
      .execute();
    return begun.length > 0;
  }

  async endHubCall({ sessionId, callId }: HubCall, result: ToolResult): Promise<void> {
    await this.#database
      .updateTable('hub_calls')
      .set({ result: JSON.stringify(result) })
      .where('session_id', '=', sessionId)
      .where('call_id', '=', callId)
      .execute();
  }

  async forgetHubCall({ sessionId, callId }: HubCall): Promise<void> {
    await this.#database
      .deleteFrom('hub_calls')
      .where('session_id', '=', sessionId)
      .where('call_id', '=', callId)
      .execute();
  }
}

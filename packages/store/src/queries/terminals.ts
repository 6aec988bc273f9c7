/** What the event logs say about terminals that are not closed, in SQL. */
import type { TerminalInfo } from '@navisai/protocol';
import type { Database } from '../schema.ts';
import type { RecordedTerminal, TerminalWriter } from '../store.types.ts';

export class TerminalQueries implements TerminalWriter {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async list(): Promise<RecordedTerminal[]> {
    const rows = await this.#database.selectFrom('terminals').selectAll().execute();
    return rows.map((row) => ({
      terminal: JSON.parse(row.data) as TerminalInfo,
      hasExited: row.has_exited === 1,
    }));
  }

  async record({ terminal, hasExited }: RecordedTerminal): Promise<void> {
    const row = { has_exited: hasExited ? 1 : 0, data: JSON.stringify(terminal) };
    await this.#database
      .insertInto('terminals')
      .values({ id: terminal.id, ...row })
      .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
      .execute();
  }

  async forget(id: string): Promise<void> {
    await this.#database.deleteFrom('terminals').where('id', '=', id).execute();
  }
}

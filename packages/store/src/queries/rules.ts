/** Standing decisions and enrolments in SQL. */
import type { Rule, SignedText } from '@navisai/protocol';
import type { Selectable } from 'kysely';
import type { EnrolmentWriter, RuleWriter, SignedRule } from '../rules.types.ts';
import type { Database, Schema } from '../schema.ts';
import { prepared } from './prepared.ts';

/** What is in the row was a rule when it was written. */
const toRule = (row: Selectable<Schema['rules']>): SignedRule => ({
  rule: JSON.parse(row.rule) as Rule,
  signed: JSON.parse(row.signed) as SignedText,
});

const selectInForce = prepared<{ now: string }, Selectable<Schema['rules']>>((database, value) =>
  database
    .selectFrom('rules')
    .selectAll()
    .where('removed_at', 'is', null)
    .where((is) => is.or([is('expires_at', 'is', null), is('expires_at', '>', value('now'))]))
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc'),
);

export class RuleQueries implements RuleWriter {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async get(id: string): Promise<SignedRule | undefined> {
    const row = await this.#database.selectFrom('rules').selectAll().where('id', '=', id).executeTakeFirst();
    return row === undefined ? undefined : toRule(row);
  }

  async inForce(now: string): Promise<SignedRule[]> {
    const rows = await selectInForce(this.#database, { now });
    return rows.map(toRule);
  }

  async add({ rule, signed }: SignedRule): Promise<boolean> {
    const row = await this.#database
      .insertInto('rules')
      .values({
        id: rule.id,
        user_id: rule.userId,
        rule: JSON.stringify(rule),
        signed: JSON.stringify(signed),
        created_at: rule.createdAt,
        expires_at: rule.expiresAt,
        removed_at: null,
      })
      .onConflict((conflict) => conflict.column('id').doNothing())
      .returning('id')
      .executeTakeFirst();
    return row !== undefined;
  }

  async remove(id: string, at: string): Promise<boolean> {
    const row = await this.#database
      .updateTable('rules')
      .set({ removed_at: at })
      .where('id', '=', id)
      .where('removed_at', 'is', null)
      .returning('id')
      .executeTakeFirst();
    return row !== undefined;
  }
}

export class EnrolmentQueries implements EnrolmentWriter {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async get(deviceId: string): Promise<SignedText | undefined> {
    const query = this.#database.selectFrom('enrolments').select('signed').where('device_id', '=', deviceId);
    const row = await query.executeTakeFirst();
    return row === undefined ? undefined : (JSON.parse(row.signed) as SignedText);
  }

  async list(): Promise<{ deviceId: string; signed: SignedText }[]> {
    const rows = await this.#database.selectFrom('enrolments').selectAll().orderBy('device_id').execute();
    return rows.map((row) => ({ deviceId: row.device_id, signed: JSON.parse(row.signed) as SignedText }));
  }

  async put({ deviceId, signed, at }: Parameters<EnrolmentWriter['put']>[0]): Promise<void> {
    const values = { signed: JSON.stringify(signed), at };
    await this.#database
      .insertInto('enrolments')
      .values({ device_id: deviceId, ...values })
      .onConflict((conflict) => conflict.column('device_id').doUpdateSet(values))
      .execute();
  }
}

/** Model providers in SQL. */
import type { ModelProvider } from '@navisai/protocol';
import type { Selectable } from 'kysely';
import type { ModelProviderRecord, ModelWriter } from '../models.types.ts';
import type { Database, Schema } from '../schema.ts';

const toProvider = (row: Selectable<Schema['model_providers']>): ModelProviderRecord => ({
  id: row.id,
  kind: row.kind as ModelProvider['kind'],
  baseUrl: row.base_url,
  sealedKey: row.sealed_key,
  models: JSON.parse(row.models) as ModelProvider['models'],
  createdAt: row.created_at,
});

export class ModelQueries implements ModelWriter {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async providers(): Promise<ModelProviderRecord[]> {
    const query = this.#database.selectFrom('model_providers').selectAll();
    return (await query.orderBy('created_at').orderBy('id').execute()).map(toProvider);
  }

  async defaults(): Promise<string[]> {
    const query = this.#database.selectFrom('model_defaults').select('reference').orderBy('position');
    return (await query.execute()).map(({ reference }) => reference);
  }

  async put({ id, kind, baseUrl, sealedKey, models, createdAt }: ModelProviderRecord): Promise<void> {
    const values = { kind, base_url: baseUrl, sealed_key: sealedKey, models: JSON.stringify(models) };
    await this.#database
      .insertInto('model_providers')
      .values({ id, created_at: createdAt, ...values })
      .onConflict((conflict) => conflict.column('id').doUpdateSet(values))
      .execute();
  }

  async remove(id: string): Promise<boolean> {
    const gone = this.#database.deleteFrom('model_providers').where('id', '=', id).returning('id');
    const removed = await gone.executeTakeFirst();
    const left = (await this.defaults()).filter((reference) => !reference.startsWith(`${id}/`));
    await this.setDefaults(left);
    return removed !== undefined;
  }

  async setDefaults(references: readonly string[]): Promise<void> {
    await this.#database.deleteFrom('model_defaults').execute();
    if (references.length === 0) return;
    const rows = references.map((reference, position) => ({ position, reference }));
    await this.#database.insertInto('model_defaults').values(rows).execute();
  }
}

/** Push subscriptions in SQL. */
import type { Selectable } from 'kysely';
import type { PushWriter, StoredPushSubscription } from '../push.types.ts';
import type { Database, Schema } from '../schema.ts';

const toStored = (row: Selectable<Schema['push_subscriptions']>): StoredPushSubscription => ({
  deviceId: row.device_id,
  subscription: { endpoint: row.endpoint, keys: { p256dh: row.p256dh, auth: row.auth } },
  createdAt: row.created_at,
});

export class PushQueries implements PushWriter {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async list(): Promise<StoredPushSubscription[]> {
    const rows = await this.#database.selectFrom('push_subscriptions').selectAll().orderBy('created_at').execute();
    return rows.map(toStored);
  }

  async get(deviceId: string): Promise<StoredPushSubscription | undefined> {
    const query = this.#database.selectFrom('push_subscriptions').selectAll().where('device_id', '=', deviceId);
    const row = await query.executeTakeFirst();
    return row === undefined ? undefined : toStored(row);
  }

  async put({ deviceId, subscription, createdAt }: StoredPushSubscription): Promise<void> {
    const { endpoint, keys } = subscription;
    await this.#database
      .deleteFrom('push_subscriptions')
      .where(({ or, eb }) => or([eb('device_id', '=', deviceId), eb('endpoint', '=', endpoint)]))
      .execute();
    await this.#database
      .insertInto('push_subscriptions')
      .values({ device_id: deviceId, endpoint, ...keys, created_at: createdAt })
      .execute();
  }

  async remove({ deviceId, endpoint }: { deviceId: string; endpoint?: string }): Promise<void> {
    let query = this.#database.deleteFrom('push_subscriptions').where('device_id', '=', deviceId);
    if (endpoint !== undefined) query = query.where('endpoint', '=', endpoint);
    await query.execute();
  }
}

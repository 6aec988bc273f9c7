/** Devices in SQL. */
import type { Device } from '@navisai/protocol';
import type { Selectable } from 'kysely';
import type { Database, Schema } from '../schema.ts';
import type { DeviceRecord, DeviceWriter } from '../store.types.ts';

const toDevice = (row: Selectable<Schema['devices']>): Device => ({
  id: row.id,
  name: row.name,
  kind: row.kind as Device['kind'],
  userId: row.user_id,
  scope: row.scope as Device['scope'],
  createdAt: row.created_at,
  lastSeenAt: row.last_seen_at,
  revokedAt: row.revoked_at,
});

export class DeviceQueries implements DeviceWriter {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async get(id: string): Promise<DeviceRecord | undefined> {
    const row = await this.#database.selectFrom('devices').selectAll().where('id', '=', id).executeTakeFirst();
    return row === undefined ? undefined : { device: toDevice(row), publicKey: row.public_key };
  }

  async list(): Promise<Device[]> {
    const rows = await this.#database.selectFrom('devices').selectAll().orderBy('created_at').orderBy('id').execute();
    return rows.map(toDevice);
  }

  async activeWithKey(publicKey: string): Promise<Device | undefined> {
    const row = await this.#database
      .selectFrom('devices')
      .selectAll()
      .where('public_key', '=', publicKey)
      .where('revoked_at', 'is', null)
      .executeTakeFirst();
    return row === undefined ? undefined : toDevice(row);
  }

  async create({ device, publicKey }: DeviceRecord): Promise<void> {
    await this.#database
      .insertInto('devices')
      .values({
        id: device.id,
        name: device.name,
        kind: device.kind,
        user_id: device.userId,
        scope: device.scope,
        public_key: publicKey,
        created_at: device.createdAt,
        last_seen_at: device.lastSeenAt,
        revoked_at: device.revokedAt,
      })
      .execute();
  }

  async revoke(id: string, at: string): Promise<Device | undefined> {
    const row = await this.#database
      .updateTable('devices')
      .set({ revoked_at: at })
      .where('id', '=', id)
      .where('revoked_at', 'is', null)
      .returningAll()
      .executeTakeFirst();
    return row === undefined ? undefined : toDevice(row);
  }

  async seen(id: string, at: string): Promise<void> {
    await this.#database.updateTable('devices').set({ last_seen_at: at }).where('id', '=', id).execute();
  }
}

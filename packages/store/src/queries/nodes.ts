/** Nodes in SQL. */
import type { Ceiling, Labels, NodePlatform } from '@navisai/protocol';
import type { Insertable, Selectable, Updateable } from 'kysely';
import type { Database, Schema } from '../schema.ts';
import type { NodeChange, NodeEnrolment, NodeRecord, NodeWriter } from '../store.types.ts';

const toNode = (row: Selectable<Schema['nodes']>): NodeRecord => ({
  id: row.id,
  name: row.name,
  labels: JSON.parse(row.labels) as Labels,
  instanceId: row.instance_id,
  publicKey: row.public_key,
  key:
    row.secret_hash === null || row.key_expires_at === null
      ? null
      : { secretHash: row.secret_hash, expiresAt: row.key_expires_at },
  epoch: Number(row.epoch),
  draining: row.draining === 1,
  overlay: row.overlay === null ? null : (JSON.parse(row.overlay) as Ceiling),
  platform: row.platform === null ? null : (JSON.parse(row.platform) as NodePlatform),
  version: row.version,
  createdAt: row.created_at,
  enrolledAt: row.enrolled_at,
  lastSeenAt: row.last_seen_at,
  revokedAt: row.revoked_at,
});

const toRow = (node: NodeRecord): Insertable<Schema['nodes']> => ({
  id: node.id,
  name: node.name,
  labels: JSON.stringify(node.labels),
  instance_id: node.instanceId,
  public_key: node.publicKey,
  secret_hash: node.key?.secretHash ?? null,
  key_expires_at: node.key?.expiresAt ?? null,
  epoch: node.epoch,
  draining: node.draining ? 1 : 0,
  overlay: node.overlay === null ? null : JSON.stringify(node.overlay),
  platform: node.platform === null ? null : JSON.stringify(node.platform),
  version: node.version,
  created_at: node.createdAt,
  enrolled_at: node.enrolledAt,
  last_seen_at: node.lastSeenAt,
  revoked_at: node.revokedAt,
});

const toUpdate = ({ name, labels, draining, overlay, key }: NodeChange): Updateable<Schema['nodes']> => ({
  ...(name === undefined ? {} : { name }),
  ...(labels === undefined ? {} : { labels: JSON.stringify(labels) }),
  ...(draining === undefined ? {} : { draining: draining ? 1 : 0 }),
  ...(overlay === undefined ? {} : { overlay: overlay === null ? null : JSON.stringify(overlay) }),
  ...(key === undefined ? {} : { secret_hash: key?.secretHash ?? null, key_expires_at: key?.expiresAt ?? null }),
});

export class NodeQueries implements NodeWriter {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async get(id: string): Promise<NodeRecord | undefined> {
    const row = await this.#database.selectFrom('nodes').selectAll().where('id', '=', id).executeTakeFirst();
    return row === undefined ? undefined : toNode(row);
  }

  async list(): Promise<NodeRecord[]> {
    const rows = await this.#database.selectFrom('nodes').selectAll().orderBy('created_at').orderBy('id').execute();
    return rows.map(toNode);
  }

  async create(node: NodeRecord): Promise<boolean> {
    const created = await this.#database
      .insertInto('nodes')
      .values(toRow(node))
      .onConflict((conflict) => conflict.doNothing())
      .returning('id')
      .executeTakeFirst();
    return created !== undefined;
  }

  async change(id: string, change: NodeChange): Promise<NodeRecord | 'taken' | undefined> {
    const update = toUpdate(change);
    if (Object.keys(update).length === 0) return this.get(id);
    const { name } = change;
    let query = this.#database.updateTable('nodes').set(update).where('id', '=', id);
    if (name !== undefined)
      query = query.where(({ not, exists, selectFrom }) =>
        not(exists(selectFrom('nodes as other').select('id').where('name', '=', name).where('id', '!=', id))),
      );
    const row = await query.returningAll().executeTakeFirst();
    if (row !== undefined) return toNode(row);
    return (await this.get(id)) === undefined ? undefined : 'taken';
  }

  async enrol({ id, publicKey, secretHash, at }: NodeEnrolment): Promise<NodeRecord | undefined> {
    const row = await this.#database
      .updateTable('nodes')
      .set({ public_key: publicKey, enrolled_at: at, secret_hash: null, key_expires_at: null })
      .where('id', '=', id)
      .where('secret_hash', '=', secretHash)
      .where('key_expires_at', '>', at)
      .where('revoked_at', 'is', null)
      .returningAll()
      .executeTakeFirst();
    return row === undefined ? undefined : toNode(row);
  }

  async nextEpoch(id: string): Promise<number | undefined> {
    const row = await this.#database
      .updateTable('nodes')
      .set(({ eb }) => ({ epoch: eb('epoch', '+', 1) }))
      .where('id', '=', id)
      .where('revoked_at', 'is', null)
      .returning('epoch')
      .executeTakeFirst();
    return row === undefined ? undefined : Number(row.epoch);
  }

  async describe(id: string, { platform, version }: Pick<NodeRecord, 'platform' | 'version'>): Promise<void> {
    await this.#database
      .updateTable('nodes')
      .set({ platform: platform === null ? null : JSON.stringify(platform), version })
      .where('id', '=', id)
      .execute();
  }

  async seen(id: string, at: string): Promise<void> {
    await this.#database.updateTable('nodes').set({ last_seen_at: at }).where('id', '=', id).execute();
  }

  async leave(id: string): Promise<NodeRecord | undefined> {
    const row = await this.#database
      .updateTable('nodes')
      .set({ public_key: null, secret_hash: null, key_expires_at: null })
      .where('id', '=', id)
      .where('public_key', 'is not', null)
      .where('revoked_at', 'is', null)
      .returningAll()
      .executeTakeFirst();
    return row === undefined ? undefined : toNode(row);
  }

  async revoke(id: string, at: string): Promise<NodeRecord | undefined> {
    const row = await this.#database
      .updateTable('nodes')
      .set({ revoked_at: at, secret_hash: null, key_expires_at: null })
      .where('id', '=', id)
      .where('revoked_at', 'is', null)
      .returningAll()
      .executeTakeFirst();
    return row === undefined ? undefined : toNode(row);
  }

  async remove(id: string): Promise<boolean> {
    await this.#database.deleteFrom('session_nodes').where('node_id', '=', id).execute();
    await this.#database.deleteFrom('projects').where('node_id', '=', id).execute();
    const removed = await this.#database.deleteFrom('nodes').where('id', '=', id).returning('id').executeTakeFirst();
    return removed !== undefined;
  }
}

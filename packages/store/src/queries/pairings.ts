/** Pairing links in SQL. */
import type { Selectable } from 'kysely';
import type { Database, Schema } from '../schema.ts';
import type { NewPairing, PairingClaim, PairingRecord, PairingWriter } from '../store.types.ts';

const toPairing = (row: Selectable<Schema['pairings']>): PairingRecord => ({
  tokenHash: row.token_hash,
  scope: row.scope as PairingRecord['scope'],
  createdAt: row.created_at,
  expiresAt: row.expires_at,
  closedAt: row.closed_at,
  request:
    row.pairing_id === null || row.approval_id === null || row.public_key === null
      ? null
      : {
          pairingId: row.pairing_id,
          approvalId: row.approval_id,
          publicKey: row.public_key,
          deviceId: row.device_id,
        },
});

export class PairingQueries implements PairingWriter {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async open(now: string): Promise<PairingRecord | undefined> {
    const row = await this.#database
      .selectFrom('pairings')
      .selectAll()
      .where('closed_at', 'is', null)
      .where('pairing_id', 'is', null)
      .where('expires_at', '>', now)
      .executeTakeFirst();
    return row === undefined ? undefined : toPairing(row);
  }

  async byTokenHash(tokenHash: string): Promise<PairingRecord | undefined> {
    const row = await this.#database
      .selectFrom('pairings')
      .selectAll()
      .where('token_hash', '=', tokenHash)
      .executeTakeFirst();
    return row === undefined ? undefined : toPairing(row);
  }

  async byPairingId(pairingId: string): Promise<PairingRecord | undefined> {
    const row = await this.#database
      .selectFrom('pairings')
      .selectAll()
      .where('pairing_id', '=', pairingId)
      .executeTakeFirst();
    return row === undefined ? undefined : toPairing(row);
  }

  async create({ tokenHash, scope, createdAt, expiresAt }: NewPairing): Promise<void> {
    await this.#database
      .insertInto('pairings')
      .values({ token_hash: tokenHash, scope, created_at: createdAt, expires_at: expiresAt })
      .execute();
  }

  async closeUnused(at: string): Promise<boolean> {
    const rows = await this.#database
      .updateTable('pairings')
      .set({ closed_at: at })
      .where('closed_at', 'is', null)
      .where('pairing_id', 'is', null)
      .where('expires_at', '>', at)
      .returning('token_hash')
      .execute();
    return rows.length > 0;
  }

  async claim({ tokenHash, now, pairingId, approvalId, publicKey }: PairingClaim): Promise<boolean> {
    const row = await this.#database
      .updateTable('pairings')
      .set({ pairing_id: pairingId, approval_id: approvalId, public_key: publicKey })
      .where('token_hash', '=', tokenHash)
      .where('pairing_id', 'is', null)
      .where('closed_at', 'is', null)
      .where('expires_at', '>', now)
      .returning('token_hash')
      .executeTakeFirst();
    return row !== undefined;
  }

  async complete(pairingId: string, deviceId: string): Promise<void> {
    await this.#database
      .updateTable('pairings')
      .set({ device_id: deviceId })
      .where('pairing_id', '=', pairingId)
      .execute();
  }
}

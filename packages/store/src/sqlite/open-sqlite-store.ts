/** Opens the embedded store: WAL, every commit on disk before it is acknowledged, checked before it is used. */
import { chmodSync, closeSync, fdatasync, mkdirSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { promisify } from 'node:util';
import { newId } from '@navisai/protocol';
import { Kysely } from 'kysely';
import { DiskSync } from '../disk-sync.ts';
import { migrate, readMeta, schemaVersion, type Schema, writeMeta } from '../schema.ts';
import { StoreFailure } from '../store-failure.ts';
import { sqliteDialect } from './sqlite-dialect.ts';
import { damagedStore, describeSqliteError, failingDisk, newerStore } from './sqlite-problem.ts';
import { SqliteHealth } from './sqlite-health.ts';
import { SqliteStore } from './sqlite-store.ts';
import { eventsIn, LifeFile } from './store-life.ts';

export interface SqliteStoreOptions {
  /** Made when it is missing, with its folder (0700, 0600). */
  file: string;
  /** Remembers how much the store held, so that one that was put back is noticed; no part of a backup. */
  lifeFile?: string | undefined;
  clock?: () => Date;
  /** Further settings of the connection, such as limits in tests. */
  configure?: (connection: DatabaseSync) => void;
  /** Brings an open file to the disk. */
  flush?: (file: number) => Promise<void>;
}

/** A larger file is not read as a whole at the start: damage in it shows when it is touched. */
const maxCheckedBytes = 32 * 1024 * 1024;
/** Only a backup may hold the lock for a moment; every wait stops the hub. */
const busyTimeoutMs = 250;

/** Rejects StoreFailure with what is wrong and what to do. */
export const openSqliteStore = async ({
  file,
  lifeFile,
  clock = () => new Date(),
  configure,
  flush = promisify(fdatasync),
}: SqliteStoreOptions): Promise<SqliteStore> => {
  let driver: DatabaseSync | undefined;
  let log: number | undefined;
  try {
    prepareFile(file);
    driver = new DatabaseSync(file, { timeout: busyTimeoutMs });
    driver.exec('pragma journal_mode = wal; pragma synchronous = normal; pragma foreign_keys = on');
    configure?.(driver);
    if (statSync(file).size <= maxCheckedBytes) checkPages(driver);
    const health = new SqliteHealth();
    const database = new Kysely<Schema>({ dialect: sqliteDialect(driver, (error) => health.explain(error)) });
    const found = await migrate(database, () => newId('generation'));
    if (found > schemaVersion) throw new StoreFailure(newerStore);
    const life = lifeFile === undefined ? undefined : new LifeFile(lifeFile);
    await beginLife(database, { life, clock });
    const generation = await readMeta(database, 'generation');
    if (generation === undefined) throw new StoreFailure(damagedStore);
    const restoredAt = (await readMeta(database, 'restored_at')) ?? null;
    log = openSync(`${file}-wal`, 'r+');
    const sync = syncOf({ log, flush, health });
    return new SqliteStore({ database, health, file, log, sync, generation, restoredAt, life, clock });
  } catch (error) {
    if (log !== undefined) closeSync(log);
    driver?.close();
    if (error instanceof StoreFailure) throw error;
    throw new StoreFailure(describeSqliteError(error) ?? describeFileError(error), error);
  }
};

/** A store that was put back to an older backup gets a generation of its own. */
const beginLife = async (
  database: Kysely<Schema>,
  { life, clock }: { life: LifeFile | undefined; clock: () => Date },
): Promise<void> => {
  const generation = await readMeta(database, 'generation');
  if (life === undefined || generation === undefined) return;
  if (!life.isOlder({ generation, events: await eventsIn(database) })) return;
  await database.transaction().execute(async (transaction) => {
    await writeMeta(transaction, 'generation', newId('generation'));
    await writeMeta(transaction, 'restored_at', clock().toISOString());
  });
};

interface SyncedLog {
  log: number;
  flush: (file: number) => Promise<void>;
  health: SqliteHealth;
}

/**
 * SQLite appends commits to its log; this flushes that file beside the event loop, for all commits before it at once. What
 * goes from the log into the database SQLite itself flushes first (`synchronous = normal`). After a failure nothing tells
 * what of the log is on disk, so the store is opened anew, which writes all of it into the database.
 */
const syncOf = ({ log, flush, health }: SyncedLog): DiskSync =>
  new DiskSync(async () => {
    try {
      await flush(log);
    } catch (error) {
      health.fail(failingDisk);
      throw new StoreFailure(failingDisk, error);
    }
  });

const prepareFile = (file: string): void => {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  closeSync(openSync(file, 'a', 0o600));
  chmodSync(file, 0o600);
};

const checkPages = (driver: DatabaseSync): void => {
  const row = driver.prepare('pragma quick_check(1)').get();
  if (row === undefined || Object.values(row)[0] !== 'ok') throw new StoreFailure(damagedStore);
};

const describeFileError = (error: unknown) => {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return {
      kind: 'unreadable' as const,
      what: 'The disk that holds the store is full.',
      remedy: 'Free some space on the disk of the Navis directory; the hub goes on by itself.',
    };
  return {
    kind: 'unreadable' as const,
    what: `The store cannot be opened${/^E[A-Z]+$/.test(code) ? ` (${code})` : ''}.`,
    remedy:
      'Make the folder `store` in the Navis directory readable and writable for the user of the hub; it goes on by itself.',
  };
};

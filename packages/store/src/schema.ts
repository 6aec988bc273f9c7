/** The tables, as Kysely sees them, and the one list of migrations for every adapter. */
import { type ColumnType, type Kysely, sql } from 'kysely';
import { type AccessTables, accessTables } from './tables/access.ts';
import { type ConversationTables, conversationTables } from './tables/conversations.ts';
import { type ModelTables, modelTables } from './tables/models.ts';
import { type ProjectTables, projectTables } from './tables/projects.ts';
import { type PushTables, pushTables } from './tables/push.ts';
import { type RecallTables, recallTables } from './tables/recalls.ts';
import { type ApprovalCallColumns, type RuleTables, ruleTables } from './tables/rules.ts';

/** Written once. */
type Fixed<T> = ColumnType<T, T, never>;

export interface Schema
  extends AccessTables, ConversationTables, ModelTables, ProjectTables, PushTables, RecallTables, RuleTables {
  meta: { key: string; value: string };
  streams: { stream: string; seq: number; at: string };
  events: {
    stream: Fixed<string>;
    seq: Fixed<number>;
    type: Fixed<string>;
    session_id: Fixed<string | null>;
    data: string;
    at: Fixed<string>;
  };
  sessions: {
    id: string;
    kind: string;
    title: string;
    user_id: string;
    instance_id: string;
    created_at: string;
    closed_at: string | null;
    is_default: number;
  };
  devices: {
    id: string;
    name: string;
    kind: string;
    user_id: string;
    scope: string;
    public_key: string;
    created_at: string;
    last_seen_at: string | null;
    revoked_at: string | null;
  };
  terminals: { id: string; has_exited: number; data: string };
  approvals: {
    id: string;
    kind: string;
    state: string;
    title: string;
    detail: string;
    created_at: string;
    expires_at: string;
    decided_at: string | null;
    decided_by: string | null;
  } & ApprovalCallColumns;
  nodes: {
    id: string;
    name: string;
    labels: string;
    instance_id: string;
    public_key: string | null;
    secret_hash: string | null;
    key_expires_at: string | null;
    epoch: number;
    draining: number;
    overlay: string | null;
    platform: string | null;
    version: string | null;
    created_at: string;
    enrolled_at: string | null;
    last_seen_at: string | null;
    revoked_at: string | null;
  };
  session_nodes: { session_id: string; node_id: string; given_at: string; ended_at: string | null };
  pairings: {
    token_hash: string;
    scope: string;
    created_at: string;
    expires_at: string;
    closed_at: string | null;
    pairing_id: string | null;
    approval_id: string | null;
    public_key: string | null;
    device_id: string | null;
  };
}

export type Database = Kysely<Schema>;

type Migration = (database: Database) => Promise<void>;

const run = async (database: Database, statements: readonly string[]): Promise<void> => {
  for (const statement of statements) await sql.raw(statement).execute(database);
};

/** Version n is reached by the first n entries; an entry never changes once it was released. */
const migrations: readonly Migration[] = [
  (database) =>
    run(database, [
      `create table streams (stream text primary key, seq bigint not null, at text not null)`,
      `create table events (stream text not null, seq bigint not null, type text not null, session_id text,
         data text not null, at text not null, primary key (stream, seq))`,
      `create table sessions (id text primary key, kind text not null, title text not null, user_id text not null,
         instance_id text not null, created_at text not null, closed_at text, is_default integer not null)`,
      `create index sessions_by_age on sessions (user_id, created_at, id) where closed_at is null`,
      `create unique index sessions_default on sessions (user_id) where is_default = 1 and closed_at is null`,
      `create table devices (id text primary key, name text not null, kind text not null, user_id text not null,
         scope text not null, public_key text not null, created_at text not null, last_seen_at text, revoked_at text)`,
      `create unique index devices_active_key on devices (public_key) where revoked_at is null`,
      `create table terminals (id text primary key, has_exited integer not null, data text not null)`,
      `create table approvals (id text primary key, kind text not null, state text not null, title text not null,
         detail text not null, created_at text not null, expires_at text not null, decided_at text, decided_by text)`,
      `create index approvals_by_age on approvals (created_at, id)`,
      `create index approvals_pending on approvals (expires_at) where state = 'pending'`,
      `create table pairings (token_hash text primary key, scope text not null, created_at text not null,
         expires_at text not null, closed_at text, pairing_id text unique, approval_id text, public_key text,
         device_id text)`,
    ]),
  (database) =>
    run(database, [
      `create table nodes (id text primary key, name text not null unique, labels text not null,
         instance_id text not null, public_key text, secret_hash text, key_expires_at text, epoch bigint not null,
         draining integer not null, overlay text, platform text, version text, created_at text not null,
         enrolled_at text, last_seen_at text, revoked_at text)`,
      `create table session_nodes (session_id text not null, node_id text not null, given_at text not null,
         ended_at text, primary key (session_id, node_id))`,
      `create index session_nodes_by_node on session_nodes (node_id, given_at)`,
      `create index session_nodes_at_work on session_nodes (session_id) where ended_at is null`,
    ]),
  (database) =>
    run(database, [
      ...accessTables,
      ...conversationTables,
      ...modelTables,
      ...projectTables,
      ...pushTables,
      ...recallTables,
      ...ruleTables,
    ]),
  (database) => run(database, [`alter table agent_sessions add column remembered text`]),
  (database) =>
    run(database, [
      `create table hub_calls (session_id text not null, call_id text not null, result text, at text not null,
         primary key (session_id, call_id))`,
    ]),
];

export const schemaVersion = migrations.length;

/** Brings an empty or older database to `schemaVersion` in one transaction; answers the version it found. */
export const migrate = async (database: Database, newGeneration: () => string): Promise<number> => {
  await sql.raw('create table if not exists meta (key text primary key, value text not null)').execute(database);
  const found = Number((await readMeta(database, 'schema_version')) ?? 0);
  if (found >= schemaVersion) return found;
  await database.transaction().execute(async (transaction) => {
    for (const migration of migrations.slice(found)) await migration(transaction);
    await writeMeta(transaction, 'schema_version', String(schemaVersion));
    if (found === 0) await writeMeta(transaction, 'generation', newGeneration());
  });
  return found;
};

export const readMeta = async (database: Database, key: string): Promise<string | undefined> =>
  (await database.selectFrom('meta').select('value').where('key', '=', key).executeTakeFirst())?.value;

export const writeMeta = async (database: Database, key: string, value: string): Promise<void> => {
  await database
    .insertInto('meta')
    .values({ key, value })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ value }))
    .execute();
};

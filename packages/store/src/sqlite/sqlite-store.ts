/** The embedded adapter of the store's port. */
import { closeSync, statSync } from 'node:fs';
import type { DiskSync } from '../disk-sync.ts';
import { EventBatch } from '../event-batch.ts';
import type { NewEvent, StreamEvent } from '../events.types.ts';
import { ApprovalQueries } from '../queries/approvals.ts';
import { ConversationQueries } from '../queries/conversations.ts';
import { DeviceQueries } from '../queries/devices.ts';
import { insertEvents, readEvents } from '../queries/events.ts';
import { McpTokenQueries } from '../queries/mcp-tokens.ts';
import { ModelQueries } from '../queries/models.ts';
import { NodeQueries } from '../queries/nodes.ts';
import { PairingQueries } from '../queries/pairings.ts';
import { EnrolmentQueries, RuleQueries } from '../queries/rules.ts';
import { ProjectQueries } from '../queries/projects.ts';
import { PushQueries } from '../queries/push.ts';
import { RecallQueries } from '../queries/recalls.ts';
import { SessionNodeQueries } from '../queries/session-nodes.ts';
import { SessionQueries } from '../queries/sessions.ts';
import { TerminalQueries } from '../queries/terminals.ts';
import { type Database, writeMeta } from '../schema.ts';
import type { Applied, Store, StoreProblem, StoreReader, StoreWriter } from '../store.types.ts';
import { readsFromDisk } from './reads-from-disk.ts';
import type { SqliteHealth } from './sqlite-health.ts';
import { eventsIn, type LifeFile } from './store-life.ts';
import { replacedStore } from './sqlite-problem.ts';

export interface SqliteStoreParts {
  database: Database;
  health: SqliteHealth;
  file: string;
  /** SQLite's log of commits, opened once more; the store closes it. */
  log: number;
  /** Brings what was committed to the disk. */
  sync: DiskSync;
  generation: string;
  restoredAt: string | null;
  life: LifeFile | undefined;
  clock: () => Date;
}

const queriesOn = (database: Database) => ({
  sessions: new SessionQueries(database),
  devices: new DeviceQueries(database),
  approvals: new ApprovalQueries(database),
  pairings: new PairingQueries(database),
  rules: new RuleQueries(database),
  enrolments: new EnrolmentQueries(database),
  terminals: new TerminalQueries(database),
  nodes: new NodeQueries(database),
  models: new ModelQueries(database),
  sessionNodes: new SessionNodeQueries(database),
  recalls: new RecallQueries(database),
  push: new PushQueries(database),
  projects: new ProjectQueries(database),
  conversations: new ConversationQueries(database),
  mcpTokens: new McpTokenQueries(database),
  readEvents: (request: Parameters<StoreReader['readEvents']>[0]) => readEvents(database, request),
});

export class SqliteStore implements Store {
  readonly generation: string;
  readonly restoredAt: string | null;
  readonly read: StoreReader;
  readonly #parts: SqliteStoreParts;
  readonly #identity: string;
  readonly #batch: EventBatch;

  constructor(parts: SqliteStoreParts) {
    this.#parts = parts;
    this.generation = parts.generation;
    this.restoredAt = parts.restoredAt;
    this.read = queriesOn(parts.database.withPlugin(readsFromDisk(parts.sync)));
    this.#identity = identityOf(parts.file);
    this.#batch = new EventBatch((events) => this.apply((writer) => writer.appendEvents(events)));
  }

  async transaction<T>(work: (writer: StoreWriter) => Promise<T>): Promise<{ result: T; events: StreamEvent[] }> {
    const { durable, ...done } = await this.apply(work);
    await durable;
    return done;
  }

  async apply<T>(work: (writer: StoreWriter) => Promise<T>): Promise<Applied<T>> {
    const { database, health, clock } = this.#parts;
    health.requireWritable();
    const at = clock().toISOString();
    const done = await database.transaction().execute(async (transaction) => {
      const events: StreamEvent[] = [];
      const appendEvents = async (added: readonly NewEvent[]): Promise<StreamEvent[]> => {
        const appended = await insertEvents(transaction, added, at);
        events.push(...appended);
        return appended;
      };
      const result = await work({ ...queriesOn(transaction), appendEvents });
      return { result, events };
    });
    return { ...done, durable: this.#reachDisk() };
  }

  appendEvents(events: readonly NewEvent[]): Promise<StreamEvent[]> {
    return this.#batch.append(events);
  }

  problem(): StoreProblem | undefined {
    return this.#parts.health.problem;
  }

  async check(): Promise<StoreProblem | undefined> {
    const { database, health, file, clock } = this.#parts;
    if (identityOf(file) !== this.#identity) health.fail(replacedStore);
    else await this.#noteLife();
    if (health.problem?.kind !== 'unwritable') return health.problem;
    try {
      const at = clock().toISOString();
      await database.transaction().execute((transaction) => writeMeta(transaction, 'checked_at', at));
      await this.#reachDisk();
    } catch (error) {
      health.explain(error);
    }
    return health.problem;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { database, sync, log, file } = this.#parts;
    await this.#batch.settle();
    await sync.settle();
    if (identityOf(file) === this.#identity) await this.#noteLife(true);
    try {
      await database.destroy();
    } finally {
      closeSync(log);
    }
  }

  async #noteLife(isLast = false): Promise<void> {
    const { life, database, sync } = this.#parts;
    // What is noted is on disk: a power cut must not look like an older backup.
    const onDisk = database.withPlugin(readsFromDisk(sync));
    const { generation } = this;
    await life?.note(async () => ({ generation, events: await eventsIn(onDisk) }), { isLast });
  }

  #reachDisk(): Promise<void> {
    const { health, sync } = this.#parts;
    const reached = sync.flush().then(() => health.succeed());
    // Whoever does not wait for it learns of a failure by the problem that the store then has.
    reached.catch(() => undefined);
    return reached;
  }
}

/** Tells one file from another that later has the same name. */
const identityOf = (file: string): string => {
  const stats = statSync(file, { throwIfNoEntry: false });
  return stats === undefined ? '' : `${stats.dev}:${stats.ino}`;
};

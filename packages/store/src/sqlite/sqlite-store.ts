/** The embedded adapter of the store's port. */
import { statSync } from 'node:fs';
import { NavisError } from '@navisai/protocol';
import { EventBatch } from '../event-batch.ts';
import type { NewEvent, StreamEvent } from '../events.types.ts';
import { approvalsOn } from '../queries/approvals.ts';
import { devicesOn } from '../queries/devices.ts';
import { insertEvents, readEvents } from '../queries/events.ts';
import { pairingsOn } from '../queries/pairings.ts';
import { sessionsOn } from '../queries/sessions.ts';
import { type Database, writeMeta } from '../schema.ts';
import { StoreFailure } from '../store-failure.ts';
import type { Store, StoreProblem, StoreReader, StoreWriter } from '../store.types.ts';
import { describeSqliteError, replacedStore } from './sqlite-problem.ts';

interface SqliteStoreParts {
  database: Database;
  file: string;
  generation: string;
  clock: () => Date;
}

/** While it cannot be written, a write is really tried this often at most; the others are refused at once. */
const retryMs = 1000;

const readerOn = (database: Database): StoreReader => ({
  sessions: sessionsOn(database),
  devices: devicesOn(database),
  approvals: approvalsOn(database),
  pairings: pairingsOn(database),
  readEvents: (request) => readEvents(database, request),
});

export class SqliteStore implements Store {
  readonly generation: string;
  readonly read: StoreReader;
  readonly #database: Database;
  readonly #file: string;
  readonly #identity: string;
  readonly #clock: () => Date;
  readonly #batch: EventBatch;
  #problem: StoreProblem | undefined;
  #triedAt = 0;

  constructor({ database, file, generation, clock }: SqliteStoreParts) {
    this.generation = generation;
    this.#database = database;
    this.#file = file;
    this.#clock = clock;
    this.#identity = identityOf(file);
    this.read = guardReads(readerOn(database), (error) => this.#convert(error));
    this.#batch = new EventBatch(
      async (events) => (await this.transaction((writer) => writer.appendEvents(events))).events,
    );
  }

  async transaction<T>(work: (writer: StoreWriter) => Promise<T>): Promise<{ result: T; events: StreamEvent[] }> {
    this.#refuseWhileBroken();
    const at = this.#clock().toISOString();
    try {
      const done = await this.#database.transaction().execute(async (transaction) => {
        const events: StreamEvent[] = [];
        const result = await work({
          sessions: sessionsOn(transaction),
          devices: devicesOn(transaction),
          approvals: approvalsOn(transaction),
          pairings: pairingsOn(transaction),
          readEvents: (request) => readEvents(transaction, request),
          async appendEvents(added) {
            events.push(...(await insertEvents(transaction, added, at)));
          },
        });
        return { result, events };
      });
      if (this.#problem?.kind === 'unwritable') this.#problem = undefined;
      return done;
    } catch (error) {
      throw this.#convert(error);
    }
  }

  appendEvents(events: readonly NewEvent[]): Promise<StreamEvent[]> {
    return this.#batch.append(events);
  }

  problem(): StoreProblem | undefined {
    return this.#problem;
  }

  async check(): Promise<StoreProblem | undefined> {
    if (identityOf(this.#file) !== this.#identity) this.#problem = replacedStore;
    if (this.#problem?.kind !== 'unwritable') return this.#problem;
    try {
      const at = this.#clock().toISOString();
      await this.#database.transaction().execute((transaction) => writeMeta(transaction, 'checked_at', at));
      this.#problem = undefined;
    } catch (error) {
      this.#convert(error);
    }
    return this.#problem;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#batch.settle();
    await this.#database.destroy();
  }

  #refuseWhileBroken(): void {
    if (this.#problem === undefined) return;
    const now = performance.now();
    const mayTry = this.#problem.kind === 'unwritable' && now - this.#triedAt >= retryMs;
    if (!mayTry) throw new StoreFailure(this.#problem);
    this.#triedAt = now;
  }

  #convert(error: unknown): unknown {
    if (error instanceof NavisError) return error;
    const problem = describeSqliteError(error);
    if (problem === undefined) return error;
    this.#problem = problem;
    this.#triedAt = performance.now();
    return new StoreFailure(problem, error);
  }
}

/** Tells one file from another that later has the same name. */
const identityOf = (file: string): string => {
  const stats = statSync(file, { throwIfNoEntry: false });
  return stats === undefined ? '' : `${stats.dev}:${stats.ino}`;
};

type Query = (...given: never[]) => Promise<unknown>;

/** The same readers, with SQLite's errors told as what they mean. */
const guardReads = (reader: StoreReader, convert: (error: unknown) => unknown): StoreReader => {
  const guard = <T extends object>(queries: T): T => {
    const guarded = Object.entries(queries).map(([name, query]) => [
      name,
      (...given: never[]) =>
        (query as Query)(...given).catch((error: unknown) => {
          throw convert(error);
        }),
    ]);
    return Object.fromEntries(guarded) as T;
  };
  return {
    sessions: guard(reader.sessions),
    devices: guard(reader.devices),
    approvals: guard(reader.approvals),
    pairings: guard(reader.pairings),
    readEvents: guard({ readEvents: reader.readEvents }).readEvents,
  };
};

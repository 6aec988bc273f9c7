/**
 * Notices that the store was put back to an older backup: a file beside it, which backups leave out, remembers how much it
 * held. A store with less is another life of it, so clients and nodes must not rely on what they saw (I8).
 */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { sql } from 'kysely';
import type { Database } from '../schema.ts';

/** What was noted when the hub was killed may be older by this much. */
const everyMs = 30_000;

export interface Life {
  generation: string;
  /** Of all events that were ever appended; it only grows. */
  events: number;
}

export const eventsIn = async (database: Database): Promise<number> => {
  const row = await database
    .selectFrom('streams')
    .select(sql<number>`coalesce(sum(seq), 0)`.as('events'))
    .executeTakeFirst();
  return Number(row?.events ?? 0);
};

export class LifeFile {
  readonly #path: string;
  #noted: Life | undefined;
  #notedAt = Number.NEGATIVE_INFINITY;

  constructor(path: string) {
    this.#path = path;
  }

  /** Whether the store has less than this very life of it had. */
  isOlder({ generation, events }: Life): boolean {
    const noted = this.#read();
    return noted !== undefined && noted.generation === generation && events < noted.events;
  }

  /** Never throws: without the note a restored store is taken for the one before. */
  note(life: () => Promise<Life>, { now = performance.now(), isLast = false } = {}): Promise<void> {
    if (!isLast && now - this.#notedAt < everyMs) return Promise.resolve();
    this.#notedAt = now;
    return this.#write(life).catch(() => undefined);
  }

  async #write(life: () => Promise<Life>): Promise<void> {
    const told = await life();
    if (told.generation === this.#noted?.generation && told.events === this.#noted.events) return;
    writeFileSync(`${this.#path}.new`, JSON.stringify(told), { mode: 0o600 });
    renameSync(`${this.#path}.new`, this.#path);
    this.#noted = told;
  }

  #read(): Life | undefined {
    try {
      const { generation, events } = JSON.parse(readFileSync(this.#path, 'utf8')) as Partial<Life>;
      return typeof generation === 'string' && typeof events === 'number' ? { generation, events } : undefined;
    } catch {
      return undefined;
    }
  }
}

/**
 * Approvals of one call that were used, on disk before the call acts and until they end: so a call that was approved once
 * runs once, also where everything else that was recorded of it is acknowledged and forgotten (N12).
 */
import { NavisError } from '@navisai/protocol';
import { JournalFile } from './journal-file.ts';
import type { Place } from './journal-file.ts';
import type { CallKey } from './call-journal.ts';

export interface SpentApprovalsOptions {
  path: string;
  limits?: SpentLimits;
  /** Wall-clock milliseconds. */
  now?: () => number;
}

export interface SpentLimits {
  /** Above it no approval is taken until one ends: more than any person decides about. */
  maxEntries: number;
  /** After the end: a clock that was set forward and back must not bring one back. */
  keptAfterEndMs: number;
}

export const spentLimits: SpentLimits = { maxEntries: 10_000, keptAfterEndMs: 24 * 60 * 60 * 1000 };
/** What a file may hold of approvals that ended before it is written anew. */
const maxDeadBytes = 256 * 1024;

export class SpentApprovals implements Disposable {
  readonly #options: SpentApprovalsOptions;
  readonly #entries = new Map<string, { until: number; place: Place }>();
  #file: JournalFile | null = null;
  #isClosed = false;

  constructor(options: SpentApprovalsOptions) {
    this.#options = options;
  }

  /** Throws SPAWN_FAILED when it cannot be told. */
  isSpent(key: CallKey): boolean {
    this.#opened();
    return this.#entries.has(nameOf(key));
  }

  /** On disk when this returns. Throws SPAWN_FAILED when it cannot be, RATE_LIMITED when there are too many. */
  spend(key: CallKey, untilMs: number): void {
    const file = this.#opened();
    const name = nameOf(key);
    if (this.#entries.has(name)) return;
    this.#forgetEnded();
    const { maxEntries } = this.#options.limits ?? spentLimits;
    if (this.#entries.size >= maxEntries)
      throw new NavisError('RATE_LIMITED', 'Too many approvals were used on this machine today. Nothing was done.');
    try {
      const place = file.append({ type: 'spent', key: name, until: untilMs });
      this.#entries.set(name, { until: untilMs, place });
    } catch (error) {
      throw notRecorded(error);
    }
    this.#tidy(file);
  }

  [Symbol.dispose](): void {
    this.#isClosed = true;
    this.#file?.close();
    this.#file = null;
  }

  #opened(): JournalFile {
    if (this.#isClosed) throw new NavisError('HUB_UNREACHABLE', 'This program is leaving. Nothing was done.');
    try {
      this.#file ??= this.#open();
      return this.#file;
    } catch (error) {
      throw notRecorded(error);
    }
  }

  #open(): JournalFile {
    const { file, records } = JournalFile.open(this.#options.path);
    for (const { record, place } of records)
      if (record.type === 'spent') this.#entries.set(record.key, { until: record.until, place });
    this.#forgetEnded();
    return file;
  }

  #forgetEnded(): void {
    const { now = Date.now, limits = spentLimits } = this.#options;
    const ended = now() - limits.keptAfterEndMs;
    for (const [name, { until }] of this.#entries) if (until < ended) this.#entries.delete(name);
  }

  #tidy(file: JournalFile): void {
    const live = this.#entries.values().reduce((sum, { place }) => sum + place.length, 0);
    if (file.endOffset < 2 * live + maxDeadBytes) return;
    try {
      const moved = file.rewrite(Array.from(this.#entries.values(), ({ place }) => place));
      for (const [name, { until, place }] of this.#entries)
        this.#entries.set(name, { until, place: { ...place, offset: moved.get(place.offset) ?? place.offset } });
    } catch {
      // It stays as long as it is until the disk has space.
    }
  }
}

const nameOf = ({ sessionId, callId }: CallKey): string => `${sessionId}/${callId}`;

const notRecorded = (error: unknown): NavisError =>
  new NavisError('SPAWN_FAILED', 'It could not be recorded that this approval is used. Nothing was done.', {
    cause: error,
  });

/**
 * The state-changing calls that no host process remembers, on disk before they act and with their result afterwards, so
 * that a call repeated after a crash of this program acts at most once (N7). One file, appended to in place: space for
 * the next records is taken in advance, so that a full disk does not keep anyone from closing, typing and deleting.
 */
import { NavisError } from '@navisai/protocol';
import type { ToolResult } from '@navisai/protocol';
import { diskRefusal } from '../disk-words.ts';
import { JournalFile } from './journal-file.ts';
import type { JournalRecord, Place } from './journal-file.ts';

export interface CallKey {
  sessionId: string;
  callId: string;
}

export type KnownCall =
  | { state: 'ended'; result: ToolResult }
  /** It was begun by a program that did not live to its end. */
  | { state: 'interrupted' };

export interface JournalOptions {
  path: string;
  limits?: JournalLimits;
  /** Wall-clock milliseconds. */
  now?: () => number;
}

export interface JournalLimits {
  maxAgeMs: number;
  /** Above either, the oldest calls that are not under way are forgotten. */
  maxEntries: number;
  maxResultBytes: number;
}

export const journalLimits: JournalLimits = {
  maxAgeMs: 7 * 24 * 60 * 60 * 1000,
  maxEntries: 2000,
  maxResultBytes: 8 * 1024 * 1024,
};
/** What a file may hold of forgotten calls before it is written anew. */
const maxDeadBytes = 1024 * 1024;

type Entry =
  | { state: 'underWay' | 'interrupted'; at: number; begin: Place; temporary?: { path: string; place: Place } }
  | { state: 'ended'; at: number; begin: Place; end: Place };

interface Opened {
  file: JournalFile;
  entries: Map<string, Entry>;
}

export class CallJournal implements Disposable {
  readonly #options: JournalOptions;
  readonly #limits: JournalLimits;
  readonly #entries = new Map<string, Entry>();
  #file: JournalFile | null = null;
  #isClosed = false;
  #liveBytes = 0;
  #resultBytes = 0;

  constructor(options: JournalOptions) {
    this.#options = options;
    this.#limits = options.limits ?? journalLimits;
  }

  /** Takes its space on disk now, as long as there is some; whoever needs it is told when it cannot be. */
  open(): void {
    this.#openedIfPossible();
  }

  /** `null` for a call that is unknown, forgotten, or under way here, and when the disk cannot tell: then `begin` throws. */
  find(key: CallKey): KnownCall | null {
    const opened = this.#openedIfPossible();
    if (opened === null) return null;
    const { file, entries } = opened;
    const entry = entries.get(nameOf(key));
    if (entry === undefined || entry.state === 'underWay') return null;
    if (entry.state !== 'ended') return { state: 'interrupted' };
    const record = file.read(entry.end);
    return record?.type === 'end' ? { state: 'ended', result: record.result } : { state: 'interrupted' };
  }

  /** The call is on disk when this returns. Throws SPAWN_FAILED when the disk refuses: then it must not act. */
  begin(key: CallKey): void {
    const { file, entries } = this.#opened();
    const at = this.#now();
    const name = nameOf(key);
    try {
      const begin = file.append({ type: 'begin', key: name, at });
      this.#drop(name);
      entries.set(name, { state: 'underWay', at, begin });
      this.#liveBytes += begin.length;
    } catch (error) {
      throw notRecorded(error);
    }
    this.#tidy();
  }

  /** What the call makes beside its target is removed by the next program when this one does not live to do it. */
  noteTemporary(key: CallKey, path: string): void {
    const name = nameOf(key);
    const entry = this.#entries.get(name);
    if (this.#file === null || entry?.state !== 'underWay') return;
    try {
      const place = this.#file.append({ type: 'temporary', key: name, path });
      this.#keepTemporary(name, { path, place });
    } catch {
      // A full disk: it is removed by this program, or stays.
    }
  }

  /** What calls of an earlier program left beside their targets. */
  leftOver(): string[] {
    const entries = [...(this.#openedIfPossible()?.entries.values() ?? [])];
    return entries.flatMap((entry) =>
      entry.state === 'interrupted' && entry.temporary !== undefined ? [entry.temporary.path] : [],
    );
  }

  /** False when the disk refuses the result: the call then counts as interrupted. */
  end(key: CallKey, result: ToolResult): boolean {
    // The program leaves: whoever asks the next one is told that it was interrupted.
    if (this.#isClosed) return false;
    const opened = this.#openedIfPossible();
    const name = nameOf(key);
    const entry = opened?.entries.get(name);
    if (opened === null || entry === undefined) return true;
    const { file, entries } = opened;
    try {
      this.#keepEnd(name, file.append({ type: 'end', key: name, at: entry.at, result }));
    } catch {
      entries.set(name, { ...entry, state: 'interrupted' });
      return false;
    }
    this.#tidy();
    return true;
  }

  /** The caller has kept the result; what is under way stays. */
  acknowledge(key: CallKey): void {
    if (this.#isClosed) return;
    const opened = this.#openedIfPossible();
    const name = nameOf(key);
    const entry = opened?.entries.get(name);
    if (entry === undefined || entry.state === 'underWay') return;
    try {
      opened?.file.append({ type: 'forget', key: name });
    } catch {
      // It is remembered a little longer after a restart.
    }
    this.#drop(name);
    this.#tidy();
  }

  [Symbol.dispose](): void {
    this.#isClosed = true;
    this.#file?.close();
    this.#file = null;
  }

  #openedIfPossible(): Opened | null {
    try {
      return this.#opened();
    } catch {
      return null;
    }
  }

  #opened(): Opened {
    this.#file ??= this.#open();
    return { file: this.#file, entries: this.#entries };
  }

  #open(): JournalFile {
    if (this.#isClosed) throw new NavisError('HUB_UNREACHABLE', 'This program is leaving. Nothing was done.');
    try {
      const { file, records } = JournalFile.open(this.#options.path);
      for (const { record, place } of records) this.#replay(record, place);
      this.#forgetOld();
      return file;
    } catch (error) {
      throw notRecorded(error);
    }
  }

  #replay(record: JournalRecord, place: Place): void {
    switch (record.type) {
      case 'begin':
        this.#drop(record.key);
        this.#entries.set(record.key, { state: 'interrupted', at: record.at, begin: place });
        this.#liveBytes += place.length;
        return;
      case 'end':
        this.#keepEnd(record.key, place);
        return;
      case 'temporary':
        this.#keepTemporary(record.key, { path: record.path, place });
        return;
      case 'forget':
        this.#drop(record.key);
    }
  }

  #keepTemporary(name: string, temporary: { path: string; place: Place }): void {
    const entry = this.#entries.get(name);
    if (entry === undefined || entry.state === 'ended') return;
    this.#liveBytes += temporary.place.length - (entry.temporary?.place.length ?? 0);
    this.#entries.set(name, { ...entry, temporary });
  }

  #drop(name: string): void {
    const entry = this.#entries.get(name);
    if (entry === undefined) return;
    this.#entries.delete(name);
    for (const { length } of placesOf(entry)) this.#liveBytes -= length;
    if (entry.state === 'ended') this.#resultBytes -= entry.end.length;
  }

  #keepEnd(name: string, end: Place): void {
    const entry = this.#entries.get(name);
    if (entry === undefined) return;
    const { at, begin } = entry;
    for (const { length } of placesOf(entry).slice(1)) this.#liveBytes -= length;
    this.#entries.set(name, { state: 'ended', at, begin, end });
    this.#liveBytes += end.length;
    this.#resultBytes += end.length;
  }

  #tidy(): void {
    this.#forgetOld();
    const file = this.#file;
    if (file === null || file.endOffset < 2 * this.#liveBytes + maxDeadBytes) return;
    try {
      this.#writeAnew(file);
    } catch {
      // It stays as long as it is until the disk has space.
    }
  }

  #forgetOld(): void {
    const { maxAgeMs, maxEntries, maxResultBytes } = this.#limits;
    const oldest = this.#now() - maxAgeMs;
    for (const [name, { at, state }] of this.#entries) {
      const isTooMuch = this.#entries.size > maxEntries || this.#resultBytes > maxResultBytes;
      if (at >= oldest && !isTooMuch) return;
      if (state !== 'underWay') this.#drop(name);
    }
  }

  #writeAnew(file: JournalFile): void {
    const moved = file.rewrite([...this.#entries.values()].flatMap(placesOf));
    const newPlace = (place: Place): Place => ({ ...place, offset: moved.get(place.offset) ?? place.offset });
    for (const [name, entry] of this.#entries) {
      const begin = newPlace(entry.begin);
      if (entry.state === 'ended') this.#entries.set(name, { ...entry, begin, end: newPlace(entry.end) });
      else {
        const { temporary } = entry;
        const kept = temporary === undefined ? {} : { temporary: { ...temporary, place: newPlace(temporary.place) } };
        this.#entries.set(name, { ...entry, begin, ...kept });
      }
    }
  }

  #now(): number {
    return (this.#options.now ?? Date.now)();
  }
}

/** Where the records of a call are; the first is its begin. */
const placesOf = (entry: Entry): Place[] => {
  if (entry.state === 'ended') return [entry.begin, entry.end];
  return entry.temporary === undefined ? [entry.begin] : [entry.begin, entry.temporary.place];
};

const nameOf = ({ sessionId, callId }: CallKey): string => `${sessionId}/${callId}`;

const notRecorded = (error: unknown): NavisError =>
  new NavisError('SPAWN_FAILED', `The call could not be recorded (${diskRefusal(error)}). Nothing was done.`, {
    cause: error,
  });

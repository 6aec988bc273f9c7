/** Screens of terminals that no host owns any more, rebuilt from their checkpoint and log on disk. */
import { openStoredLog } from '../stored-log.ts';
import { ScreenFeed } from './screen-feed.ts';
import type { ScreenThread } from './screen-thread.ts';

/** Each costs little while it rests; beyond this the one opened first is forgotten. */
const maxStored = 200;

export class StoredScreens {
  readonly #thread: ScreenThread;
  readonly #directoryOf: (terminalId: string) => string;
  readonly #feeds = new Map<string, ScreenFeed>();

  constructor(thread: ScreenThread, directoryOf: (terminalId: string) => string) {
    this.#thread = thread;
    this.#directoryOf = directoryOf;
  }

  of(terminalId: string, size: { columns: number; rows: number }): ScreenFeed {
    const known = this.#feeds.get(terminalId);
    if (known !== undefined) return known;
    const oldest = this.#feeds.keys().next();
    if (this.#feeds.size >= maxStored && oldest.done !== true) this.forget(oldest.value);
    const directory = this.#directoryOf(terminalId);
    const ignore = (): void => undefined;
    const listeners = { onReply: ignore, onTitle: ignore, onProgress: ignore };
    const source = openStoredLog(directory);
    const feed = new ScreenFeed({ id: terminalId, directory, source, size, thread: this.#thread, ...listeners });
    feed.setAnswers(false);
    this.#feeds.set(terminalId, feed);
    return feed;
  }

  forget(terminalId: string): void {
    this.#feeds.get(terminalId)?.dispose();
    this.#feeds.delete(terminalId);
  }
}

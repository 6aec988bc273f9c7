/** All screens of a host: parses what comes in small turns, answers questions in between, lets idle screens rest on disk. */
import { readCheckpoint, writeCheckpoint } from './checkpoint.ts';
import { HeadlessScreen } from './headless-screen.ts';
import type { FromScreenWorker, ScreenAnswer, ScreenQuestion, ToScreenWorker } from './screen-messages.types.ts';

type Work =
  | { kind: 'bytes'; bytes: Uint8Array; answers: boolean }
  | { kind: 'jump'; offset: number }
  | { kind: 'resize'; columns: number; rows: number };

interface KeptScreen {
  id: string;
  directory: string;
  screen: HeadlessScreen;
  work: Work[];
  questions: (ScreenQuestion & { expiresAt: number })[];
  usedAt: number;
  /** Of the checkpoint on disk; -1 when there is none or it is outdated for another reason. */
  checkpointOffset: number;
  checkpointAt: number;
}

/** About 3 ms of parsing, so that no question waits long behind a flood. */
const turnBytes = 32 * 1024;
/** A screen that nobody wrote to or asked for leaves memory after this long. */
const restAfterMs = 30_000;
/** Many screens at once rest soon: what the allocator once had for them it keeps. */
const manyScreens = 8;
const restSoonMs = 2000;
const restCheckMs = 1000;
/** The library's own timers hold a screen a little longer, and others may follow. */
const garbageMs = 1000;
/** How outdated the checkpoint of a busy screen may get. */
const checkpointEveryMs = 30_000;

export class ScreenKeeper {
  readonly #tell: (message: FromScreenWorker) => void;
  readonly #collectGarbage: () => void;
  readonly #screens = new Map<string, KeptScreen>();
  #turn: { cancel(): void } | null = null;
  #restTimer: NodeJS.Timeout | null = null;
  #garbageTimer: NodeJS.Timeout | null = null;

  constructor(tell: (message: FromScreenWorker) => void, collectGarbage: () => void) {
    this.#tell = tell;
    this.#collectGarbage = collectGarbage;
  }

  handle(message: ToScreenWorker): void {
    if (message.type === 'open') return this.#open(message);
    const kept = this.#screens.get(message.id);
    if (kept === undefined) return this.#tell({ type: 'closed', id: message.id });
    kept.usedAt = performance.now();
    switch (message.type) {
      case 'bytes':
        if (message.offset !== expectedOffset(kept)) kept.work.push({ kind: 'jump', offset: message.offset });
        kept.work.push({ kind: 'bytes', bytes: message.bytes, answers: message.answers });
        break;
      case 'resize':
        kept.checkpointOffset = -1;
        kept.work.push({ kind: 'resize', columns: message.columns, rows: message.rows });
        break;
      case 'question':
        kept.questions.push({ ...message, expiresAt: performance.now() + message.patienceMs });
        break;
      case 'rest':
        return this.#rest(kept);
      case 'forget':
        return this.#forget(kept);
    }
    this.#schedule();
  }

  #open({ id, directory, columns, rows }: Extract<ToScreenWorker, { type: 'open' }>): void {
    const listener = {
      onReply: (text: string) => this.#tell({ type: 'reply', id, text }),
      onTitle: (title: string) => this.#tell({ type: 'title', id, title }),
    };
    const state = readCheckpoint(directory);
    const screen =
      state === null
        ? new HeadlessScreen({ offset: 0, columns, rows }, listener)
        : HeadlessScreen.restore(state, listener);
    const offset = screen.parsedOffset;
    const now = performance.now();
    const times = { usedAt: now, checkpointAt: now };
    this.#screens.set(id, { id, directory, screen, work: [], questions: [], checkpointOffset: offset, ...times });
    this.#restTimer ??= setInterval(() => this.#restIdle(), restCheckMs);
    this.#tell({ type: 'position', id, offset });
  }

  /** At once while there is work, else when the first question has waited long enough. */
  #schedule(): void {
    this.#turn?.cancel();
    this.#turn = null;
    const screens = [...this.#screens.values()];
    if (screens.some(({ work, screen, questions }) => work.length > 0 || questions.some(isDue(screen)))) {
      const immediate = setImmediate(() => this.#takeTurn());
      this.#turn = { cancel: () => clearImmediate(immediate) };
      return;
    }
    const expiresAt = Math.min(...screens.flatMap(({ questions }) => questions.map((question) => question.expiresAt)));
    if (expiresAt === Infinity) return;
    const timer = setTimeout(() => this.#takeTurn(), Math.max(1, expiresAt - performance.now()));
    this.#turn = { cancel: () => clearTimeout(timer) };
  }

  /** One piece of work for each screen that has some; messages are read between turns. */
  #takeTurn(): void {
    for (const kept of this.#screens.values()) {
      const [work] = kept.work;
      if (work !== undefined) this.#doWork(kept, work);
      this.#answer(kept);
    }
    this.#schedule();
  }

  #doWork(kept: KeptScreen, work: Work): void {
    const { screen } = kept;
    if (work.kind === 'bytes') {
      work.bytes = work.bytes.subarray(screen.feed(work.bytes, { answers: work.answers, maxBytes: turnBytes }));
      if (work.bytes.length > 0) return;
    } else if (work.kind === 'resize') screen.resize(work);
    else screen.jump(work.offset);
    kept.work.shift();
    if (work.kind === 'bytes' && !kept.work.some(({ kind }) => kind === 'bytes')) {
      this.#tell({ type: 'position', id: kept.id, offset: screen.parsedOffset });
    }
  }

  #answer(kept: KeptScreen): void {
    const { screen } = kept;
    const due = kept.questions.filter(isDue(screen));
    if (due.length === 0) return;
    kept.questions = kept.questions.filter((question) => !due.includes(question));
    for (const { request, ask } of due) {
      const answer: ScreenAnswer =
        ask.kind === 'state'
          ? { kind: 'state', state: screen.state(ask.scrollback) }
          : { kind: 'lines', lines: screen.lines(ask.count) };
      this.#tell({ type: 'answer', request, answer, parsedOffset: screen.parsedOffset });
    }
  }

  #restIdle(): void {
    const limit = performance.now() - (this.#screens.size > manyScreens ? restSoonMs : restAfterMs);
    for (const kept of this.#screens.values()) {
      if (kept.work.length === 0 && kept.questions.length === 0 && kept.usedAt < limit) this.#rest(kept);
      else if (kept.checkpointAt < performance.now() - checkpointEveryMs) this.#checkpoint(kept);
    }
  }

  /** With a disk that refuses, the screen stays in memory. */
  #rest(kept: KeptScreen): void {
    if (!this.#checkpoint(kept)) return;
    this.#forget(kept);
    this.#tell({ type: 'closed', id: kept.id });
  }

  #checkpoint(kept: KeptScreen): boolean {
    const { directory, screen } = kept;
    if (screen.parsedOffset === kept.checkpointOffset) return true;
    try {
      writeCheckpoint(directory, screen.state(Infinity));
      kept.checkpointOffset = screen.parsedOffset;
      kept.checkpointAt = performance.now();
      return true;
    } catch {
      return false;
    }
  }

  #sweep(): void {
    this.#garbageTimer = null;
    this.#collectGarbage();
  }

  #forget({ id, screen }: KeptScreen): void {
    screen.dispose();
    this.#screens.delete(id);
    if (this.#garbageTimer === null) this.#garbageTimer = setTimeout(() => this.#sweep(), garbageMs);
    if (this.#screens.size > 0 || this.#restTimer === null) return;
    clearInterval(this.#restTimer);
    this.#restTimer = null;
  }
}

const isDue =
  (screen: HeadlessScreen) =>
  ({ target, expiresAt }: { target: number; expiresAt: number }): boolean =>
    screen.parsedOffset >= target || expiresAt <= performance.now();

/** The offset at which the next bytes continue. */
const expectedOffset = ({ screen, work }: KeptScreen): number =>
  work.reduce((offset, one) => {
    if (one.kind === 'jump') return one.offset;
    return one.kind === 'bytes' ? offset + one.bytes.length : offset;
  }, screen.parsedOffset);

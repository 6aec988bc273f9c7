/** Bytes to and from a program in a terminal of any machine, as streams: what the protocol of an agent travels on (I19). */
import type { Machine, OutputSubscription } from '@navisai/machine';
import { NavisError } from '@navisai/protocol';

export interface TerminalChannel extends Disposable {
  readable: ReadableStream<Uint8Array>;
  writable: WritableStream<Uint8Array>;
  /** Why it ended before its program did. */
  readonly problem: NavisError | undefined;
  /** How its program ended, where that is known. */
  readonly end: ProgramEnd | undefined;
}

export interface ProgramEnd {
  exitCode: number;
  /** The last of what it said beside the protocol. */
  words: string;
}

/** Resolves when more may be told; `undefined`: now. Until then the program is not read, and waits when its terminal is full. */
export type Room = () => Promise<void> | undefined;

/** Said by the command in the terminal once that echoes nothing: before, what is written would come back. */
export const readyLine = 'navis: ready';

/** Said with its exit code when the program in the terminal has ended; its last words follow. */
export const endedWord = 'navis: ended';
export const maxLastWordsBytes = 2048;
/** What a program leaves behind may hold the terminal open for longer. */
const lastWordsMs = 2000;

const windowBytes = 1024 * 1024;
/** A line longer than this is no message of an agent. */
const maxLineBytes = 16 * 1024 * 1024;
const pieceBytes = 64 * 1024;
const lineEnd = 0x0a;

type ChannelMachine = Pick<Machine, 'attach' | 'input'>;

/** Lines that are no JSON objects, such as what a shell says, are left out. The readable ends with the program. */
export const openTerminalChannel = (machine: ChannelMachine, terminalId: string, room: Room): TerminalChannel => {
  const reader = new LineReader({ machine, terminalId, room });
  const writable = new WritableStream<Uint8Array>({
    async write(bytes) {
      await reader.ready;
      for (let at = 0; at < bytes.length;) {
        const { acceptedBytes } = await machine.input(terminalId, bytes.subarray(at, at + pieceBytes));
        at += acceptedBytes;
      }
    },
  });
  return {
    readable: reader.lines,
    writable,
    get problem() {
      return reader.problem;
    },
    get end() {
      return reader.end;
    },
    [Symbol.dispose]: () => reader.close(),
  };
};

/** Before whoever else writes; what cannot be written any more is told by the end of what is read. */
export const sayFirst = ({ writable }: TerminalChannel, text: string): void => {
  const writer = writable.getWriter();
  if (text !== '') writer.write(Buffer.from(text)).catch(() => undefined);
  writer.releaseLock();
};

interface LineReaderParts {
  machine: ChannelMachine;
  terminalId: string;
  room: Room;
}

/**
 * Acknowledges what was told, so that no more than a window waits here. Who stalls for long is closed by the machine, which
 * keeps what is said meanwhile: reading goes on there. VIEWER_OVERFLOW: more was said than it keeps.
 */
class LineReader {
  readonly lines: ReadableStream<Uint8Array>;
  readonly #parts: LineReaderParts;
  readonly #ready = Promise.withResolvers<void>();
  readonly #json = new JsonLines({
    onReady: () => this.#ready.resolve(),
    onEnded: () => (this.#late = setTimeout(() => this.#afterAll(() => this.#end()), lastWordsMs)),
  });
  readonly #waiting: { offset: number; bytes: Uint8Array }[] = [];
  #told: ReadableStreamDefaultController<Uint8Array> | undefined;
  #subscription: OutputSubscription | undefined;
  /** Everything before it was told. */
  #next = 0;
  /** Where reading last began. */
  #begunAt = -1;
  #isTelling = false;
  #isClosed = false;
  /** What is to be done when everything that waits was told. */
  #then: (() => void) | undefined;
  #problem: NavisError | undefined;
  #late: NodeJS.Timeout | undefined;

  constructor(parts: LineReaderParts) {
    this.#parts = parts;
    this.lines = new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.#told = controller;
        this.#attach();
      },
      cancel: () => this.close(),
    });
  }

  /** What is written arrives as it is; also when nothing can arrive any more. */
  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  get problem(): NavisError | undefined {
    return this.#problem;
  }

  get end(): ProgramEnd | undefined {
    return this.#json.end;
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#late);
    this.#ready.resolve();
    this.#waiting.length = 0;
    this.#subscription?.close();
  }

  /** Throws NavisError when there is no such terminal. */
  #attach(): void {
    this.#begunAt = this.#next;
    const { machine, terminalId } = this.#parts;
    const request = { terminalId, from: this.#next, snapshot: false, scrollback: 0, windowBytes };
    this.#subscription = machine.attach(request, {
      onOutput: ({ offset, bytes }) => {
        this.#waiting.push({ offset, bytes: bytes.slice() });
        void this.#tell();
      },
      onSkipped: () => this.#afterAll(() => this.#overflow()),
      onExit: () => this.#afterAll(() => this.#end()),
      onSnapshot: () => undefined,
      onOverflow: () => this.#afterAll(() => this.#goOn()),
    });
  }

  async #tell(): Promise<void> {
    if (this.#isTelling) return;
    this.#isTelling = true;
    for (let chunk = this.#waiting.shift(); chunk !== undefined; chunk = this.#waiting.shift()) {
      await this.#parts.room();
      if (this.#isClosed) return;
      for (const line of this.#json.take(chunk.bytes)) this.#told?.enqueue(line);
      this.#next = chunk.offset + chunk.bytes.length;
      // Whoever reads has taken these lines by then, and it is known whether there is room for more.
      await new Promise((resolve) => setImmediate(resolve));
      this.#subscription?.acknowledge(this.#next);
    }
    this.#isTelling = false;
    this.#then?.();
  }

  #afterAll(then: () => void): void {
    this.#then ??= then;
    if (!this.#isTelling) this.#then();
  }

  /** From where it was closed for being slow; not twice at one place, where the terminal is gone. */
  #goOn(): void {
    this.#then = undefined;
    if (this.#isClosed) return;
    if (this.#next === this.#begunAt) return this.#end();
    try {
      this.#attach();
    } catch {
      this.#end();
    }
  }

  #overflow(): void {
    this.#problem ??= new NavisError('VIEWER_OVERFLOW', 'It said more at once than a terminal keeps.');
    this.#end();
  }

  #end(): void {
    const wasClosed = this.#isClosed;
    this.close();
    if (!wasClosed) this.#told?.close();
  }
}

interface LinesListener {
  onReady(): void;
  onEnded(): void;
}

/** Cuts bytes into lines and keeps those that begin like a JSON object. */
class JsonLines {
  readonly #listener: LinesListener;
  #rest: Uint8Array[] = [];
  #length = 0;
  #end: ProgramEnd | undefined;

  constructor(listener: LinesListener) {
    this.#listener = listener;
  }

  get end(): ProgramEnd | undefined {
    if (this.#end === undefined) return undefined;
    const words = this.#end.words + Buffer.concat(this.#rest).toString();
    return { ...this.#end, words: words.slice(-maxLastWordsBytes) };
  }

  *take(bytes: Uint8Array): Generator<Uint8Array> {
    let from = 0;
    for (let end = bytes.indexOf(lineEnd); end >= 0; end = bytes.indexOf(lineEnd, from)) {
      this.#keep(bytes.subarray(from, end + 1));
      from = end + 1;
      const line = Buffer.concat(this.#rest);
      this.#rest = [];
      this.#length = 0;
      const beginning = line.toString('latin1', 0, 64);
      if (this.#end !== undefined) this.#end.words = (this.#end.words + line.toString()).slice(-maxLastWordsBytes);
      else if (/^\s*\{/.test(beginning)) yield new Uint8Array(line);
      else this.#takeOwn(beginning.trim());
    }
    this.#keep(bytes.subarray(from));
  }

  #takeOwn(line: string): void {
    if (line === readyLine) return this.#listener.onReady();
    if (!line.startsWith(endedWord)) return;
    this.#end = { exitCode: Number(line.slice(endedWord.length)), words: '' };
    this.#listener.onEnded();
  }

  #keep(piece: Uint8Array): void {
    this.#length += piece.length;
    if (this.#length <= maxLineBytes) this.#rest.push(piece);
    else this.#rest = [];
  }
}

/** The screen of one terminal: fed with its bytes, it knows what a person would see and how to rebuild it elsewhere. */
import headless from '@xterm/headless';
import type { Terminal } from '@xterm/headless';
import { plainLines } from './plain-lines.ts';
import { serializeScreen } from './serialize-screen.ts';
import { findPlainSkip, type PlainSkip } from './skip-plain.ts';
import { groundState, internalsOf, type TerminalInternals } from './xterm-internals.ts';

/** Rows above the screen that are kept; more history is read from the log. */
export const scrollbackRows = 1000;
/** Smaller rests of a chunk are parsed rather than searched for what can be skipped. */
const minSkipBytes = 128 * 1024;
const maxTitleLength = 1024;
/** Settings of a palette, at most; a program has no reason for more. */
const maxColors = 300;

export interface ScreenState {
  /** The byte offset of which this is the state. */
  offset: number;
  columns: number;
  rows: number;
  data: string;
  title: string;
  cwd: string | null;
  alternateScreen: boolean;
}

export interface ScreenListener {
  /** What a terminal answers to a query of the program. */
  onReply(text: string): void;
  onTitle(title: string): void;
}

export class HeadlessScreen {
  readonly #terminal: Terminal;
  readonly #internals: TerminalInternals;
  readonly #listener: ScreenListener;
  readonly #colors = new Map<string, string>();
  #title = '';
  #cwd: string | null = null;
  /** Offset behind the last parsed byte. */
  #parsedOffset: number;
  /** Offset behind the last complete sequence and character: an unfinished one is not part of a state. */
  #stateOffset: number;
  #answers = false;

  constructor(start: { offset: number; columns: number; rows: number }, listener: ScreenListener) {
    const { offset, columns, rows } = start;
    this.#terminal = new headless.Terminal({
      cols: columns,
      rows,
      scrollback: scrollbackRows,
      allowProposedApi: true,
      logLevel: 'off',
    });
    this.#internals = internalsOf(this.#terminal);
    this.#listener = listener;
    this.#parsedOffset = offset;
    this.#stateOffset = offset;
    this.#terminal.onData((text) => this.#reply(text));
    this.#terminal.onTitleChange((title) => this.#setTitle(title));
    this.#watchSequences();
  }

  static restore(state: ScreenState, listener: ScreenListener): HeadlessScreen {
    const screen = new HeadlessScreen(state, listener);
    screen.#title = state.title;
    screen.#cwd = state.cwd;
    screen.#parse(state.data);
    return screen;
  }

  get parsedOffset(): number {
    return this.#parsedOffset;
  }

  get title(): string {
    return this.#title;
  }

  /** Parses `bytes`, which begin at the parsed offset; returns how many of them, at most about `maxBytes` of real work. */
  feed(bytes: Uint8Array, { answers, maxBytes }: { answers: boolean; maxBytes: number }): number {
    this.#answers = answers;
    const skip = this.#findSkip(bytes);
    if (skip === null) return this.#take(bytes, maxBytes);
    for (let at = 0; at < skip.from;) at += this.#take(bytes.subarray(at, skip.from), maxBytes);
    this.#parse(skip.attributes);
    this.#parsedOffset += skip.to - skip.from;
    this.#stateOffset = this.#parsedOffset;
    return skip.to;
  }

  /** The bytes from the parsed offset up to `offset` are lost: an unfinished sequence is given up. */
  jump(offset: number): void {
    this.#answers = false;
    this.#parse('\x18');
    this.#parsedOffset = offset;
    this.#stateOffset = offset;
  }

  resize({ columns, rows }: { columns: number; rows: number }): void {
    this.#terminal.resize(columns, rows);
  }

  state(scrollback: number): ScreenState {
    const { cols: columns, rows, buffers } = this.#internals;
    const title = this.#title;
    return {
      offset: this.#stateOffset,
      columns,
      rows,
      data: serializeScreen(this.#internals, { scrollback, title, colors: this.#colors.values() }),
      title,
      cwd: this.#cwd,
      alternateScreen: buffers.active === buffers.alt,
    };
  }

  lines(count: number): string[] {
    return plainLines(this.#internals, count);
  }

  dispose(): void {
    this.#terminal.dispose();
  }

  #findSkip(bytes: Uint8Array): PlainSkip | null {
    const { cols: columns, rows, buffers, coreService, _inputHandler: input } = this.#internals;
    const { scrollTop, scrollBottom, x } = buffers.active;
    const hasMargins = scrollTop !== 0 || scrollBottom !== rows - 1;
    if (bytes.length < minSkipBytes || hasMargins || !coreService.decPrivateModes.wraparound) return null;
    if (input._parser.currentState !== groundState || unfinishedBytes(input._utf8Decoder.interim) > 0) return null;
    return findPlainSkip({ bytes, column: x, columns, leadRows: rows + 1, keepRows: 2 * rows + scrollbackRows });
  }

  #take(bytes: Uint8Array, maxBytes: number): number {
    const piece = bytes.length > maxBytes ? bytes.subarray(0, maxBytes) : bytes;
    const start = this.#parsedOffset;
    this.#parse(piece);
    this.#parsedOffset += piece.length;
    const { _parser: parser, _utf8Decoder: decoder } = this.#internals._inputHandler;
    if (parser.currentState === groundState) {
      this.#stateOffset = this.#parsedOffset - unfinishedBytes(decoder.interim);
    } else {
      const introducer = lastIntroducer(piece);
      if (introducer >= 0) this.#stateOffset = start + introducer;
    }
    return piece.length;
  }

  /** The library throws on a few odd sequences; the rest of such a piece is lost for the screen, not for the log. */
  #parse(data: string | Uint8Array): void {
    try {
      this.#internals._inputHandler.parse(data);
    } catch {
      this.#internals._inputHandler._parser.reset();
    }
  }

  #reply(text: string): void {
    if (this.#answers) this.#listener.onReply(text);
  }

  #setTitle(title: string): void {
    this.#title = title.slice(0, maxTitleLength);
    this.#listener.onTitle(this.#title);
  }

  #watchSequences(): void {
    const { parser } = this.#terminal;
    parser.registerOscHandler(7, (data) => {
      this.#cwd = directoryOf(data) ?? this.#cwd;
      return false;
    });
    for (const code of [4, 10, 11, 12]) {
      parser.registerOscHandler(code, (data) => {
        const key = code === 4 ? `4;${data.split(';')[0]}` : String(code);
        if (!data.includes('?') && this.#colors.size < maxColors) this.#colors.set(key, `${code};${data}`);
        return false;
      });
      parser.registerOscHandler(code + 100, (data) => {
        for (const key of this.#colors.keys()) if (isReset(key, code, data)) this.#colors.delete(key);
        return false;
      });
    }
    // A full reset (RIS).
    parser.registerEscHandler({ final: 'c' }, () => {
      this.#colors.clear();
      return false;
    });
  }
}

const isReset = (key: string, code: number, data: string): boolean =>
  code === 4 ? key.startsWith('4;') && (data === '' || data.split(';').includes(key.slice(2))) : key === String(code);

/** Bytes of a character that is not complete yet. */
const unfinishedBytes = (interim: Uint8Array): number => {
  const end = interim.indexOf(0);
  return end < 0 ? interim.length : end;
};

/** The last byte that may have begun the sequence that is unfinished at the end: ESC, or a C1 control. */
const lastIntroducer = (bytes: Uint8Array): number => {
  for (let at = bytes.length - 1; at >= 0; at -= 1) {
    const byte = bytes[at] ?? 0;
    const next = bytes[at + 1] ?? 0;
    if (byte === 0x1b || (byte === 0xc2 && next >= 0x80 && next < 0xa0)) return at;
  }
  return -1;
};

/** OSC 7 tells `file://host/path`. */
const directoryOf = (data: string): string | null => {
  try {
    return data.startsWith('file://') ? decodeURIComponent(new URL(data).pathname) : null;
  } catch {
    return null;
  }
};

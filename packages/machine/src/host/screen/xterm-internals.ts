/** The parts of xterm's headless terminal that its public interface does not tell; the version is pinned, a test covers each. */
import type { Terminal } from '@xterm/headless';

export interface CellAttributes {
  fg: number;
  bg: number;
  extended: { urlId: number; underlineStyle: number; underlineColor: number };
  isBold(): number;
  isDim(): number;
  isItalic(): number;
  isUnderline(): number;
  isBlink(): number;
  isInverse(): number;
  isInvisible(): number;
  isStrikethrough(): number;
  isOverline(): number;
  isProtected(): number;
  isFgRGB(): boolean;
  isFgPalette(): boolean;
  isBgRGB(): boolean;
  isBgPalette(): boolean;
  getFgColor(): number;
  getBgColor(): number;
  hasExtendedAttrs(): number;
}

export interface Cell extends CellAttributes {
  getChars(): string;
  getWidth(): number;
}

export interface BufferLine {
  readonly length: number;
  readonly isWrapped: boolean;
  loadCell(index: number, cell: Cell): Cell;
  translateToString(trimRight: boolean): string;
}

export type Charset = Record<string, string> | undefined;

export interface ScreenBuffer {
  readonly lines: { readonly length: number; get(index: number): BufferLine | undefined };
  readonly ybase: number;
  readonly x: number;
  readonly y: number;
  readonly scrollTop: number;
  readonly scrollBottom: number;
  readonly tabs: Record<number, boolean>;
  readonly savedX: number;
  readonly savedY: number;
  readonly savedCurAttrData: CellAttributes;
  readonly savedCharset: Charset;
  getNullCell(): Cell;
}

export interface DecPrivateModes {
  applicationCursorKeys: boolean;
  applicationKeypad: boolean;
  bracketedPasteMode: boolean;
  cursorBlink: boolean | undefined;
  cursorStyle: 'block' | 'underline' | 'bar' | undefined;
  origin: boolean;
  reverseWraparound: boolean;
  sendFocus: boolean;
  wraparound: boolean;
}

export interface TerminalInternals {
  readonly cols: number;
  readonly rows: number;
  readonly options: { convertEol: boolean; cursorBlink: boolean };
  readonly buffers: { readonly normal: ScreenBuffer; readonly alt: ScreenBuffer; readonly active: ScreenBuffer };
  readonly coreService: {
    readonly isCursorHidden: boolean;
    readonly modes: { insertMode: boolean };
    readonly decPrivateModes: DecPrivateModes;
  };
  readonly coreMouseService: { readonly activeProtocol: string; readonly activeEncoding: string };
  readonly _charsetService: { readonly charset: Charset; readonly glevel: number; readonly _charsets: Charset[] };
  readonly _oscLinkService: { getLinkData(id: number): { id?: string; uri: string } | undefined };
  readonly _inputHandler: {
    readonly _curAttrData: CellAttributes;
    readonly _parser: { readonly currentState: number; readonly precedingJoinState: number; reset(): void };
    readonly _utf8Decoder: { readonly interim: Uint8Array };
    /** Parses at once, as no handler here is asynchronous. Throws on some odd sequences; what follows can be parsed then. */
    parse(data: string | Uint8Array): void;
  };
}

export const internalsOf = (terminal: Terminal): TerminalInternals =>
  (terminal as unknown as { _core: TerminalInternals })._core;

/** A cell to load others into. (The buffer's own null cell is shared with the terminal and must not change.) */
export const newCell = (buffer: ScreenBuffer): Cell => new (buffer.getNullCell().constructor as new () => Cell)();

/** The parser is between sequences. */
export const groundState = 0;

/**
 * A whole terminal state as sequences: fed to a reset terminal of the same size they rebuild it, so that the bytes which
 * follow have the same effect there. (The serialize addon leaves out saved cursors, margins, tab stops, character sets,
 * links, cursor shape and the pending wrap.)
 */
import { attributesKey, attributesSequence, defaultAttributesKey } from './cell-attributes.ts';
import { linkSequence, serializeRows } from './serialize-rows.ts';
import {
  newCell,
  type CellAttributes,
  type Charset,
  type ScreenBuffer,
  type TerminalInternals,
} from './xterm-internals.ts';

export interface SerializeOptions {
  /** Rows above the screen, at most. */
  scrollback: number;
  title: string;
  /** Colour settings (OSC 4, 10, 11, 12) in effect, as they were received. */
  colors: Iterable<string>;
}

export const serializeScreen = (terminal: TerminalInternals, options: SerializeOptions): string => {
  const { normal, alt, active } = terminal.buffers;
  const end = normal.ybase + terminal.rows;
  const start = Math.max(0, normal.ybase - options.scrollback);
  const parts = [...serializeRows(terminal, normal, { start, end }), bufferState(terminal, normal)];
  if (active === alt) {
    parts.push('\x1b[?1047h\x1b[H', ...serializeRows(terminal, alt, { start: 0, end: terminal.rows }));
    parts.push(bufferState(terminal, alt));
  }
  parts.push(titleSequence(options.title), ...[...options.colors].map((color) => `\x1b]${color}\x1b\\`));
  parts.push(modes(terminal), cursor(terminal, active));
  return parts.join('');
};

const titleSequence = (title: string): string => (title === '' ? '' : `\x1b]2;${title}\x1b\\`);

/** Tab stops, saved cursor and margins belong to each buffer. Ends with default attributes. */
const bufferState = (terminal: TerminalInternals, buffer: ScreenBuffer): string => {
  const { scrollTop, scrollBottom } = buffer;
  const hasMargins = scrollTop !== 0 || scrollBottom !== terminal.rows - 1;
  const margins = hasMargins ? `\x1b[${scrollTop + 1};${scrollBottom + 1}r` : '';
  return tabStops(terminal, buffer) + savedCursor(buffer, terminal.rows) + margins;
};

const tabStopWidth = 8;

const tabStops = ({ cols }: TerminalInternals, { tabs }: ScreenBuffer): string => {
  const columns = Array.from({ length: cols }, (_, column) => column);
  if (columns.every((column) => (tabs[column] === true) === (column % tabStopWidth === 0))) return '';
  const stops = columns.filter((column) => tabs[column] === true).map((column) => `\x1b[${column + 1}G\x1bH`);
  return `\x1b[3g${stops.join('')}`;
};

const savedCursor = (buffer: ScreenBuffer, rows: number): string => {
  const row = Math.min(Math.max(0, buffer.savedY - buffer.ybase), rows - 1);
  const isDefault = row === 0 && buffer.savedX === 0 && attributesKey(buffer.savedCurAttrData) === defaultAttributesKey;
  const charset = charsetFinal(buffer.savedCharset);
  if (isDefault && charset === 'B') return '';
  const attributes = attributesSequence(buffer.savedCurAttrData);
  const withCharset = charset === 'B' ? '\x1b7' : `\x1b(${charset}\x1b7\x1b(B`;
  return `\x1b[${row + 1};${buffer.savedX + 1}H${attributes}${withCharset}\x1b[m`;
};

/** The final character that designates `charset`: line drawing and UK are told apart, the rare national ones are not. */
const charsetFinal = (charset: Charset): string => {
  if (charset?.q === '\u2500') return '0';
  return charset?.['#'] === '\u00a3' && Object.keys(charset).length === 1 ? 'A' : 'B';
};

const mouseProtocols: Record<string, string> = { X10: '9', VT200: '1000', DRAG: '1002', ANY: '1003' };
const mouseEncodings: Record<string, string> = { SGR: '1006', SGR_PIXELS: '1016' };
const cursorShapes = { block: 1, underline: 3, bar: 5 } as const;

/** Modes that do not change what the rest of the serialisation does. */
const modes = ({ coreService, coreMouseService, options, _charsetService }: TerminalInternals): string => {
  const { decPrivateModes: dec } = coreService;
  const shape = dec.cursorStyle === undefined ? 0 : cursorShapes[dec.cursorStyle] + (dec.cursorBlink === true ? 0 : 1);
  return [
    dec.applicationCursorKeys ? '\x1b[?1h' : '',
    dec.applicationKeypad ? '\x1b=' : '',
    dec.bracketedPasteMode ? '\x1b[?2004h' : '',
    dec.reverseWraparound ? '\x1b[?45h' : '',
    dec.sendFocus ? '\x1b[?1004h' : '',
    privateMode(mouseProtocols[coreMouseService.activeProtocol]),
    privateMode(mouseEncodings[coreMouseService.activeEncoding]),
    options.cursorBlink ? '\x1b[?12h' : '',
    shape === 0 ? '' : `\x1b[${shape} q`,
    coreService.isCursorHidden ? '\x1b[?25l' : '',
    options.convertEol ? '\x1b[20h' : '',
    ...['(', ')', '*', '+'].map((group, index) => {
      // A restored cursor may have brought its own set, which then counts until the next shift.
      const isCurrent = index === _charsetService.glevel;
      const final = charsetFinal(isCurrent ? _charsetService.charset : _charsetService._charsets[index]);
      return final === 'B' ? '' : `\x1b${group}${final}`;
    }),
    ['', '\x0e', '\x1bn', '\x1bo'][_charsetService.glevel] ?? '',
  ].join('');
};

const privateMode = (number: string | undefined): string => (number === undefined ? '' : `\x1b[?${number}h`);

/** Position, attributes and the modes that printing depends on; a cursor that waits to wrap waits again. */
const cursor = (terminal: TerminalInternals, buffer: ScreenBuffer): string => {
  const { decPrivateModes: dec, modes: ansi } = terminal.coreService;
  const attributes = terminal._inputHandler._curAttrData;
  const top = dec.origin ? buffer.scrollTop : 0;
  const moveTo = (column: number): string => `\x1b[${buffer.y - top + 1};${column + 1}H`;
  const printing = (dec.origin ? '\x1b[?6h' : '') + (dec.wraparound ? '' : '\x1b[?7l');
  const insert = ansi.insertMode ? '\x1b[4h' : '';
  const last = lastPrinted(terminal, buffer);
  const linkFrom = (present: number): string => {
    const linkId = linkIdOf(attributes);
    return linkId === present ? '' : linkSequence(terminal, linkId);
  };
  if (last === null) {
    return printing + insert + moveTo(Math.min(buffer.x, terminal.cols - 1)) + linkFrom(0) + changeTo(attributes);
  }
  const lastLink = linkIdOf(last.attributes);
  const open = lastLink === 0 ? '' : linkSequence(terminal, lastLink);
  const reprint = moveTo(last.column) + open + attributesSequence(last.attributes) + last.characters;
  // Any sequence forgets which character came last.
  const isForgotten = terminal._inputHandler._parser.precedingJoinState === 0;
  const present = isForgotten ? '' : attributesKey(last.attributes);
  return printing + reprint + insert + linkFrom(lastLink) + changeTo(attributes, present);
};

const linkIdOf = (attributes: CellAttributes): number =>
  attributes.hasExtendedAttrs() === 0 ? 0 : attributes.extended.urlId;

const changeTo = (attributes: CellAttributes, present = defaultAttributesKey): string =>
  attributesKey(attributes) === present ? '' : attributesSequence(attributes);

/**
 * The character before the cursor when it matters that it was printed last: the cursor waits to wrap behind it, or a
 * combining character or a repeat may follow. It is printed again to leave the terminal in that state.
 */
const lastPrinted = (terminal: TerminalInternals, buffer: ScreenBuffer) => {
  const isWaiting = buffer.x >= terminal.cols;
  const line = buffer.lines.get(buffer.ybase + buffer.y);
  if (line === undefined || buffer.x === 0) return null;
  if (!isWaiting && terminal._inputHandler._parser.precedingJoinState === 0) return null;
  const cell = newCell(buffer);
  let column = Math.min(buffer.x, terminal.cols) - 1;
  if (line.loadCell(column, cell).getWidth() === 0 && column > 0) column -= 1;
  line.loadCell(column, cell);
  const characters = cell.getChars() === '' ? ' ' : cell.getChars();
  const charset = terminal._charsetService.charset;
  const isTranslated = characters.length === 1 && charset?.[characters] !== undefined;
  return isTranslated ? null : { column, characters, attributes: cell };
};

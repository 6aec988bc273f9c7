/** Rows of a screen as text and sequences that paint them on a blank one, each from its first column. */
import {
  attributesKey,
  attributesSequence,
  defaultAttributesKey,
  hasDefaultBackground,
  isErased,
} from './cell-attributes.ts';
import { newCell, type BufferLine, type Cell, type ScreenBuffer, type TerminalInternals } from './xterm-internals.ts';

/** Rows `[start, end)` of `buffer`; each row's text ends with what leads to the next one. Attributes are default between. */
export const serializeRows = (
  terminal: TerminalInternals,
  buffer: ScreenBuffer,
  { start, end }: { start: number; end: number },
): string[] => {
  const painter = new RowPainter(terminal, newCell(buffer));
  const rows: string[] = [];
  let next = buffer.lines.get(start);
  for (let index = start; index < end && next !== undefined; index += 1) {
    const line = next;
    next = index + 1 < end ? buffer.lines.get(index + 1) : undefined;
    rows.push(painter.paint(line, next));
  }
  return rows;
};

class RowPainter {
  readonly #terminal: TerminalInternals;
  readonly #cell: Cell;
  #text = '';
  /** Column of the cursor; the number of columns when it waits to wrap; -1 when it must be set anew. */
  #column = 0;
  #attributes = defaultAttributesKey;
  #linkId = 0;

  constructor(terminal: TerminalInternals, cell: Cell) {
    this.#terminal = terminal;
    this.#cell = cell;
  }

  paint(line: BufferLine, next: BufferLine | undefined): string {
    this.#text = '';
    this.#column = 0;
    for (let column = 0; column < this.#terminal.cols;) column += this.#paintCell(line, column);
    this.#setLink(0);
    this.#setDefaultAttributes();
    if (next !== undefined) this.#leadTo(next, line);
    return this.#text;
  }

  /** Returns the columns that were dealt with. */
  #paintCell(line: BufferLine, column: number): number {
    const cell = line.loadCell(column, this.#cell);
    const width = cell.getWidth();
    const isBlank = cell.getChars() === '';
    if (width === 0 && isBlank) return 1;
    if (isBlank && isErased(cell)) return this.#paintErased(line, column);
    this.#moveTo(column);
    this.#setAttributes(cell);
    this.#text += isBlank ? ' ' : cell.getChars();
    this.#column = column + Math.max(1, width);
    // Terminals differ in how wide some characters are: what follows is placed by its column.
    if (!isBlank && !isPlain(cell.getChars()) && this.#column < this.#terminal.cols) this.#column = -1;
    return Math.max(1, width);
  }

  #paintErased(line: BufferLine, column: number): number {
    const key = attributesKey(this.#cell);
    let end = column + 1;
    for (; end < this.#terminal.cols; end += 1) {
      const cell = line.loadCell(end, this.#cell);
      if (cell.getChars() !== '' || cell.getWidth() === 0 || attributesKey(cell) !== key) break;
    }
    const first = line.loadCell(column, this.#cell);
    if (hasDefaultBackground(first)) return end - column;
    this.#moveTo(column);
    this.#setAttributes(first);
    this.#text += `\x1b[${end - column}X`;
    return end - column;
  }

  #moveTo(column: number): void {
    if (this.#column !== column) this.#text += `\x1b[${column + 1}G`;
    this.#column = column;
  }

  #setAttributes(cell: Cell): void {
    this.#setLink(cell.hasExtendedAttrs() ? cell.extended.urlId : 0);
    const key = attributesKey(cell);
    if (key === this.#attributes) return;
    this.#attributes = key;
    this.#text += attributesSequence(cell);
  }

  #setLink(linkId: number): void {
    if (linkId === this.#linkId) return;
    this.#linkId = linkId;
    this.#text += linkSequence(this.#terminal, linkId);
  }

  #setDefaultAttributes(): void {
    if (this.#attributes === defaultAttributesKey) return;
    this.#attributes = defaultAttributesKey;
    this.#text += '\x1b[m';
  }

  #leadTo(next: BufferLine, line: BufferLine): void {
    const { cols } = this.#terminal;
    if (!next.isWrapped) this.#text += '\r\n';
    else if (this.#column === cols) this.#text += startsPlainly(next, this.#cell) ? '' : forceWrap;
    else {
      // Wrapped from a last cell that is blank now: fill it, wrap, and erase it again in its colour.
      const last = line.loadCell(cols - 1, this.#cell);
      const erase = hasDefaultBackground(last) ? '\x1b[X' : `${attributesSequence(last)}\x1b[X\x1b[m`;
      this.#text += `\x1b[${cols}Gx${forceWrap}\x1b[A\x1b[${cols}G${erase}\x1b[B\r`;
    }
  }
}

/** Wraps a cursor that waits to, and erases the character that was needed for it. */
const forceWrap = 'x\r\x1b[X';

/** A first character without background wraps by itself; a background would colour the whole fresh row. */
const startsPlainly = (line: BufferLine, cell: Cell): boolean => {
  const first = line.loadCell(0, cell);
  return first.getChars() !== '' && first.getWidth() === 1 && hasDefaultBackground(first);
};

const isPlain = (characters: string): boolean => characters.length === 1 && characters.charCodeAt(0) < 0x300;

/** Opens the hyperlink, or closes the open one for 0. */
export const linkSequence = (terminal: TerminalInternals, linkId: number): string => {
  const link = linkId === 0 ? undefined : terminal._oscLinkService.getLinkData(linkId);
  return `\x1b]8;${link?.id === undefined ? '' : `id=${link.id}`};${link?.uri ?? ''}\x1b\\`;
};

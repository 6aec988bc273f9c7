/** Colours and flags of cells as the escape sequences that set them. */
import type { CellAttributes } from './xterm-internals.ts';

/** The lowest bits of `bg` hold the background colour, the highest six the flags. */
const flagBits = 0xfc000000;
/** In `bg`: underline style, underline colour or a link are set. */
const extendedBit = 0x10000000;
/** In `fg`. */
const underlineBit = 0x10000000;
/** SGR 38, 48 or 58 with the colour; palette colours below 16 have short forms for text and background. */
const namedColors = { text: 30, background: 40 } as const;

/** The terminal leaves bits of an earlier colour behind that no longer mean anything. */
const canonical = (value: number): number => {
  const mode = value & 0x3000000;
  if (mode === 0x3000000) return value;
  return value & (mode === 0 ? flagBits : flagBits | 0x30000ff);
};

/** Attributes of two cells are the same when their keys are. */
export const attributesKey = (cell: CellAttributes): string => {
  const base = `${canonical(cell.fg)}:${canonical(cell.bg) & ~extendedBit}`;
  const linkId = cell.hasExtendedAttrs() === 0 ? 0 : cell.extended.urlId;
  const hasExtended = cell.hasExtendedAttrs() !== 0 && (linkId !== 0 || (cell.fg & underlineBit) !== 0);
  return hasExtended ? `${base}:${cell.extended.underlineStyle}:${cell.extended.underlineColor}:${linkId}` : base;
};

export const defaultAttributesKey = '0:0';

/** Blank as an erase leaves it: only a background. */
export const isErased = (cell: CellAttributes): boolean => canonical(cell.fg) === 0 && (cell.bg & flagBits) === 0;

/** Its background is that of the terminal. */
export const hasDefaultBackground = (cell: CellAttributes): boolean => (cell.bg & 0x3000000) === 0;

/** The sequences that set exactly these attributes, whatever was set before; hyperlinks apart. */
export const attributesSequence = (cell: CellAttributes): string => {
  const codes = ['0', ...flagCodes(cell), ...colorCodes(cell)];
  const protection = cell.isProtected() === 0 ? '' : '\x1b[1"q';
  return `\x1b[${codes.join(';')}m${protection}`;
};

const flagCodes = (cell: CellAttributes): string[] => {
  const codes: string[] = [];
  if (cell.isBold()) codes.push('1');
  if (cell.isDim()) codes.push('2');
  if (cell.isItalic()) codes.push('3');
  if (cell.fg & underlineBit) codes.push(underlineCode(cell));
  if (cell.isBlink()) codes.push('5');
  if (cell.isInverse()) codes.push('7');
  if (cell.isInvisible()) codes.push('8');
  if (cell.isStrikethrough()) codes.push('9');
  if (cell.isOverline()) codes.push('53');
  return codes;
};

const underlineCode = (cell: CellAttributes): string => {
  const { urlId, underlineStyle } = cell.extended;
  // Of a link's text only "underlined" is kept by the terminal.
  return cell.hasExtendedAttrs() && urlId === 0 && underlineStyle > 1 ? `4:${underlineStyle}` : '4';
};

const colorCodes = (cell: CellAttributes): string[] => {
  const codes: string[] = [];
  if (cell.isFgRGB()) codes.push(`38;2;${channels(cell.getFgColor()).join(';')}`);
  else if (cell.isFgPalette()) codes.push(paletteCode(cell.getFgColor(), 'text'));
  if (cell.isBgRGB()) codes.push(`48;2;${channels(cell.getBgColor()).join(';')}`);
  else if (cell.isBgPalette()) codes.push(paletteCode(cell.getBgColor(), 'background'));
  return [...codes, ...underlineColorCodes(cell)];
};

const underlineColorCodes = (cell: CellAttributes): string[] => {
  const color = cell.hasExtendedAttrs() ? cell.extended.underlineColor : 0;
  const mode = (color >>> 24) & 3;
  if (mode === 0) return [];
  return mode === 3 ? [`58:2::${channels(color).join(':')}`] : [`58:5:${color & 0xff}`];
};

const channels = (color: number): number[] => [(color >>> 16) & 0xff, (color >>> 8) & 0xff, color & 0xff];

const paletteCode = (color: number, kind: keyof typeof namedColors): string => {
  const base = namedColors[kind];
  if (color < 8) return String(base + color);
  return color < 16 ? String(base + 60 + color - 8) : `${base + 8};5;${color}`;
};

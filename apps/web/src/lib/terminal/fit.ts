/** Sizes: the grid that fits a place, and the text that makes a given grid fit. */
import { maxTerminalSize } from '@navisai/protocol';
import type { Size } from './screen.types.ts';

export interface Box {
  width: number;
  height: number;
}

/** Below this nothing can be read; the place scrolls instead. */
export const smallestFontSize = 6;
const smallestGrid: Size = { columns: 20, rows: 4 };

/** The grid for whoever is in control; `undefined` while the place or the text has no size yet. */
export const gridFor = (place: Box, cell: Box): Size | undefined => {
  if (place.width <= 0 || place.height <= 0 || cell.width <= 0 || cell.height <= 0) return undefined;
  const clamp = (value: number, least: number, most: number): number =>
    Math.min(most, Math.max(least, Math.floor(value)));
  return {
    columns: clamp(place.width / cell.width, smallestGrid.columns, maxTerminalSize.columns),
    rows: clamp(place.height / cell.height, smallestGrid.rows, maxTerminalSize.rows),
  };
};

/** The size of text, in half pixels, at which the grid of somebody else fits; never above what the person prefers. */
export const fontSizeFor = (request: {
  place: Box;
  cell: Box;
  fontSize: number;
  grid: Size;
  preferred: number;
}): number => {
  const { place, cell, fontSize, grid, preferred } = request;
  if (cell.width <= 0 || cell.height <= 0) return preferred;
  const scale = Math.min(place.width / (grid.columns * cell.width), place.height / (grid.rows * cell.height));
  const fitting = Math.floor(fontSize * scale * 2) / 2;
  return Math.min(preferred, Math.max(smallestFontSize, fitting));
};

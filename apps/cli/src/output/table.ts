/** Lists as aligned columns; every cell is escaped here, so callers pass text as they got it. */
import { printable } from './printable.ts';
import { fitText, textWidth } from './text-width.ts';

const gap = '  ';
/** A column is never squeezed below this. */
const leastColumns = 12;

export interface TableOptions {
  headings: readonly string[];
  rows: readonly (readonly string[])[];
  /** Columns of the terminal; without it nothing is cut. */
  columns?: number | undefined;
  heading: (text: string) => string;
}

/** The lines of a table; the last column is cut to fit the terminal. */
export const formatTable = ({ headings, rows, columns, heading }: TableOptions): string[] => {
  const cells = rows.map((row) => row.map((cell) => printable(cell)));
  const widths = headings.map((title, index) =>
    Math.max(textWidth(title), ...cells.map((row) => textWidth(row[index] ?? ''))),
  );
  const before = widths.slice(0, -1).reduce((sum, width) => sum + width + gap.length, 0);
  const lastWidth = columns === undefined ? undefined : Math.max(leastColumns, columns - before);
  const line = (row: readonly string[], style: (text: string) => string = (text) => text): string =>
    row
      .map((cell, index) => {
        if (index === row.length - 1) return style(lastWidth === undefined ? cell : fitText(cell, lastWidth));
        return style(cell) + ' '.repeat(Math.max(0, (widths[index] ?? 0) - textWidth(cell)));
      })
      .join(gap)
      .trimEnd();
  return [line(headings, heading), ...cells.map((row) => line(row))];
};

/** Lines of many nodes on one screen: the aligned name before each, a colour per node, stderr marked. */
import type { Output } from '../output/output.ts';
import { printable } from '../output/printable.ts';
import { fitText, textWidth } from '../output/text-width.ts';

type Colors = Output['colors'];
type Color =
  'cyan' | 'yellow' | 'green' | 'magenta' | 'blue' | 'cyanBright' | 'yellowBright' | 'greenBright' | 'magentaBright';

const palette: readonly Color[] = [
  'cyan',
  'yellow',
  'green',
  'magenta',
  'blue',
  'cyanBright',
  'yellowBright',
  'greenBright',
  'magentaBright',
];
const maxNameColumns = 24;
/** Between name and line. */
const marks = { stdout: '│', stderr: '!' } as const;

export class PrefixedLines {
  readonly #output: Output;
  readonly #columns: number;
  readonly #places: ReadonlyMap<string, number>;

  constructor(names: readonly string[], output: Output) {
    this.#output = output;
    this.#columns = Math.min(maxNameColumns, Math.max(0, ...names.map((name) => textWidth(printable(name)))));
    this.#places = new Map(names.map((name, index) => [name, index]));
  }

  /** Resolves when more may follow. */
  show(name: string, stream: 'stdout' | 'stderr', line: string): Promise<void> {
    const colors = stream === 'stdout' ? this.#output.colors : this.#output.errorColors;
    const mark = stream === 'stderr' ? colors.red(marks.stderr) : colors.dim(marks.stdout);
    const text = `${this.#prefix(name, colors)} ${mark}${line === '' ? '' : ' '}${line}\n`;
    return this.#output.stream(stream, new TextEncoder().encode(text));
  }

  #prefix(name: string, colors: Colors): string {
    const shown = fitText(printable(name), this.#columns);
    const color = palette[(this.#places.get(name) ?? 0) % palette.length] ?? 'cyan';
    return colors[color](shown + ' '.repeat(Math.max(0, this.#columns - textWidth(shown))));
  }
}

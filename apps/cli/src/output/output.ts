/** Where a command's words go: results to stdout, remarks and errors to stderr; plain when nobody watches. */
import { createColors } from 'picocolors';
import { toJson } from './printable.ts';
import { formatTable } from './table.ts';

type Colors = ReturnType<typeof createColors>;

/** What a shell reports for a program that wrote into a closed pipe (128 + SIGPIPE). */
export const brokenPipeExitCode = 141;

export interface OutputOptions {
  stdout: NodeJS.WriteStream;
  stderr: NodeJS.WriteStream;
  isJson: boolean;
  environment: NodeJS.ProcessEnv;
}

export class Output {
  /** Nobody reads stdout any more. */
  isReaderGone = false;
  /** Whoever read stdout has gone: nothing is left to do, unless a command has something to end first. */
  onBrokenPipe: () => void = () => process.exit(brokenPipeExitCode);
  readonly isJson: boolean;
  /** stdout is a terminal. */
  readonly isTerminal: boolean;
  /** stderr is a terminal whose rows can be drawn anew. */
  readonly canDraw: boolean;
  readonly colors: Colors;
  readonly errorColors: Colors;
  readonly #options: OutputOptions;

  constructor(options: OutputOptions) {
    this.#options = options;
    options.stdout.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
      this.isReaderGone = true;
      this.onBrokenPipe();
    });
    // Remarks that nobody can read are no reason to fail.
    options.stderr.on('error', () => undefined);
    this.isJson = options.isJson;
    this.isTerminal = options.stdout.isTTY === true;
    this.canDraw = options.stderr.isTTY === true && options.environment.TERM !== 'dumb';
    this.colors = createColors(isColored(options.stdout, options.environment));
    this.errorColors = createColors(isColored(options.stderr, options.environment));
  }

  /** Columns of the terminal, if stdout is one. */
  get columns(): number | undefined {
    return this.isTerminal ? this.#options.stdout.columns : undefined;
  }

  /** One line (or several) of result. */
  line(text = ''): void {
    this.#options.stdout.write(`${text}\n`);
  }

  /** Bytes of result as they are. */
  raw(bytes: Uint8Array | string): void {
    this.#options.stdout.write(bytes);
  }

  /** Bytes of a stream; resolves when more may follow. */
  stream(kind: 'stdout' | 'stderr', bytes: Uint8Array): Promise<void> {
    return new Promise((resolve) => this.#options[kind].write(bytes, () => resolve()));
  }

  /** The result as one line of JSON with `--json`, else as the lines that `human` makes. */
  result(value: unknown, human: () => readonly string[] | string): void {
    if (this.isJson) return this.line(toJson(value));
    const lines = human();
    if (typeof lines === 'string') this.line(lines);
    else if (lines.length > 0) this.line(lines.join('\n'));
  }

  /** A remark for the person, never part of the result. */
  remark(text: string): void {
    this.#options.stderr.write(`${text}\n`);
  }

  table(headings: readonly string[], rows: readonly (readonly string[])[]): string[] {
    return formatTable({ headings, rows, columns: this.columns, heading: this.colors.dim });
  }
}

const isColored = (stream: NodeJS.WriteStream, environment: NodeJS.ProcessEnv): boolean => {
  if (environment.NO_COLOR !== undefined && environment.NO_COLOR !== '') return false;
  if (environment.FORCE_COLOR !== undefined && environment.FORCE_COLOR !== '') return environment.FORCE_COLOR !== '0';
  return stream.isTTY === true && environment.TERM !== 'dumb';
};

/** The CLI as people use it: as a process, and in a terminal whose screen a test can read. */
import { spawn as spawnProcess, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { spawn as spawnPty, type IPty } from '@lydell/node-pty';
import { programFile, until } from '@navisai/testkit';
import headless from '@xterm/headless';

/** A program that has to start first takes seconds where others want the processor as well. */
const windowDeadlineMs = 60_000;

export const cliFile = programFile('cli');

export interface CliPlace {
  environment(more?: Record<string, string>): Record<string, string>;
  readonly userHome: string;
  /** Runs its programs elsewhere, such as in a network namespace. */
  wrap?(file: string, args: readonly string[]): { file: string; args: string[] };
}

const wrapped = (place: CliPlace, args: readonly string[]): { file: string; args: string[] } =>
  place.wrap?.(process.execPath, args) ?? { file: process.execPath, args: [...args] };

export interface CliResult {
  exitCode: number | null;
  stdout: string;
  stderr: string;
}

export interface CliOptions {
  input?: string;
  cwd?: string;
  environment?: Record<string, string>;
  /** Another installation than this checkout's. */
  program?: string;
}

/** A command that still runs. */
export interface RunningCli {
  readonly child: ChildProcess;
  /** What has come so far. */
  readonly stdout: string;
  readonly ended: Promise<CliResult>;
}

export const startCli = (place: CliPlace, words: readonly string[], options: CliOptions = {}): RunningCli => {
  const { file, args } = wrapped(place, [options.program ?? cliFile, ...words]);
  const child = spawnProcess(file, args, {
    env: place.environment(options.environment),
    cwd: options.cwd ?? place.userHome,
    stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  // It may end before it has read everything.
  child.stdin?.on('error', () => undefined).end(options.input);
  const ended = once(child, 'close').then(([exitCode]) => ({ exitCode: exitCode as number | null, stdout, stderr }));
  return {
    child,
    get stdout() {
      return stdout;
    },
    ended,
  };
};

/** Runs `navisai …words` to its end. */
export const cli = (place: CliPlace, words: readonly string[], options: CliOptions = {}): Promise<CliResult> =>
  startCli(place, words, options).ended;

/** The JSON that a command prints with `--json`; fails with what it said when it did not succeed. */
export const cliJson = async <T>(place: CliPlace, words: readonly string[], options: CliOptions = {}): Promise<T> => {
  const { exitCode, stdout, stderr } = await cli(place, ['--json', ...words], options);
  if (exitCode !== 0) throw new Error(`navisai ${words.join(' ')} ended with ${exitCode}: ${stderr}${stdout}`);
  return JSON.parse(stdout) as T;
};

export interface ScreenSize {
  columns: number;
  rows: number;
}

/** A program in a terminal emulator of its own. */
export class TerminalWindow implements AsyncDisposable {
  readonly #pty: IPty;
  readonly #emulator;
  /** Everything that was written to the window. */
  raw = '';
  exitCode: number | undefined;

  constructor(given: { file: string; args: readonly string[]; env: Record<string, string>; cwd: string } & ScreenSize) {
    const { file, args, env, cwd, columns, rows } = given;
    this.#emulator = new headless.Terminal({ cols: columns, rows, scrollback: 20_000, allowProposedApi: true });
    this.#pty = spawnPty(file, [...args], { name: 'xterm-256color', cols: columns, rows, env, cwd, encoding: null });
    this.#pty.onData((data) => {
      const bytes = data as unknown as Buffer;
      this.raw += bytes.toString('utf8');
      this.#emulator.write(bytes);
    });
    // A terminal answers the questions of programs.
    this.#emulator.onData((answer) => this.#pty.write(answer));
    this.#pty.onExit(({ exitCode, signal }) => (this.exitCode = signal ? 128 + signal : exitCode));
  }

  get pid(): number {
    return this.#pty.pid;
  }

  type(text: string): void {
    this.#pty.write(text);
  }

  resize({ columns, rows }: ScreenSize): void {
    this.#emulator.resize(columns, rows);
    this.#pty.resize(columns, rows);
  }

  /** The visible lines. */
  screen(): string[] {
    const { active } = this.#emulator.buffer;
    return Array.from({ length: this.#emulator.rows }, (_, row) => this.#line(active.viewportY + row));
  }

  /** The visible lines and all above them. */
  history(): string[] {
    const { normal } = this.#emulator.buffer;
    return Array.from({ length: normal.length }, (_, row) => normal.getLine(row)?.translateToString(true) ?? '');
  }

  get isAlternateScreen(): boolean {
    return this.#emulator.buffer.active.type === 'alternate';
  }

  get cursor(): { column: number; row: number } {
    const { cursorX, cursorY } = this.#emulator.buffer.active;
    return { column: cursorX, row: cursorY };
  }

  get modes(): Readonly<Record<string, unknown>> {
    const { mouseTrackingMode, bracketedPasteMode, applicationCursorKeysMode, sendFocusMode } = this.#emulator.modes;
    return { mouseTrackingMode, bracketedPasteMode, applicationCursorKeysMode, sendFocusMode };
  }

  async shows(text: string | RegExp, deadlineMs = windowDeadlineMs): Promise<void> {
    const isThere = (): boolean => {
      const screen = this.screen().join('\n');
      return typeof text === 'string' ? screen.includes(text) : text.test(screen);
    };
    await until(() => `no ${String(text)} on the screen:\n${this.screen().join('\n')}`, isThere, deadlineMs);
  }

  /** Resolves when all that it wrote is on the screen. */
  async ended(deadlineMs = windowDeadlineMs): Promise<number> {
    await until(
      () => `it did not end:\n${this.screen().join('\n')}`,
      () => this.exitCode !== undefined,
      deadlineMs,
    );
    await new Promise<void>((resolve) => this.#emulator.write('', resolve));
    return this.exitCode ?? -1;
  }

  #line(row: number): string {
    return this.#emulator.buffer.active.getLine(row)?.translateToString(true) ?? '';
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.exitCode === undefined) this.#pty.kill('SIGHUP');
    await until('the window closes', () => this.exitCode !== undefined).catch(() => this.#pty.kill('SIGKILL'));
    this.#emulator.dispose();
  }
}

/** `navisai …words` in a window. */
export const openWindow = (
  place: CliPlace,
  words: readonly string[],
  size: ScreenSize = { columns: 80, rows: 24 },
): TerminalWindow =>
  new TerminalWindow({
    ...wrapped(place, [cliFile, ...words]),
    env: place.environment({ TERM: 'xterm-256color' }),
    cwd: place.userHome,
    ...size,
  });

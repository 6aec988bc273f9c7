/** The terminal of a chat: what is told stands above, and what the person types stays whole below it. */
import { EventEmitter } from 'node:events';
import { clearScreenDown, createInterface, cursorTo, type Interface, moveCursor } from 'node:readline';
import { Writable } from 'node:stream';
import type { Output } from '../output/output.ts';
import { fitText, textWidth } from '../output/text-width.ts';
import { TypedLines } from './typed-lines.ts';

const mark = '› ';
/** The clock of the line that says that the agent works. */
const tickMs = 1000;
/** Of a line that waits for its end while the prompt is shown; then it is shown as it is. */
const maxHeld = 16 * 1024;
const save = '\u001b7';
const restore = '\u001b8';
/** Makes room for a row below and comes back, in the same column. */
const roomBelow = '\u001bD\u001b[A';
const clearRow = '\r\u001b[K';
const pasteMarks = { on: '\u001b[?2004h', off: '\u001b[?2004l' } as const;

interface ScreenEvents {
  /** What the person said, of one line or of several. */
  said: [text: string];
  interrupt: [];
  left: [];
}

export interface ChatScreenOptions {
  output: Output;
  /** The person can be asked here. */
  isInteractive: boolean;
  isDialogue: boolean;
}

export class ChatScreen extends EventEmitter<ScreenEvents> implements Disposable {
  readonly #output: Output;
  readonly #isDialogue: boolean;
  /** None where nobody can be asked, or not any more: the person has left. */
  #prompt: Interface | undefined;
  readonly #closed = new AbortController();
  /** Readline shows its prompt: nothing is under way, or something is asked. Else the row at the bottom is shown. */
  #isPrompting = false;
  #isRowShown = false;
  #busySince: number | null = null;
  #clock: NodeJS.Timeout | undefined;
  /** Of the answer: its last line has no end yet. */
  #isLineOpen = false;
  /** The beginning of a line that came while the prompt is shown. */
  #held = '';

  constructor({ output, isInteractive, isDialogue }: ChatScreenOptions) {
    super();
    this.#output = output;
    this.#isDialogue = isDialogue;
    if (isInteractive) this.#prompt = this.#open();
  }

  /** A piece of the answer. */
  answer(text: string): void {
    if (text === '') return;
    this.#isLineOpen = !text.endsWith('\n');
    if (this.#isApart) return this.#output.raw(text);
    this.#put(text);
  }

  breakLine(): void {
    if (this.#isLineOpen) this.answer('\n');
  }

  /** Beside the answer: on stderr where stdout goes to a program. */
  aside(text: string): void {
    const { isTerminal, colors, errorColors } = this.#output;
    if (isTerminal) this.answer(`${colors.dim(text)}\n`);
    else this.remark(errorColors.dim(text));
  }

  /** For the person, never part of the answer. */
  remark(text: string): void {
    if (this.#prompt === undefined) return this.#output.remark(text);
    if (this.#output.isTerminal) this.breakLine();
    this.#put(`${text}\n`);
  }

  /** The agent works from now on: what is typed stays at the bottom. */
  work(): void {
    this.#busySince ??= Date.now();
    if (this.#prompt === undefined || this.#clock !== undefined) return;
    this.#clock = setInterval(() => this.#around(), tickMs);
    this.#around();
  }

  /** It rests: the person's turn. */
  rest(): void {
    this.#hideRow();
    clearInterval(this.#clock);
    this.#clock = undefined;
    this.#busySince = null;
    if (this.#isDialogue) this.#showPrompt(mark);
  }

  /** Asks for one line; `undefined` when `signal` ends it or the person leaves. What was typed before stays for later. */
  async ask(question: string, signal: AbortSignal): Promise<string | undefined> {
    const prompt = this.#prompt;
    if (prompt === undefined || signal.aborted) return undefined;
    this.#hideRow();
    this.breakLine();
    const typed = prompt.line;
    this.#isPrompting = false;
    if (typed !== '') clearLine(prompt);
    this.#isPrompting = true;
    const answer = await new Promise<string | undefined>((resolve) => {
      const ended = AbortSignal.any([signal, this.#closed.signal]);
      ended.addEventListener('abort', () => resolve(undefined), { once: true });
      prompt.question(question, { signal }, resolve);
    });
    if (this.#prompt === undefined) return undefined;
    if (answer === undefined) this.#output.remark('');
    this.#leavePrompt();
    if (typed !== '') prompt.write(typed);
    this.#around();
    return answer;
  }

  [Symbol.dispose](): void {
    const prompt = this.#prompt;
    this.#leave();
    prompt?.close();
  }

  /** Readline is not used again: it throws once it is closed. */
  #leave(): void {
    this.#hideRow();
    clearInterval(this.#clock);
    if (this.#prompt === undefined) return;
    this.#prompt = undefined;
    process.stderr.write(`${this.#isPrompting ? '\n' : ''}${this.#output.canDraw ? pasteMarks.off : ''}`);
    this.#leavePrompt();
  }

  #open(): Interface {
    const shown = (): boolean => this.#isPrompting;
    const prompt = createInterface({
      input: process.stdin,
      output: new PromptOutput(shown) as unknown as NodeJS.WritableStream,
      terminal: true,
      prompt: this.#isDialogue ? mark : '',
      historySize: 500,
    });
    const lines = new TypedLines((text) => this.#onText(text));
    if (this.#output.canDraw) process.stderr.write(pasteMarks.on);
    prompt.on('line', (line) => lines.line(line));
    prompt.on('SIGINT', () => this.emit('interrupt'));
    prompt.on('close', () => {
      if (this.#prompt === undefined) return;
      this.#leave();
      this.#closed.abort();
      this.emit('left');
    });
    // Behind readline's own listener: the line is as it is after the key.
    process.stdin.on('keypress', (_text: unknown, key: { name?: string } | undefined) => {
      lines.key(key?.name);
      if (!this.#isPrompting) this.#around();
    });
    return prompt;
  }

  #onText(text: string): void {
    const isOwnRow = !this.#isPrompting;
    this.#leavePrompt();
    if (isOwnRow && text.trim() !== '') this.remark(this.#output.errorColors.bold(`${mark}${text}`));
    this.emit('said', text);
  }

  #showPrompt(text: string): void {
    if (this.#prompt === undefined) return;
    this.breakLine();
    this.#isPrompting = true;
    this.#prompt.setPrompt(text);
    this.#prompt.prompt(true);
  }

  #leavePrompt(): void {
    this.#isPrompting = false;
    const held = this.#held;
    this.#held = '';
    if (held !== '') process.stderr.write(held);
  }

  /** Not on the screen that the person types on. */
  get #isApart(): boolean {
    return this.#prompt === undefined || !this.#output.isTerminal || !this.#output.canDraw;
  }

  /** To the terminal that the person types on. */
  #put(text: string): void {
    if (!this.#output.canDraw) return void process.stderr.write(text);
    if (!this.#isPrompting) return this.#around(text);
    const whole = this.#held + text;
    const end = whole.length > maxHeld ? whole.length : whole.lastIndexOf('\n') + 1;
    this.#held = whole.slice(end);
    if (end > 0) this.#putAbovePrompt(whole.slice(0, end));
  }

  /** Readline goes up as many rows as it had before it draws again. */
  #putAbovePrompt(text: string): void {
    const { rows } = this.#prompt?.getCursorPos() ?? { rows: 0 };
    moveCursor(process.stderr, 0, -rows);
    cursorTo(process.stderr, 0);
    clearScreenDown(process.stderr);
    process.stderr.write(`${text.endsWith('\n') ? text : `${text}\n`}${'\n'.repeat(rows)}`);
    this.#prompt?.prompt(true);
  }

  /** Writes above the row at the bottom, in one piece: the row never flickers. */
  #around(text = ''): void {
    const all = `${this.#hidden()}${text}${this.#shown()}`;
    if (all !== '') process.stderr.write(all);
  }

  #hideRow(): void {
    process.stderr.write(this.#hidden());
  }

  #hidden(): string {
    const wasShown = this.#isRowShown;
    this.#isRowShown = false;
    return wasShown ? `${clearRow}${restore}` : '';
  }

  #shown(): string {
    const row = this.#isPrompting || this.#prompt === undefined ? '' : this.#row(this.#prompt);
    this.#isRowShown = row !== '' && this.#output.canDraw;
    return this.#isRowShown ? `${roomBelow}${save}\u001b[B${clearRow}${row}` : '';
  }

  /** What is typed, as far as it fits beside the cursor; else that the agent works. */
  #row({ line, cursor }: Interface): string {
    const columns = (process.stderr.columns ?? 80) - 1;
    if (line !== '') {
      const before = fitEnd(line.slice(0, cursor), columns - mark.length - 1);
      const after = fitText(line.slice(cursor), columns - mark.length - textWidth(before));
      const back = textWidth(after);
      return `${mark}${before}${after}${back === 0 ? '' : `\u001b[${back}D`}`;
    }
    if (this.#busySince === null) return '';
    const seconds = Math.round((Date.now() - this.#busySince) / 1000);
    const told = `… ${seconds} s · Ctrl-C stops${this.#isDialogue ? ', or say more' : ''}`;
    return this.#output.errorColors.dim(fitText(told, columns));
  }
}

/** Readline draws only while its prompt is shown. */
class PromptOutput extends Writable {
  readonly #isShown: () => boolean;
  readonly isTTY = true;

  constructor(isShown: () => boolean) {
    super({ decodeStrings: false });
    this.#isShown = isShown;
    process.stderr.on('resize', () => this.emit('resize'));
  }

  get columns(): number {
    return process.stderr.columns ?? 80;
  }

  override _write(chunk: string | Uint8Array, _encoding: BufferEncoding, done: () => void): void {
    if (this.#isShown()) process.stderr.write(chunk);
    done();
  }
}

const clearLine = (prompt: Interface): void => {
  prompt.write(null, { ctrl: true, name: 'e' });
  prompt.write(null, { ctrl: true, name: 'u' });
};

/** The end of `text` that fits into `columns`. */
const fitEnd = (text: string, columns: number): string => {
  if (textWidth(text) <= columns) return text;
  const characters = [...text].slice(-columns);
  while (characters.length > 0 && textWidth(characters.join('')) > columns - 1) characters.shift();
  return `…${characters.join('')}`;
};

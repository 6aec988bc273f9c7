/** Colours for Markdown while it streams: headings, strong words and code stand out, and every character stays as it came. */
import type { Output } from '../output/output.ts';

type Style = 'plain' | 'strong' | 'code';

/** Longest mark, such as a fence; what may become one is held back until it is known. */
const mark = /^(?:`{1,3}|\*{1,2})$/;

export class MarkdownColors {
  readonly #colors: Output['colors'];
  #held = '';
  #isLineStart = true;
  #isFenced = false;
  /** The rest of this line. */
  #line: Style = 'plain';
  #span: Style = 'plain';

  constructor(colors: Output['colors']) {
    this.#colors = colors;
  }

  /** The piece in colours; a mark at its end comes with the next one. */
  take(piece: string): string {
    let shown = '';
    let run = '';
    const flush = (): void => {
      shown += this.#painted(run);
      run = '';
    };
    for (const character of piece) {
      if (this.#held !== '' && !mark.test(this.#held + character)) {
        flush();
        shown += this.#takeMark();
      }
      if (mark.test(this.#held + character)) {
        this.#held += character;
        continue;
      }
      if (this.#isLineStart && !this.#isFenced && character === '#') this.#line = 'strong';
      run += character;
      if (character === '\n') {
        flush();
        this.#line = 'plain';
        this.#span = 'plain';
      }
      this.#isLineStart = character === '\n' || (this.#isLineStart && character === ' ');
    }
    flush();
    return shown;
  }

  /** What is still held back. */
  end(): string {
    const shown = this.#held === '' ? '' : this.#takeMark();
    this.#isLineStart = true;
    this.#line = 'plain';
    this.#span = 'plain';
    return shown;
  }

  #takeMark(): string {
    const held = this.#held;
    this.#held = '';
    if (held === '```' && this.#isLineStart) {
      this.#isFenced = !this.#isFenced;
      this.#line = 'code';
      return this.#colors.cyan(held);
    }
    const style: Style = held === '`' ? 'code' : 'strong';
    const isMark = (held === '`' || held === '**') && !this.#isFenced;
    this.#isLineStart = false;
    if (!isMark || (this.#span === 'code' && style !== 'code')) return this.#painted(held);
    const isOpening = this.#span === 'plain';
    this.#span = style;
    const painted = this.#painted(held);
    if (!isOpening) this.#span = 'plain';
    return painted;
  }

  #painted(text: string): string {
    if (text === '') return '';
    const style = this.#isFenced ? 'code' : this.#line === 'plain' ? this.#span : this.#line;
    if (style === 'plain') return text;
    return style === 'code' ? this.#colors.cyan(text) : this.#colors.bold(text);
  }
}

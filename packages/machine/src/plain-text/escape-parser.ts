/** Splits what a program writes to a terminal into text, controls and cursor sequences; keeps its state across chunks. */

export interface EscapeHandler {
  /** Printable characters and tabs. */
  text(text: string): void;
  /** One control character: `\n`, `\r`, `\b` or another of C0. */
  control(character: string): void;
  /** A CSI sequence such as `2K`: `parameters` is `2`, `final` is `K`. */
  sequence(parameters: string, final: string): void;
}

type State = 'ground' | 'escape' | 'charset' | 'csi' | 'string' | 'stringEscape';

const controlPattern = /[\x00-\x08\x0a-\x1f\x7f-\x9f]/g;
const stringEndPattern = /[\x07\x18\x1a\x1b\x9c]/g;
/** Longer ones mean nothing to anybody. */
const maxParameters = 64;
/** OSC, DCS, APC, PM, SOS. */
const stringIntroducers = new Set([']', 'P', '_', '^', 'X']);

export class EscapeParser {
  readonly #handler: EscapeHandler;
  #state: State = 'ground';
  #parameters = '';

  constructor(handler: EscapeHandler) {
    this.#handler = handler;
  }

  push(text: string): void {
    for (let at = 0; at < text.length;) at += this.#steps[this.#state](text, at);
  }

  /** Each takes what it understands at `at` and tells how many characters that were. */
  readonly #steps: Record<State, (text: string, at: number) => number> = {
    ground: (text, at) => this.#ground(text, at),
    escape: (text, at) => this.#escape(text.charAt(at)),
    charset: () => this.#enter('ground'),
    csi: (text, at) => this.#csi(text.charAt(at)),
    string: (text, at) => this.#string(text, at),
    stringEscape: (text, at) => (text.charAt(at) === '\\' ? this.#enter('ground') : this.#enter('escape') - 1),
  };

  #enter(state: State): number {
    this.#state = state;
    this.#parameters = '';
    return 1;
  }

  #ground(text: string, at: number): number {
    const end = nextMatch(controlPattern, text, at);
    if (end > at) this.#handler.text(text.slice(at, end));
    if (end === text.length) return end - at;
    const character = text.charAt(end);
    if (character === '\x1b') this.#enter('escape');
    else if (character === '\x9b') this.#enter('csi');
    else if (character === '\x9d' || character === '\x90') this.#enter('string');
    else if (character < ' ') this.#handler.control(character);
    return end - at + 1;
  }

  #escape(character: string): number {
    if (character === '[') return this.#enter('csi');
    if (stringIntroducers.has(character)) return this.#enter('string');
    if (character === '\x1b') return 1;
    if (character >= ' ' && character <= '/') return this.#enter('charset');
    if (character < ' ') this.#handler.control(character);
    return this.#enter('ground');
  }

  #csi(character: string): number {
    if (character === '\x1b') return this.#enter('escape');
    if (character === '\x18' || character === '\x1a') return this.#enter('ground');
    if (character < ' ') this.#handler.control(character);
    else if (character >= '@' && character <= '~') {
      this.#handler.sequence(this.#parameters, character);
      return this.#enter('ground');
    } else if (this.#parameters.length < maxParameters) this.#parameters += character;
    return 1;
  }

  #string(text: string, at: number): number {
    const end = nextMatch(stringEndPattern, text, at);
    if (end < text.length) this.#enter(text.charAt(end) === '\x1b' ? 'stringEscape' : 'ground');
    return Math.min(end + 1, text.length) - at;
  }
}

const nextMatch = (pattern: RegExp, text: string, from: number): number => {
  pattern.lastIndex = from;
  return pattern.exec(text)?.index ?? text.length;
};

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
const stringIntroducers = new Set([']', 'P', '_', '^', 'X']);

export const createEscapeParser = (handler: EscapeHandler): { push(text: string): void } => {
  let state: State = 'ground';
  let parameters = '';

  const enter = (next: State): number => {
    state = next;
    parameters = '';
    return 1;
  };

  /** Each takes what it understands at `at` and tells how many characters that were. */
  const steps: Record<State, (text: string, at: number) => number> = {
    ground: (text, at) => {
      const end = nextMatch(controlPattern, text, at);
      if (end > at) handler.text(text.slice(at, end));
      if (end === text.length) return end - at;
      const character = text.charAt(end);
      if (character === '\x1b') state = 'escape';
      else if (character === '\x9b') enter('csi');
      else if (character === '\x9d' || character === '\x90') state = 'string';
      else if (character < ' ') handler.control(character);
      return end - at + 1;
    },
    escape: (text, at) => {
      const character = text.charAt(at);
      if (character === '[') return enter('csi');
      if (stringIntroducers.has(character)) return enter('string');
      if (character === '\x1b') return 1;
      if (character >= ' ' && character <= '/') return enter('charset');
      if (character < ' ') handler.control(character);
      return enter('ground');
    },
    charset: () => enter('ground'),
    csi: (text, at) => {
      const character = text.charAt(at);
      if (character === '\x1b') return enter('escape');
      if (character === '\x18' || character === '\x1a') return enter('ground');
      if (character < ' ') handler.control(character);
      else if (character >= '@' && character <= '~') {
        handler.sequence(parameters, character);
        return enter('ground');
      } else if (parameters.length < maxParameters) parameters += character;
      return 1;
    },
    string: (text, at) => {
      const end = nextMatch(stringEndPattern, text, at);
      if (end < text.length) state = text.charAt(end) === '\x1b' ? 'stringEscape' : 'ground';
      return Math.min(end + 1, text.length) - at;
    },
    stringEscape: (text, at) => {
      if (text.charAt(at) === '\\') return enter('ground');
      state = 'escape';
      return 0;
    },
  };

  return {
    push(text) {
      for (let at = 0; at < text.length;) at += steps[state](text, at);
    },
  };
};

const nextMatch = (pattern: RegExp, text: string, from: number): number => {
  pattern.lastIndex = from;
  return pattern.exec(text)?.index ?? text.length;
};

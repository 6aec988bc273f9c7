/** Finds the person's own commands among the keys: a prefix, then one key; everything else belongs to the program. */
import { usageError } from '../output/command-error.ts';
import { printable } from '../output/printable.ts';

export interface DetachKeys {
  /** Byte of the prefix, a control character. */
  prefix: string;
  /** What follows it to detach. */
  detach: string;
}

export const defaultDetachKeys = 'Ctrl-\\ d';

/** `Ctrl-\ d`, `C-a d`, `ctrl-p,ctrl-q`; throws a usage error for anything else. */
export const parseDetachKeys = (text: string, shown: string): DetachKeys => {
  const words = text.trim().split(/[\s,]+/);
  const [prefix, detach] = words.map(keyOf);
  if (words.length !== 2 || prefix === undefined || detach === undefined || prefix >= ' ')
    throw usageError(
      `${shown} must be a control key and a key, such as "${defaultDetachKeys}", not "${printable(text, 40)}".`,
    );
  if (detach === prefix || detach === takeControlKey)
    throw usageError(`${shown}: the second key must differ from the first, and from ${takeControlKey}.`);
  return { prefix, detach };
};

/** After the prefix: take control. */
export const takeControlKey = 't';

const keyOf = (word: string): string | undefined => {
  const control = /^(?:ctrl|c)-([a-z@[\\\]^_])$/i.exec(word)?.[1];
  if (control !== undefined) return String.fromCharCode(control.toUpperCase().charCodeAt(0) & 0x1f);
  return /^[\x21-\x7e]$/.test(word) ? word : undefined;
};

/** How the person reads a key: `Ctrl-\`. */
export const nameOfKey = (key: string): string =>
  key < ' ' ? `Ctrl-${String.fromCharCode(key.charCodeAt(0) + 0x40).toLowerCase()}` : key;

export type KeyEvent = { kind: 'input'; bytes: Buffer } | { kind: 'detach' } | { kind: 'takeControl' };

/** Splits what was typed; a prefix at the end of one chunk waits for the key in the next. */
export class PrefixKeys {
  readonly #prefixes: readonly Buffer[];
  readonly #keys: DetachKeys;
  #isAfterPrefix = false;

  constructor(keys: DetachKeys) {
    this.#keys = keys;
    this.#prefixes = formsOf(keys.prefix);
  }

  feed(chunk: Buffer): KeyEvent[] {
    const events: KeyEvent[] = [];
    let rest = chunk;
    while (rest.length > 0) {
      if (this.#isAfterPrefix) {
        const { event, length } = this.#command(rest);
        events.push(...(event === undefined ? [] : [event]));
        this.#isAfterPrefix = false;
        rest = rest.subarray(length);
        continue;
      }
      const found = this.#findPrefix(rest);
      const end = found?.at ?? rest.length;
      if (end > 0) events.push({ kind: 'input', bytes: rest.subarray(0, end) });
      this.#isAfterPrefix = found !== undefined;
      rest = rest.subarray(end + (found?.length ?? 0));
    }
    return events;
  }

  #findPrefix(bytes: Buffer): { at: number; length: number } | undefined {
    let first: { at: number; length: number } | undefined;
    for (const form of this.#prefixes) {
      const at = bytes.indexOf(form);
      if (at !== -1 && (first === undefined || at < first.at)) first = { at, length: form.length };
    }
    return first;
  }

  /** What the key after the prefix means; an unknown one is swallowed, as tmux and screen do. */
  #command(bytes: Buffer): { event: KeyEvent | undefined; length: number } {
    const meanings: [string, KeyEvent][] = [
      [this.#keys.detach, { kind: 'detach' }],
      [takeControlKey, { kind: 'takeControl' }],
      [this.#keys.prefix, { kind: 'input', bytes: Buffer.from(this.#keys.prefix) }],
    ];
    for (const [key, event] of meanings) {
      const form = formsOf(key).find((candidate) => bytes.subarray(0, candidate.length).equals(candidate));
      if (form !== undefined) return { event, length: form.length };
    }
    return { event: undefined, length: lengthOfKey(bytes) };
  }
}

/** How one key may arrive: as a byte, or as a sequence when a program asked for an extended keyboard protocol. */
const formsOf = (key: string): Buffer[] => {
  const isControl = key < ' ';
  const code = isControl ? key.charCodeAt(0) + 0x40 : key.charCodeAt(0);
  const letter = code >= 0x41 && code <= 0x5a && isControl ? code + 0x20 : code;
  const modifier = isControl ? ';5' : '';
  const extended = [`\x1b[${letter}${modifier}u`, `\x1b[${letter}${modifier || ';1'}:1u`, `\x1b[27;5;${letter}~`];
  return [key, ...extended.slice(0, isControl ? 3 : 2)].map((form) => Buffer.from(form));
};

/** One key: a whole escape sequence, or one character. */
const lengthOfKey = (bytes: Buffer): number => {
  const text = bytes.subarray(0, 32).toString('latin1');
  const sequence = /^\x1b(?:\[[0-?]*[ -/]*[@-~]|O[@-~]|[^[O])/.exec(text);
  if (sequence !== null) return sequence[0].length;
  const [character = ''] = bytes.subarray(0, 4).toString('utf8');
  return Math.max(1, Math.min(bytes.length, Buffer.byteLength(character)));
};

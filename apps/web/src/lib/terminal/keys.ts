/** What the keys of the key bar send, and what sticky Ctrl and Alt make of the next key. */

export type SpecialKey =
  'escape' | 'tab' | 'up' | 'down' | 'left' | 'right' | 'home' | 'end' | 'pageUp' | 'pageDown' | 'delete' | 'enter';

export interface Modifiers {
  isCtrl: boolean;
  isAlt: boolean;
}

export const noModifiers: Modifiers = { isCtrl: false, isAlt: false };

/** Final byte of keys that know `ESC [ 1 ; modifier X`. */
const cursorKeys: Partial<Record<SpecialKey, string>> = {
  up: 'A',
  down: 'B',
  right: 'C',
  left: 'D',
  home: 'H',
  end: 'F',
};
/** Number of keys that know `ESC [ number ; modifier ~`. */
const editingKeys: Partial<Record<SpecialKey, number>> = { delete: 3, pageUp: 5, pageDown: 6 };
const plainKeys: Partial<Record<SpecialKey, string>> = { escape: '\x1b', tab: '\t', enter: '\r' };

export const encodeSpecialKey = (
  key: SpecialKey,
  { isCtrl, isAlt }: Modifiers,
  isApplicationCursor: boolean,
): string => {
  const modifier = 1 + (isAlt ? 2 : 0) + (isCtrl ? 4 : 0);
  const final = cursorKeys[key];
  if (final !== undefined) {
    if (modifier > 1) return `\x1b[1;${modifier}${final}`;
    return `${isApplicationCursor ? '\x1bO' : '\x1b['}${final}`;
  }
  const number = editingKeys[key];
  if (number !== undefined) return modifier > 1 ? `\x1b[${number};${modifier}~` : `\x1b[${number}~`;
  return `${isAlt ? '\x1b' : ''}${plainKeys[key] ?? ''}`;
};

/** Applies sticky modifiers to one typed character; longer input (a paste, a key of its own) passes as it is. */
export const applyModifiers = (data: string, { isCtrl, isAlt }: Modifiers): string => {
  if ([...data].length !== 1) return data;
  const character = isCtrl ? controlOf(data) : data;
  return isAlt ? `\x1b${character}` : character;
};

const controlOf = (character: string): string => {
  if (character === ' ') return '\0';
  if (character === '?') return '\x7f';
  if (character === '/') return '\x1f';
  const code = character.toUpperCase().charCodeAt(0);
  return code >= 64 && code <= 95 ? String.fromCharCode(code & 31) : character;
};

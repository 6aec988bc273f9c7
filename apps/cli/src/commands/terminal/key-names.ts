/** Names of keys, as tmux's `send-keys` knows them, and what a terminal sends for them. */
import { nearest } from '../../command-line/suggest.ts';
import { usageError } from '../../output/command-error.ts';
import { printable } from '../../output/printable.ts';

const keys: Readonly<Record<string, string>> = {
  Enter: '\r',
  Escape: '\x1b',
  Tab: '\t',
  BTab: '\x1b[Z',
  Space: ' ',
  BSpace: '\x7f',
  Up: '\x1b[A',
  Down: '\x1b[B',
  Right: '\x1b[C',
  Left: '\x1b[D',
  Home: '\x1b[H',
  End: '\x1b[F',
  PageUp: '\x1b[5~',
  PageDown: '\x1b[6~',
  Insert: '\x1b[2~',
  Delete: '\x1b[3~',
  F1: '\x1bOP',
  F2: '\x1bOQ',
  F3: '\x1bOR',
  F4: '\x1bOS',
  F5: '\x1b[15~',
  F6: '\x1b[17~',
  F7: '\x1b[18~',
  F8: '\x1b[19~',
  F9: '\x1b[20~',
  F10: '\x1b[21~',
  F11: '\x1b[23~',
  F12: '\x1b[24~',
};

export const keyNames = Object.keys(keys);

/** What is typed for names separated by spaces; throws a usage error naming an unknown one. */
export const keysToInput = (names: string): string =>
  names
    .split(/\s+/)
    .filter((name) => name !== '')
    .map(keyToInput)
    .join('');

const keyToInput = (name: string): string => {
  const known = Object.hasOwn(keys, name) ? keys[name] : undefined;
  if (known !== undefined) return known;
  const control = /^(?:C-|\^)([@-_a-z ?])$/.exec(name)?.[1];
  if (control !== undefined) return controlCharacter(control);
  const meta = /^M-(.+)$/.exec(name)?.[1];
  if (meta !== undefined) return `\x1b${meta.length === 1 ? meta : keyToInput(meta)}`;
  const meant = nearest(name, keyNames);
  throw usageError(
    `--keys: there is no key "${printable(name, 40)}".`,
    meant === undefined ? `Known: ${keyNames.join(' ')} C-a M-a` : `Did you mean ${meant}?`,
  );
};

const controlCharacter = (key: string): string =>
  key === '?' ? '\x7f' : String.fromCharCode((key === ' ' ? 0x40 : key.toUpperCase().charCodeAt(0)) & 0x1f);

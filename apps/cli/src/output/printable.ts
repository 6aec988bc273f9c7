/** Makes text of others safe to print: no control character, escape sequence or direction trick reaches the terminal. */

/**
 * C0, DEL, C1; soft hyphen; marks, embeddings, overrides and isolates of direction; line and paragraph separators;
 * zero-width characters; the invisible tag characters; halves of surrogate pairs. Zero-width joiner and variation
 * selectors stay: emoji and many scripts need them.
 */
const unsafe =
  /[\0-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]|\p{Cs}/gu;
const unsafeButLines = new RegExp(`(?!\\n|\\t)${unsafe.source}`, 'gu');

const escaped = (character: string): string => {
  const named: Record<string, string> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };
  const code = character.codePointAt(0) ?? 0;
  return named[character] ?? (code <= 0xff ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`);
};

/** One line: everything that could move the cursor or reorder text is shown as an escape. */
export const printable = (text: string, maxLength = 2000): string => {
  const shown = text.length > maxLength ? `${text.slice(0, maxLength - 1)}…` : text;
  return shown.replace(unsafe, escaped);
};

/** Several lines: as `printable`, but line ends and tabs stay. */
export const printableLines = (text: string): string => text.replaceAll('\r\n', '\n').replace(unsafeButLines, escaped);

/** JSON on one line, in which no character above can act on a terminal either. */
export const toJson = (value: unknown): string =>
  JSON.stringify(value).replace(unsafe, (character) =>
    Array.from(
      { length: character.length },
      (_, index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`,
    ).join(''),
  );

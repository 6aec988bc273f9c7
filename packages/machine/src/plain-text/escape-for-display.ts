/** Shows text that others chose (names, descriptions, commands, titles) so that it cannot act on a terminal or page. */

/** Controls, line separators, and what changes the direction or hides text. */
const hiddenPattern = /[\x00-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;
const shortForms: Record<string, string> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

export const escapeForDisplay = (text: string): string =>
  text.toWellFormed().replace(hiddenPattern, (character) => {
    const code = character.charCodeAt(0);
    const long = code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
    return shortForms[character] ?? long;
  });

/** As `escapeForDisplay`, cut to about `maxLength` characters. */
export const shortForDisplay = (text: string, maxLength: number): string => {
  const shown = escapeForDisplay(text.length > maxLength * 2 ? text.slice(0, maxLength * 2) : text);
  return shown.length > maxLength ? `${shown.slice(0, maxLength - 1).toWellFormed()}…` : shown;
};

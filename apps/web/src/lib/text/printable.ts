/** Makes text that others chose harmless to look at: no control characters, nothing that reorders what stands around it. */

/** C0, C1, line separators, marks and overrides of writing direction, and other invisible formatting. */
const invisible =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]+/g;
const maxShown = 500;

/** Invisible characters become `�`, so that a person sees that there is something. */
export const printable = (text: string): string => {
  const shown = text.length > maxShown ? `${text.slice(0, maxShown)}…` : text;
  return shown
    .replaceAll(/[\t\n\r]+/g, ' ')
    .replaceAll(invisible, '\ufffd')
    .trim();
};

/** Not line ends, tabs, and what emoji and many scripts need. */
const hidden =
  /(?![\n\t])[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]|\p{Cs}/gu;

/** Whole and line by line, for a decision: what hides or reorders text is spelled out as `\u{202e}`. */
export const readable = (text: string): string =>
  text.replaceAll(hidden, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);

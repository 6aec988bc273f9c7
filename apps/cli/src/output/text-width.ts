/** How many columns text takes on a terminal. */

const wide =
  /^(?:\p{Emoji_Presentation}|.\u{fe0f}|[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}])/u;
const onlyMarks = /^[\p{M}\u200c\u200d]+$/u;
const plain = /^[\x20-\x7e]*$/;

const graphemeWidth = (grapheme: string): number => (onlyMarks.test(grapheme) ? 0 : wide.test(grapheme) ? 2 : 1);

/** Columns of `text`, which must be printable (no control characters). */
export const textWidth = (text: string): number => {
  if (plain.test(text)) return text.length;
  let width = 0;
  for (const { segment } of new Intl.Segmenter().segment(text)) width += graphemeWidth(segment);
  return width;
};

/** The beginning of `text` that fits into `columns`, ending in `…` when something is missing. */
export const fitText = (text: string, columns: number): string => {
  if (textWidth(text) <= columns) return text;
  let fitted = '';
  let width = 0;
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    const next = width + graphemeWidth(segment);
    if (next > columns - 1) break;
    fitted += segment;
    width = next;
  }
  return columns < 1 ? '' : `${fitted}…`;
};

/** Cuts the middle out of a text, and says where the whole of it can be read, if anywhere. */

export interface ShortenOptions {
  /** Characters that may be left, the mark included. */
  max: number;
  /** The call whose output it is. */
  callId?: string;
}

/** Room for the mark itself. */
const markCharacters = 160;

export const shortenMiddle = (text: string, { max, callId }: ShortenOptions): string => {
  if (text.length <= max) return text;
  const room = Math.max(0, max - markCharacters);
  const headEnd = wholeAt(text, Math.ceil(room / 2));
  const tailStart = wholeAt(text, text.length - Math.floor(room / 2));
  const left = tailStart - headEnd;
  const where = callId === undefined ? '' : `; the whole is navis://output/${callId}, which filesystem reads`;
  const mark = `[… ${left} characters left out${where} …]`;
  return [text.slice(0, headEnd), mark, text.slice(tailStart)].filter((one) => one !== '').join('\n');
};

/** `index`, or one less where a character of two units would be broken. */
const wholeAt = (text: string, index: number): number => {
  const unit = text.charCodeAt(index);
  return unit >= 0xdc00 && unit <= 0xdfff && index > 0 ? index - 1 : index;
};

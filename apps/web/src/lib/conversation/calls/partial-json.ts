/** Reads JSON whose end has not come yet, as far as it goes. */

/** Nothing when it is no object so far. */
export const readPartialJson = (text: string): Record<string, unknown> => {
  const closed =
    tryParse(text) ??
    tryParse(close(text)) ??
    tryParse(close(withoutEscape(text))) ??
    tryParse(close(withoutLoose(withoutEscape(text))));
  return typeof closed === 'object' && closed !== null && !Array.isArray(closed)
    ? (closed as Record<string, unknown>)
    : {};
};

const tryParse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** Without half an escape at the end. */
const withoutEscape = (text: string): string => text.replace(/\\(u[0-9a-fA-F]{0,3})?$/, '');

/** Without what stands after the last value that may be whole: a key without value, half a word. */
const withoutLoose = (text: string): string => text.replace(/,?\s*("(?:[^"\\]|\\.)*"?\s*:?\s*[\w.+-]*)?\s*$/, '');

const close = (text: string): string => {
  const ends: string[] = [];
  let isInString = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (isInString) {
      if (character === '\\') at += 1;
      else if (character === '"') isInString = false;
    } else if (character === '"') isInString = true;
    else if (character === '{') ends.push('}');
    else if (character === '[') ends.push(']');
    else if (character === '}' || character === ']') ends.pop();
  }
  return text + (isInString ? '"' : '') + ends.toReversed().join('');
};

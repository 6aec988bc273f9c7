/** Text from elsewhere, made safe to print: no control characters, no direction tricks, no line breaks. */

const maxLength = 100;

/** Control, format (also those that turn the direction of writing), surrogate and private characters, line separators. */
const unprintable = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\u2028\u2029]/gu;

export const printable = (text: string): string => {
  const plain = text.replace(unprintable, '\u{fffd}');
  const characters = Array.from(plain);
  return characters.length > maxLength ? `${characters.slice(0, maxLength).join('')}…` : plain;
};

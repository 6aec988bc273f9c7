/** Decodes a range that was cut out of UTF-8 output: characters cut in two at its ends are left out, not repaired. */

export const decodeRange = (bytes: Uint8Array, cut: { start: boolean; end: boolean }): string =>
  new TextDecoder('utf-8', { ignoreBOM: true }).decode(wholeCharacters(bytes, cut));

/** The part of the range without the characters that were cut in two. */
export const wholeCharacters = (bytes: Uint8Array, cut: { start: boolean; end: boolean }): Uint8Array => {
  const from = cut.start ? leadingRest(bytes) : 0;
  const to = cut.end ? bytes.length - trailingRest(bytes) : bytes.length;
  return bytes.subarray(Math.min(from, to), to);
};

const isContinuation = (byte: number | undefined): boolean => byte !== undefined && (byte & 0xc0) === 0x80;

const leadingRest = (bytes: Uint8Array): number => {
  let count = 0;
  while (count < 3 && isContinuation(bytes[count])) count += 1;
  return count;
};

/** Bytes at the end that begin a character whose rest is missing. */
const trailingRest = (bytes: Uint8Array): number => {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (isContinuation(byte)) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return length > back ? back : 0;
  }
  return 0;
};

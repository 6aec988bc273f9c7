/** Whether bytes are text, and how it is written. */
import { isUtf8 } from 'node:buffer';
import { wholeCharacters } from '../../plain-text/decode-range.ts';

const lookedAtBytes = 8192;

/** No NUL at the beginning and valid UTF-8 throughout; `cut` says where characters may have been cut in two. */
export const isText = (bytes: Uint8Array, cut = { start: false, end: false }): boolean =>
  !bytes.subarray(0, lookedAtBytes).includes(0) && isUtf8(wholeCharacters(bytes, cut));

export const bom = Buffer.from([0xef, 0xbb, 0xbf]);

export const hasBom = (bytes: Uint8Array): boolean => bom.equals(bytes.subarray(0, bom.length));

/** How the lines of a text end; null without a line end. */
export const lineEndingOf = (bytes: Buffer): 'lf' | 'crlf' | 'mixed' | null => {
  let [lf, crlf] = [0, 0];
  for (let at = bytes.indexOf(0x0a); at !== -1; at = bytes.indexOf(0x0a, at + 1)) {
    if (at > 0 && bytes[at - 1] === 0x0d) crlf += 1;
    else lf += 1;
  }
  if (lf > 0 && crlf > 0) return 'mixed';
  if (crlf > 0) return 'crlf';
  return lf > 0 ? 'lf' : null;
};

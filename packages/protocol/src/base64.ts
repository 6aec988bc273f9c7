/** Strict base64 and base64url: what does not encode back to itself is refused (I13). */
import { NavisError } from './errors.ts';

const toBinary = (bytes: Uint8Array): string => {
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return binary;
};

export const encodeBase64 = (bytes: Uint8Array): string => btoa(toBinary(bytes));

export const encodeBase64Url = (bytes: Uint8Array): string =>
  encodeBase64(bytes).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');

/** Throws NavisError INVALID_REQUEST unless `text` is canonical padded base64. */
export const decodeBase64 = (text: string): Uint8Array<ArrayBuffer> => {
  const bytes = decodeLoosely(text);
  if (bytes === undefined || encodeBase64(bytes) !== text) throw new NavisError('INVALID_REQUEST', 'not strict base64');
  return bytes;
};

/** Throws NavisError INVALID_REQUEST unless `text` is canonical unpadded base64url. */
export const decodeBase64Url = (text: string): Uint8Array<ArrayBuffer> => {
  const bytes = decodeLoosely(text.replaceAll('-', '+').replaceAll('_', '/'));
  if (bytes === undefined || encodeBase64Url(bytes) !== text)
    throw new NavisError('INVALID_REQUEST', 'not strict base64url');
  return bytes;
};

const decodeLoosely = (text: string): Uint8Array<ArrayBuffer> | undefined => {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    return undefined;
  }
};

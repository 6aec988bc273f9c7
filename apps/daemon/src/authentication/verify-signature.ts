/** Whether a text was signed with the private half of a public key (N12). */
import { verify } from 'node:crypto';
import type { VerifySignature } from '@navisai/policy';
import { importPublicKey } from './authenticate.ts';

const signaturePattern = /^[A-Za-z0-9+/]{86}==$/;

export const verifySignature: VerifySignature = ({ publicKey, text, signature }) => {
  if (!signaturePattern.test(signature)) return false;
  try {
    return verify(null, Buffer.from(text, 'utf8'), importPublicKey(publicKey), Buffer.from(signature, 'base64'));
  } catch {
    // Not a key.
    return false;
  }
};

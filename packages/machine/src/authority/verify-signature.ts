/** Whether a text was signed with the private half of a public key (N12). */
import { createPublicKey, verify } from 'node:crypto';
import type { VerifySignature } from '@navisai/policy';

const signaturePattern = /^[A-Za-z0-9+/]{86}==$/;

export const verifySignature: VerifySignature = ({ publicKey, text, signature }) => {
  if (!signaturePattern.test(signature)) return false;
  try {
    const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: publicKey }, format: 'jwk' });
    return verify(null, Buffer.from(text, 'utf8'), key, Buffer.from(signature, 'base64'));
  } catch {
    // Not a key.
    return false;
  }
};

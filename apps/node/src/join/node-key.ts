/** The node's own Ed25519 key: made here, proven to the hub, never leaves this machine (N2). */
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { NavisError } from '@navisai/protocol';
import { readFileIfThere, writePrivateFile } from '@navisai/service';

export interface NodeKeyPair {
  /** Raw, base64url. */
  readonly publicKey: string;
  /** Ed25519, strict base64. */
  sign(text: string): string;
}

/** Made at the first start. Throws NavisError INVALID_ARGUMENT when it is there and cannot be read: a new one would be refused. */
export const openNodeKey = (path: string): NodeKeyPair => {
  const text = readFileIfThere(path);
  return describePair(text === undefined ? makeKey(path) : readKey(path, text));
};

const makeKey = (path: string): KeyObject => {
  const { privateKey } = generateKeyPairSync('ed25519');
  // Before it is used for the first time: after a crash while joining the same key enrols again.
  writePrivateFile(path, privateKey.export({ format: 'pem', type: 'pkcs8' }).toString());
  return privateKey;
};

const readKey = (path: string, text: string): KeyObject => {
  try {
    const key = createPrivateKey(text);
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch {
    // Told below.
  }
  throw new NavisError(
    'INVALID_ARGUMENT',
    `${path} holds no Ed25519 key. Remove it, and join again with a new key: navisai nodes rekey.`,
  );
};

const describePair = (privateKey: KeyObject): NodeKeyPair => {
  const { x = '' } = createPublicKey(privateKey).export({ format: 'jwk' });
  return {
    publicKey: x,
    sign: (text) => sign(null, Buffer.from(text), privateKey).toString('base64'),
  };
};

/** The hub's own Ed25519 key: its public half is the hub's id, which every signed text ends with (I13). */
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { z } from 'zod';
import { readFileIfThere, writePrivateFile } from '@navisai/service';

const identityFileSchema = z.object({ privateKey: z.base64() });

export interface KeyPair {
  privateKey: KeyObject;
  /** PKCS#8, base64. */
  privateText: string;
  /** Raw, base64url. */
  publicText: string;
}

export const newKeyPair = (): KeyPair => describePair(generateKeyPairSync('ed25519').privateKey);

/** Throws when the text is no Ed25519 key. */
export const parseKeyPair = (privateText: string): KeyPair => {
  const key = createPrivateKey({ key: Buffer.from(privateText, 'base64'), format: 'der', type: 'pkcs8' });
  if (key.asymmetricKeyType !== 'ed25519') throw new TypeError('not an Ed25519 key');
  return describePair(key);
};

const describePair = (privateKey: KeyObject): KeyPair => {
  const { x } = createPublicKey(privateKey).export({ format: 'jwk' });
  return {
    privateKey,
    privateText: privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64'),
    publicText: x ?? '',
  };
};

/** The identity of this home, made at the first start. Throws when it is there and cannot be read: a new one would lock every device out. */
export const openIdentity = (path: string): KeyPair => {
  const text = readFileIfThere(path);
  if (text !== undefined) return parseKeyPair(identityFileSchema.parse(JSON.parse(text)).privateKey);
  const pair = newKeyPair();
  writePrivateFile(path, `${JSON.stringify({ privateKey: pair.privateText })}\n`);
  return pair;
};

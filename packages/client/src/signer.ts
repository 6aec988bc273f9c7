/** Who signs: a device's private key behind one function, so that it can stay where it is (I13). */
import { encodeBase64, encodeBase64Url } from '@navisai/protocol';

export interface Signer {
  readonly deviceId: string;
  /** The hub that the signatures are for: the last line of every signed text. */
  readonly hubId: string;
  /** Ed25519 over the text's UTF-8 bytes, in padded base64. */
  sign(text: string): Promise<string>;
}

export interface DeviceKey {
  /** Not extractable: keep the object itself, in browsers in IndexedDB. */
  keyPair: CryptoKeyPair;
  /** Raw, base64url: what the hub learns in pairing. */
  publicKey: string;
}

/** A new key that no code can read. Rejects where WebCrypto has no Ed25519. */
export const createDeviceKey = async (): Promise<DeviceKey> => {
  const keyPair = await crypto.subtle.generateKey('Ed25519', false, ['sign', 'verify']);
  const raw = await crypto.subtle.exportKey('raw', keyPair.publicKey);
  return { keyPair, publicKey: encodeBase64Url(new Uint8Array(raw)) };
};

/** Signs with a WebCrypto Ed25519 key. */
export const createWebCryptoSigner = (device: {
  deviceId: string;
  hubId: string;
  keyPair: Pick<CryptoKeyPair, 'privateKey'>;
}): Signer => ({
  deviceId: device.deviceId,
  hubId: device.hubId,
  sign: async (text) => {
    const signature = await crypto.subtle.sign('Ed25519', device.keyPair.privateKey, new TextEncoder().encode(text));
    return encodeBase64(new Uint8Array(signature));
  },
});

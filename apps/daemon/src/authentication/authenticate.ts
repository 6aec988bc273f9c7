/** Who is calling: judges the signature of every request and socket (I13). All refusals look alike. */
import { createHash, createPublicKey, generateKeyPairSync, type KeyObject, verify } from 'node:crypto';
import {
  clockToleranceMs,
  type Credential,
  credentialSchema,
  type Device,
  NavisError,
  parseAuthorization,
  requestSigningText,
  socketPath,
  socketSigningText,
} from '@navisai/protocol';
import type { FutureNonces } from './future-nonces.ts';
import { createNonceWindow } from './nonce-window.ts';

/** A device as authentication needs it. */
export interface KnownDevice {
  device: Device;
  key: KeyObject;
}

export interface AuthenticatorParts {
  hubId: string;
  /** Milliseconds; timestamps before it are refused, so that no nonce of an earlier hub works again. */
  startedAtMs: number;
  now: () => number;
  findDevice(deviceId: string): KnownDevice | undefined;
  futureNonces: FutureNonces;
}

export interface SignedCall {
  authorization: string | undefined;
  method: string;
  /** The request target as it was sent. */
  url: string;
  body: Uint8Array;
}

export interface Authenticator {
  /** Throws NavisError UNAUTHORIZED when the header is missing or malformed: before a body is read. */
  requireCredential(authorization: string | undefined): void;
  /** Throws NavisError UNAUTHORIZED or CLOCK_SKEW. */
  authenticateRequest(call: SignedCall): Device;
  /** The credential is in the query of `url` or in the header. Throws NavisError UNAUTHORIZED or CLOCK_SKEW. */
  authenticateSocket(socket: { url: string; authorization: string | undefined }): Device;
}

export const createAuthenticator = (parts: AuthenticatorParts): Authenticator => new SignatureAuthenticator(parts);

class SignatureAuthenticator implements Authenticator {
  readonly #parts: AuthenticatorParts;
  readonly #nonces = createNonceWindow();
  /** Unknown devices cost the same time as known ones. */
  readonly #nobody = generateKeyPairSync('ed25519').publicKey;

  constructor(parts: AuthenticatorParts) {
    this.#parts = parts;
    for (const used of parts.futureNonces.earlier) this.#nonces.use(used);
  }

  requireCredential(authorization: string | undefined): void {
    requireParsed(authorization);
  }

  authenticateRequest({ authorization, method, url, body }: SignedCall): Device {
    const { hubId } = this.#parts;
    const credential = requireParsed(authorization);
    const { timestamp, nonce } = credential;
    const bodySha256 = createHash('sha256').update(body).digest('hex');
    const text = requestSigningText({ method, pathAndQuery: url, bodySha256, timestamp, nonce, hubId });
    return this.#judge(credential, text);
  }

  authenticateSocket({ url, authorization }: { url: string; authorization: string | undefined }): Device {
    const { hubId } = this.#parts;
    const credential = authorization === undefined ? credentialOfQuery(url) : parseAuthorization(authorization);
    if (credential === undefined) throw new NavisError('UNAUTHORIZED');
    const { timestamp, nonce } = credential;
    return this.#judge(credential, socketSigningText({ path: socketPath, timestamp, nonce, hubId }));
  }

  #judge(credential: Credential, signedText: string): Device {
    const timestampMs = Date.parse(credential.timestamp);
    const isTimely = Math.abs(timestampMs - this.#hubTime()) <= clockToleranceMs;
    if (!isTimely || timestampMs < this.#parts.startedAtMs) throw this.#clockSkew();
    const known = this.#parts.findDevice(credential.deviceId);
    const signature = Buffer.from(credential.signature, 'base64');
    const isStrict = signature.toString('base64') === credential.signature;
    const isGenuine = verify(null, Buffer.from(signedText), known?.key ?? this.#nobody, signature);
    if (known === undefined || !isGenuine || !isStrict || known.device.revokedAt !== null)
      throw new NavisError('UNAUTHORIZED');
    this.#useNonce(credential, timestampMs);
    return known.device;
  }

  #useNonce({ deviceId, nonce }: Credential, timestampMs: number): void {
    const { now, futureNonces } = this.#parts;
    this.#nonces.forgetBefore(this.#hubTime() - clockToleranceMs);
    const verdict = this.#nonces.use({ deviceId, nonce, timestampMs });
    if (verdict === 'used') throw new NavisError('UNAUTHORIZED');
    if (verdict === 'forgotten') throw this.#clockSkew();
    if (timestampMs > now() && !futureNonces.keep({ deviceId, nonce, timestampMs })) throw this.#clockSkew();
  }

  /** Never behind the start, so that a clock which was set back locks nobody out. */
  #hubTime(): number {
    return Math.max(this.#parts.now(), this.#parts.startedAtMs);
  }

  #clockSkew(): NavisError {
    const serverTime = new Date(this.#hubTime()).toISOString();
    return new NavisError('CLOCK_SKEW', undefined, { details: { serverTime } });
  }
}

/** Throws NavisError UNAUTHORIZED. */
const requireParsed = (authorization: string | undefined): Credential => {
  const credential = authorization === undefined ? undefined : parseAuthorization(authorization);
  if (credential === undefined) throw new NavisError('UNAUTHORIZED');
  return credential;
};

const credentialOfQuery = (url: string): Credential | undefined => {
  const start = url.indexOf('?');
  const query = new URLSearchParams(start < 0 ? '' : url.slice(start + 1));
  const field = (name: string): string | undefined => {
    const values = query.getAll(name);
    return values.length === 1 ? values[0] : undefined;
  };
  return credentialSchema.safeParse({
    deviceId: field('deviceId'),
    timestamp: field('timestamp'),
    nonce: field('nonce'),
    signature: field('signature'),
  }).data;
};

/** Throws when the text is no raw Ed25519 public key in base64url. */
export const importPublicKey = (publicKey: string): KeyObject =>
  createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: publicKey }, format: 'jwk' });

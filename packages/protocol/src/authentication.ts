/** What a principal signs and how it is carried (I13); test vectors: docs/authentication.md. */
import { encodeBase64Url } from './base64.ts';
import type { Credential } from './credential.ts';

export interface SignedRequest {
  method: string;
  /** With the query as sent, `/sessions?limit=5`. */
  pathAndQuery: string;
  /** Lower-case hex SHA-256 of the body's bytes; of no bytes when there is none. */
  bodySha256: string;
  timestamp: string;
  nonce: string;
  hubId: string;
}

/** The text that is signed for one HTTP request. */
export const requestSigningText = (request: SignedRequest): string =>
  [request.method, request.pathAndQuery, request.bodySha256, request.timestamp, request.nonce, request.hubId].join(
    '\n',
  );

/** The text that is signed for one WebSocket connection; `path` is without query. */
export const socketSigningText = (socket: { path: string; timestamp: string; nonce: string; hubId: string }): string =>
  ['WEBSOCKET', socket.path, '-', socket.timestamp, socket.nonce, socket.hubId].join('\n');

/** The value of the `Authorization` header. */
export const formatAuthorization = (credential: Credential): string =>
  `Navis deviceId="${credential.deviceId}",timestamp="${credential.timestamp}",nonce="${credential.nonce}",signature="${credential.signature}"`;

/** 128 random bits. */
export const newNonce = (): string => encodeBase64Url(crypto.getRandomValues(new Uint8Array(16)));

/** Lower-case hex SHA-256. */
export const sha256Hex = async (bytes: Uint8Array<ArrayBuffer>): Promise<string> =>
  Array.from(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('');

/** I14: six digits that both sides derive from what they know, so a man in the middle shows another code. */
export const pairingShortCode = async (facts: { hubId: string; token: string; publicKey: string }): Promise<string> => {
  const text = ['navis-pairing', facts.hubId, facts.token, facts.publicKey].join('\n');
  const digest = new DataView(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)));
  const digits = String(digest.getUint32(0) % 1_000_000).padStart(6, '0');
  return `${digits.slice(0, 3)} ${digits.slice(3)}`;
};

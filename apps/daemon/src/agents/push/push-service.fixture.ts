/** A push service of a test: takes messages over HTTPS, checks who sends them, and decrypts them as a browser would. */
import { createDecipheriv, createECDH, createPublicKey, hkdfSync, randomBytes, verify } from 'node:crypto';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { type PushMessage, pushMessageSchema, type PushSubscriptionInfo } from '@navisai/protocol';
import { makeAuthority, makeLeaf } from '../../certificates/make-certificates.ts';

export interface ReceivedPush {
  path: string;
  message: PushMessage;
  bytes: number;
  headers: Record<string, string | string[] | undefined>;
}

export interface FakeBrowser {
  subscription: PushSubscriptionInfo;
}

/** `answers` are the statuses of the next requests; then 201. */
export const startPushService = async () => {
  const now = new Date();
  const authority = await makeAuthority(now);
  const leaf = await makeLeaf(authority, now);
  const received: ReceivedPush[] = [];
  const answers: number[] = [];
  const browsers = new Map<string, (body: Buffer) => string>();
  let requests = 0;
  const server = createServer({ key: leaf.key, cert: leaf.certificate }, (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      requests += 1;
      const status = answers.shift() ?? 201;
      const path = request.url ?? '';
      const body = Buffer.concat(chunks);
      const decrypt = browsers.get(path);
      if (status === 201 && decrypt !== undefined) {
        checkSender(request.headers.authorization ?? '');
        const message = pushMessageSchema.parse(JSON.parse(decrypt(body)));
        received.push({ path, message, bytes: body.length, headers: request.headers });
      }
      response.writeHead(status, status === 302 ? { location: 'https://localhost/elsewhere' } : {}).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    ca: authority.certificate,
    received,
    answers,
    get requests() {
      return requests;
    },
    newBrowser(): FakeBrowser {
      const path = `/push/${randomBytes(8).toString('hex')}`;
      const { keys, decrypt } = newReceiver();
      browsers.set(path, decrypt);
      return { subscription: { endpoint: `https://localhost:${port}${path}`, keys } };
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};

/** RFC 8292: a token signed by the key that the browser subscribed with, for this service, not for long. */
const checkSender = (authorization: string): void => {
  const found = /^vapid t=([\w-]+)\.([\w-]+)\.([\w-]+), ?k=([\w-]+)$/.exec(authorization);
  if (found === null) throw new Error('no sender');
  const [, head = '', claims = '', signature = '', key = ''] = found;
  const raw = Buffer.from(key, 'base64url');
  const jwk = { kty: 'EC', crv: 'P-256', x: part(raw, 1), y: part(raw, 33) };
  const publicKey = createPublicKey({ key: jwk, format: 'jwk' });
  const signed = Buffer.from(`${head}.${claims}`);
  const isTrue = verify(
    'sha256',
    signed,
    { key: publicKey, dsaEncoding: 'ieee-p1363' },
    Buffer.from(signature, 'base64url'),
  );
  const { aud, exp } = JSON.parse(Buffer.from(claims, 'base64url').toString()) as { aud: string; exp: number };
  const isShort = exp * 1000 > Date.now() && exp * 1000 <= Date.now() + 24 * 3_600_000;
  if (!isTrue || !aud.startsWith('https://localhost:') || !isShort) throw new Error('not the sender');
};

const part = (raw: Buffer, from: number): string => raw.subarray(from, from + 32).toString('base64url');

/** RFC 8291 and 8188: the keys of a browser, and how it reads what was encrypted for them. */
const newReceiver = () => {
  const ecdh = createECDH('prime256v1');
  const publicKey = ecdh.generateKeys();
  const auth = randomBytes(16);
  const derive = (secret: Buffer, how: { salt: Buffer; info: Buffer; length: number }): Buffer =>
    Buffer.from(hkdfSync('sha256', secret, how.salt, how.info, how.length));
  const decrypt = (body: Buffer): string => {
    const salt = body.subarray(0, 16);
    const keyLength = body.readUInt8(20);
    const sender = body.subarray(21, 21 + keyLength);
    const info = Buffer.concat([Buffer.from('WebPush: info\0'), publicKey, sender]);
    const input = derive(ecdh.computeSecret(sender), { salt: auth, info, length: 32 });
    const key = derive(input, { salt, info: Buffer.from('Content-Encoding: aes128gcm\0'), length: 16 });
    const nonce = derive(input, { salt, info: Buffer.from('Content-Encoding: nonce\0'), length: 12 });
    const sealed = body.subarray(21 + keyLength);
    const decipher = createDecipheriv('aes-128-gcm', key, nonce);
    decipher.setAuthTag(sealed.subarray(-16));
    const plain = Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()]);
    return plain.subarray(0, plain.lastIndexOf(2)).toString('utf8');
  };
  return {
    keys: { p256dh: publicKey.toString('base64url'), auth: auth.toString('base64url') },
    decrypt,
  };
};

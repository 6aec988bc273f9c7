/** A hub that does only what a test says: real TLS, the real handshake, and a record of everything that was told to it. */
import { createPublicKey, generateKeyPairSync, type KeyObject, randomBytes, sign, verify } from 'node:crypto';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import {
  formatNodeKey,
  nodeBindingBytes,
  nodeBindingLabel,
  type NodeHello,
  nodeHelloSchema,
  nodeLinkSigningText,
  type NodeProve,
  nodeProveSchema,
  nodeVersions,
} from '@navisai/protocol';
import { type WebSocket, WebSocketServer } from 'ws';

/** Self-signed, for 127.0.0.1; of no use anywhere else. */
export const certificates = {
  hub: {
    key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgmZkwlbNL9CvvP96t
V/MnEjul0cQlpBeC2RS+Q1KQ6YKhRANCAATEQrfvRFVBSBKhCA0XN5yVOqrvyego
umOfR6DAlgp7Igl8DrHnlJ823z7jFdXUL3qyY0bbKVjm1h8V88Au3F0v
-----END PRIVATE KEY-----`,
    cert: `-----BEGIN CERTIFICATE-----
MIIBhDCCASqgAwIBAgIUTwftwvjYXOJh75B1iJQU7WQotpEwCgYIKoZIzj0EAwIw
DjEMMAoGA1UEAwwDaHViMCAXDTI2MTEyMTExNTM1NVoYDzIxMjYxMDI4MTE1MzU1
WjAOMQwwCgYDVQQDDANodWIwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAATEQrfv
RFVBSBKhCA0XN5yVOqrvyegoumOfR6DAlgp7Igl8DrHnlJ823z7jFdXUL3qyY0bb
KVjm1h8V88Au3F0vo2QwYjAdBgNVHQ4EFgQUIHRPXHhtn5CcqPhbSmNGXtLS/xEw
HwYDVR0jBBgwFoAUIHRPXHhtn5CcqPhbSmNGXtLS/xEwDwYDVR0TAQH/BAUwAwEB
/zAPBgNVHREECDAGhwR/AAABMAoGCCqGSM49BAMCA0gAMEUCIQD3fj+LRcoJAt5G
d4ew7jPshjquPQDFy8TzwRoa35ESdAIgS5jFtJuvDADS/Tc5BUeSk4BY7YQy78MQ
lMQwzzOx2JA=
-----END CERTIFICATE-----`,
  },
  other: {
    key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgkIP22UgTOb+EAI6l
jm2gsPM9yx9+MyAQJRJTc4k7h7uhRANCAASlCadoLmwgWTlqmPjuTuVhW69UiLrd
B4WcGrhaN/IDkt9WJXh2t/j/4tOJTh3t/gi2OOSJzSJ5IOR7dR2U7eCa
-----END PRIVATE KEY-----`,
    cert: `-----BEGIN CERTIFICATE-----
MIIBiDCCAS6gAwIBAgIUey1rU1gE8u2oJYOrDnCTDv+Rbt0wCgYIKoZIzj0EAwIw
EDEOMAwGA1UEAwwFb3RoZXIwIBcNMjYxMTIxMTE1MzU1WhgPMjEyNjEwMjgxMTUz
NTVaMBAxDjAMBgNVBAMMBW90aGVyMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE
pQmnaC5sIFk5apj47k7lYVuvVIi63QeFnBq4WjfyA5LfViV4drf4/+LTiU4d7f4I
tjjkic0ieSDke3UdlO3gmqNkMGIwHQYDVR0OBBYEFLBKBi/pYfrPkoitW0PHQYuT
6ErMMB8GA1UdIwQYMBaAFLBKBi/pYfrPkoitW0PHQYuT6ErMMA8GA1UdEwEB/wQF
MAMBAf8wDwYDVR0RBAgwBocEfwAAATAKBggqhkjOPQQDAgNIADBFAiAvS6xrKoM1
BFLWUC5uuFbB6/UbD6OFHNIObo9lSRIrFgIhAJXBhRsG3L0VuE5XM32Sc/P1mw+O
VEOfqIQYjDlCxJRw
-----END CERTIFICATE-----`,
  },
};

export interface ScriptedHubOptions {
  /** It says nothing after its welcome, as behind a connection that is half open. */
  isSilent?: boolean;
  /** Signs of life that ask for one are answered. */
  answersLifeSigns?: boolean;
  /** What it answers a proof with; default: welcome. */
  answer?: (prove: NodeProve) => object;
  /** Of its challenge; default: an honest one. */
  changeChallenge?: (challenge: Record<string, unknown>) => object;
}

export class ScriptedHub implements AsyncDisposable {
  readonly #server: Server;
  readonly #sockets = new Set<WebSocket>();
  readonly #privateKey: KeyObject = generateKeyPairSync('ed25519').privateKey;
  readonly #options: ScriptedHubOptions;
  /** Every frame that came, in order. */
  readonly told: string[] = [];
  /** Signs of life that came. */
  lifeSigns = 0;
  readonly proofs: NodeProve[] = [];
  readonly bindings: string[] = [];

  constructor(options: ScriptedHubOptions = {}) {
    this.#options = options;
    this.#server = createServer(certificates.hub);
    const sockets = new WebSocketServer({ server: this.#server });
    sockets.on('connection', (socket, request) => this.#serve(socket, request.socket as TLSSocket));
  }

  static async start(options?: ScriptedHubOptions): Promise<ScriptedHub> {
    const hub = new ScriptedHub(options);
    await new Promise<void>((resolve) => {
      hub.#server.listen(0, '127.0.0.1', resolve);
    });
    return hub;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get origin(): string {
    return `https://127.0.0.1:${this.port}`;
  }

  get id(): string {
    return createPublicKey(this.#privateKey).export({ format: 'jwk' }).x ?? '';
  }

  get connections(): number {
    return this.#sockets.size;
  }

  /** A key for a node called `n_test`. */
  key(secret = randomBytes(16).toString('base64url')): string {
    return formatNodeKey({ nodeId: 'n_test', hubId: this.id, secret });
  }

  closeAll(code: number, reason = ''): void {
    for (const socket of this.#sockets) socket.close(code, reason);
  }

  cutAll(): void {
    for (const socket of this.#sockets) socket.terminate();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cutAll();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #serve(socket: WebSocket, stream: TLSSocket): void {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('error', () => undefined);
    const exported = stream.exportKeyingMaterial(nodeBindingBytes, nodeBindingLabel, Buffer.alloc(0));
    let hello: NodeHello | undefined;
    const nonce = randomBytes(16).toString('base64url');
    socket.on('message', (data: Buffer, isBinary) => {
      if (data.length === 0) {
        this.lifeSigns += 1;
        if (isBinary && this.#options.answersLifeSigns === true) socket.send('');
        return;
      }
      const text = data.toString('utf8');
      this.told.push(text);
      const frame = JSON.parse(text) as { type: string };
      if (frame.type === 'hello') {
        hello = nodeHelloSchema.parse(frame);
        const binding = hello.binding === 'certificate' ? 'certificate' : exported.toString('hex');
        this.bindings.push(binding);
        this.#challenge(socket, { hello, nonce, binding });
      } else if (frame.type === 'prove') this.#judge(socket, nodeProveSchema.parse(frame));
    });
  }

  #challenge(socket: WebSocket, facts: { hello: NodeHello; nonce: string; binding: string }): void {
    const { hello, nonce, binding } = facts;
    const { current: version } = nodeVersions;
    const common = { version, nodeId: hello.nodeId, hubId: this.id, nodeNonce: hello.nonce, hubNonce: nonce, binding };
    const text = nodeLinkSigningText({ role: 'hub', ...common });
    const signature = sign(null, Buffer.from(text), this.#privateKey).toString('base64');
    const challenge = { type: 'challenge', version, hubId: this.id, nonce, signature };
    this.#expected = nodeLinkSigningText({ role: 'node', ...common });
    socket.send(JSON.stringify(this.#options.changeChallenge?.(challenge) ?? challenge));
  }

  #expected = '';

  #judge(socket: WebSocket, prove: NodeProve): void {
    const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: prove.publicKey }, format: 'jwk' });
    if (!verify(null, Buffer.from(this.#expected), key, Buffer.from(prove.signature, 'base64')))
      throw new Error('the proof is not valid');
    this.proofs.push(prove);
    socket.send(JSON.stringify(this.#options.answer?.(prove) ?? welcome(this.proofs.length)));
    socket.send(JSON.stringify({ type: 'begin', service: null, event: 0 }));
    if (this.#options.isSilent === true) return;
    const pulses = setInterval(() => socket.send(JSON.stringify({ type: 'pulse' })), 300);
    socket.on('close', () => clearInterval(pulses));
  }
}

export const welcome = (epoch: number): object => ({
  type: 'welcome',
  epoch,
  name: 'nas',
  labels: {},
  overlay: null,
  heartbeatMs: 1000,
  serverTime: new Date().toISOString(),
});

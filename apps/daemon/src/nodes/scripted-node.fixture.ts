/** A node that says exactly what a test says: real TLS, the real handshake where it is wanted, and nothing by itself. */
import { generateKeyPairSync, type KeyObject, randomBytes, sign, verify } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import {
  nodeBindingBytes,
  nodeBindingLabel,
  type NodeChallenge,
  type NodeHello,
  nodeLinkSigningText,
  type NodeProve,
  type NodeRefused,
  type NodeWelcome,
  parseNodeKey,
} from '@navisai/protocol';
import { until } from '@navisai/testkit';
import { WebSocket } from 'ws';
import { importPublicKey } from '../authentication/authenticate.ts';
import type { HubBench } from '../hub-bench.fixture.ts';

type Answer = NodeChallenge | NodeWelcome | NodeRefused | { type: string };

export interface NodeIdentity {
  nodeId: string;
  secret: string | undefined;
  privateKey: KeyObject;
  publicKey: string;
}

export const newIdentity = (nodeId: string, secret?: string): NodeIdentity => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return { nodeId, secret, privateKey, publicKey: publicKey.export({ format: 'jwk' }).x ?? '' };
};

/** A node that was invited and is not enrolled yet. */
export const inviteNode = async (bench: HubBench, name: string): Promise<NodeIdentity> => {
  const { body } = await bench.call('POST', '/nodes', { name });
  const key = parseNodeKey(String(body['key']));
  if (key === undefined) throw new Error(`no key: ${JSON.stringify(body)}`);
  return newIdentity(key.nodeId, key.secret);
};

export interface ProveChanges {
  hello?: Record<string, unknown>;
  prove?: Record<string, unknown>;
  /** Of another TLS session. */
  bindingValue?: string;
  /** In front of the upgrade. */
  headers?: Record<string, string>;
}

const platform = { os: 'linux', arch: 'x64', release: '6', hostname: 'scripted', user: 'test', sandbox: 'none' };

export class ScriptedNode implements Disposable {
  readonly socket: WebSocket;
  readonly frames: Answer[] = [];
  closed: { code: number; reason: string } | undefined;
  /** HTTP status of an upgrade that was refused. */
  refusedWith: number | undefined;
  #tls: TLSSocket | undefined;

  constructor(bench: HubBench, path: string, headers: Record<string, string> = {}) {
    this.socket = new WebSocket(`wss://localhost:${bench.port}${path}`, [], {
      ca: bench.ca,
      family: 4,
      headers: { host: `localhost:${bench.port}`, ...headers },
      perMessageDeflate: false,
    });
    this.socket.on('error', () => undefined);
    this.socket.on('upgrade', (response) => (this.#tls = response.socket as TLSSocket));
    this.socket.on('unexpected-response', (request, response) => {
      this.refusedWith = response.statusCode;
      request.destroy();
      this.socket.terminate();
    });
    this.socket.on('message', (data: Buffer) => this.frames.push(JSON.parse(data.toString('utf8')) as Answer));
    this.socket.on('close', (code, reason) => (this.closed = { code, reason: reason.toString('utf8') }));
  }

  send(frame: object | string | Uint8Array): void {
    this.socket.send(typeof frame === 'string' || frame instanceof Uint8Array ? frame : JSON.stringify(frame));
  }

  async opened(): Promise<this> {
    await until(
      'the socket opens',
      () => this.socket.readyState !== WebSocket.CONNECTING || this.refusedWith !== undefined,
    );
    return this;
  }

  frame<T extends Answer['type']>(type: T): Promise<Extract<Answer, { type: T }>> {
    const found = () => this.frames.find((frame) => frame.type === type) as Extract<Answer, { type: T }> | undefined;
    return until(
      () => `the hub says ${type}; it said ${JSON.stringify(this.frames)} ${JSON.stringify(this.closed)}`,
      found,
    );
  }

  async end(): Promise<{ code: number; reason: string }> {
    return until('the hub closes the socket', () => this.closed);
  }

  get exporter(): string {
    return this.#tls?.exportKeyingMaterial(nodeBindingBytes, nodeBindingLabel, Buffer.alloc(0)).toString('hex') ?? '';
  }

  [Symbol.dispose](): void {
    this.socket.terminate();
  }
}

/** Everything up to and with `prove`; what comes of it is in its frames. */
export const dialNode = async (
  bench: HubBench,
  identity: NodeIdentity,
  changes: ProveChanges = {},
): Promise<ScriptedNode> => {
  const node = await new ScriptedNode(bench, `/ws/nodes/${identity.nodeId}`, changes.headers).opened();
  if (node.refusedWith !== undefined) return node;
  const nonce = randomBytes(16).toString('base64url');
  const hello: NodeHello = {
    type: 'hello',
    versions: { oldest: 1, current: 1 },
    nodeId: identity.nodeId,
    nonce,
    binding: 'tls-exporter',
  };
  node.send({ ...hello, ...changes.hello });
  const challenge = await node.frame('challenge');
  if (!('signature' in challenge)) throw new Error('no challenge');
  const facts = {
    version: challenge.version,
    nodeId: identity.nodeId,
    hubId: challenge.hubId,
    nodeNonce: nonce,
    hubNonce: challenge.nonce,
    binding: changes.bindingValue ?? node.exporter,
  };
  const hubText = nodeLinkSigningText({ role: 'hub', ...facts, binding: node.exporter });
  const isHub = verify(
    null,
    Buffer.from(hubText),
    importPublicKey(bench.hubId),
    Buffer.from(challenge.signature, 'base64'),
  );
  if (!isHub) throw new Error('the hub did not prove itself');
  const text = nodeLinkSigningText({ role: 'node', ...facts });
  const prove: NodeProve = {
    type: 'prove',
    publicKey: identity.publicKey,
    signature: sign(null, Buffer.from(text), identity.privateKey).toString('base64'),
    secret: identity.secret,
    bootId: 'boot-00000001',
    epoch: null,
    version: '0.0.0',
    platform: platform as NodeProve['platform'],
  };
  node.send({ ...prove, ...changes.prove });
  return node;
};

/** As an honest node after the handshake: it has no terminals. */
export const beNode = (node: ScriptedNode, terminals: readonly object[] = []): void => {
  node.send({ type: 'state', service: 'service-1', terminals });
  node.send({ type: 'synced', service: 'service-1', event: 0 });
};

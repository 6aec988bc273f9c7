/**
 * Thousands of nodes in one process, for F1 and F2: the real handshake and heartbeats over TLS, and calls that answer at
 * once; nothing runs behind them. Run as a child process; the parent tells keys and asks for counts.
 */
import { generateKeyPairSync, randomBytes, randomUUID, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import {
  nodeBindingBytes,
  nodeBindingLabel,
  nodeChallengeSchema,
  nodeLifeSigns,
  nodeLinkSigningText,
  nodeVersions,
  nodeWelcomeSchema,
  parseHubFrame,
  parseNodeKey,
} from '@navisai/protocol';
import type { NodeFrame, NodeHello, NodeProve, NodeWelcome } from '@navisai/protocol';
import WebSocket from 'ws';

export type ToSimulation = { type: 'join'; origin: string; keys: string[] } | { type: 'count' };
export interface FromSimulation {
  type: 'counted';
  online: number;
  /** Refusals and violations that the hub told; an honest fleet sees none. */
  refused: number;
}

/** Handshakes under way at once: a machine that starts 10,000 nodes at once measures itself. */
const maxDialling = 64;
const longestPauseMs = 4_000;

let dialling = 0;
let online = 0;
let refused = 0;
const waiting: (() => void)[] = [];

const turn = async (): Promise<void> => {
  if (dialling >= maxDialling) await new Promise<void>((resolve) => waiting.push(resolve));
  dialling += 1;
};

const endTurn = (): void => {
  dialling -= 1;
  waiting.shift()?.();
};

class SimulatedNode {
  readonly #origin: string;
  readonly #nodeId: string;
  readonly #hubId: string;
  readonly #secret: string;
  readonly #key: { privateKey: KeyObject; publicText: string };
  readonly #bootId = randomUUID();
  #epoch: number | null = null;
  #failures = 0;

  constructor(origin: string, keyText: string) {
    const key = parseNodeKey(keyText);
    if (key === undefined) throw new Error('not a node key');
    this.#origin = origin;
    this.#nodeId = key.nodeId;
    this.#hubId = key.hubId;
    this.#secret = key.secret;
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    this.#key = { privateKey, publicText: String(publicKey.export({ format: 'jwk' }).x) };
  }

  async dial(): Promise<void> {
    await turn();
    const isOnline = await this.#connect().finally(endTurn);
    this.#failures = isOnline ? 0 : this.#failures + 1;
    if (!isOnline) this.#later();
  }

  #later(): void {
    const pause = Math.min(longestPauseMs, 100 * 1.6 ** this.#failures) * (0.5 + Math.random() / 2);
    setTimeout(() => void this.dial(), pause);
  }

  /** Resolves when the node is welcome, or with false when it is not. */
  #connect(): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const address = `${this.#origin.replace('https', 'wss')}/ws/nodes/${this.#nodeId}`;
    const socket = new WebSocket(address, { rejectUnauthorized: false, perMessageDeflate: false });
    const nonce = randomBytes(16).toString('base64url');
    const life = { isOnline: false, binding: '', timers: [] as NodeJS.Timeout[] };
    socket.on('upgrade', ({ socket: tls }) => {
      const material = (tls as TLSSocket).exportKeyingMaterial(nodeBindingBytes, nodeBindingLabel, Buffer.alloc(0));
      life.binding = material.toString('hex');
    });
    socket.on('open', () => {
      const hello: NodeHello = {
        type: 'hello',
        versions: nodeVersions,
        nodeId: this.#nodeId,
        nonce,
        binding: 'tls-exporter',
      };
      socket.send(JSON.stringify(hello));
    });
    socket.on('message', (data: Buffer) => {
      const message = (data.length === 0 ? {} : JSON.parse(data.toString('utf8'))) as { type?: string };
      if (message.type === 'refused') refused += 1;
      else if (message.type === 'challenge') socket.send(JSON.stringify(this.#prove(message, nonce, life.binding)));
      else if (message.type === 'welcome') {
        const welcome = nodeWelcomeSchema.parse(message);
        this.#epoch = welcome.epoch;
        life.isOnline = true;
        online += 1;
        life.timers = beat(socket, welcome);
        resolve(true);
      } else if (data.length > 0) answer(socket, data.toString('utf8'));
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      for (const timer of life.timers) clearInterval(timer);
      if (life.isOnline) {
        online -= 1;
        this.#later();
      }
      resolve(false);
    });
    return promise;
  }

  #prove(message: unknown, nodeNonce: string, binding: string): NodeProve {
    const { version, nonce: hubNonce } = nodeChallengeSchema.parse(message);
    const { privateKey, publicText } = this.#key;
    const facts = { role: 'node', version, nodeId: this.#nodeId, hubId: this.#hubId, nodeNonce, hubNonce } as const;
    const text = nodeLinkSigningText({ ...facts, binding });
    return {
      type: 'prove',
      publicKey: publicText,
      signature: sign(null, Buffer.from(text), privateKey).toString('base64'),
      ...(this.#epoch === null ? { secret: this.#secret } : {}),
      bootId: this.#bootId,
      epoch: this.#epoch,
      version: '0.1.0',
      platform: { os: 'linux', arch: 'x64', release: '6', hostname: 'simulated', user: 'nobody', sandbox: 'none' },
    };
  }
}

/** As a node does: its load, and in a large fleet signs of life in between, of which every fourth asks for one. */
const beat = (socket: WebSocket, { heartbeatMs, loadMs }: NodeWelcome): NodeJS.Timeout[] => {
  const load = setInterval(() => socket.send(JSON.stringify(heartbeat())), loadMs ?? heartbeatMs);
  if (loadMs === undefined) return [load];
  let sent = 0;
  const { here, ask } = nodeLifeSigns;
  return [load, setInterval(() => socket.send((sent += 1) % 4 === 0 ? ask : here), heartbeatMs)];
};

const heartbeat = (): NodeFrame => ({
  type: 'heartbeat',
  load: { at: new Date().toISOString(), cpus: 4, load1: 0.1, memoryBytes: 8e9, freeMemoryBytes: 4e9, uptime: 1000 },
});

const answer = (socket: WebSocket, text: string): void => {
  const parsed = parseHubFrame(text);
  if (!('frame' in parsed)) return;
  const { frame } = parsed;
  const send = (answered: NodeFrame): void => socket.send(JSON.stringify(answered));
  if (frame.type === 'begin') {
    send({ type: 'state', service: 'simulated', terminals: [] });
    send({ type: 'synced', service: 'simulated', event: 0 });
  }
  if (frame.type === 'call') {
    const { sessionId, callId } = frame;
    send({
      type: 'result',
      sessionId,
      callId,
      result: { success: true, output: '(no output)', metadata: { exit_code: 0 } },
    });
  }
};

process.on('message', (message: ToSimulation) => {
  if (message.type === 'join') for (const key of message.keys) void new SimulatedNode(message.origin, key).dial();
  else process.send?.({ type: 'counted', online, refused } satisfies FromSimulation);
});
process.on('disconnect', () => process.exit(0));

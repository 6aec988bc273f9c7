/** A hub in this process with a machine without terminals, and a client that says exactly what goes over the wire. */
import { createHash, createPrivateKey, sign, type KeyObject } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import type { IncomingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Credential,
  formatAuthorization,
  newId,
  newNonce,
  requestSigningText,
  type Scope,
  type TerminalInfo,
  type Device,
} from '@navisai/protocol';
import { createEmptyMachine, type EmptyMachine } from './run/empty-machine.fixture.ts';
import { type KeyPair, newKeyPair } from './run/identity.ts';
import { composeConfig } from './settings/config.ts';
import { type RunningHub, startHub } from './start-hub.ts';

export interface Signer {
  deviceId: string;
  key: KeyObject;
}

export interface RawRequest {
  method?: string;
  path: string;
  headers?: Record<string, string>;
  body?: string | Buffer;
  /** Sent as JSON. */
  json?: unknown;
  signer?: Signer | undefined;
  /** What is signed instead of the truth. */
  signed?: Partial<{ method: string; path: string; body: string; timestamp: string; nonce: string; hubId: string }>;
}

export interface RawAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
  /** The parsed body, `undefined` when it is no JSON. */
  body: Record<string, unknown> & { code?: string };
}

export interface PairedTestDevice extends Signer {
  device: Device;
  pair: KeyPair;
}

export interface HubBench extends AsyncDisposable {
  readonly hub: RunningHub;
  /** Such as `GET /status`. */
  readonly servedRoutes: readonly string[];
  readonly machine: EmptyMachine;
  readonly home: string;
  readonly port: number;
  readonly hubId: string;
  readonly ca: string;
  readonly host: Signer;
  send(request: RawRequest): Promise<RawAnswer>;
  /** As the host's own device. */
  call(method: string, path: string, json?: unknown): Promise<RawAnswer>;
  addDevice(scope: Scope): Promise<PairedTestDevice>;
}

export interface BenchOptions {
  config?: Record<string, unknown>;
  /** What the machine has when it starts. */
  terminals?: TerminalInfo[];
  /** An earlier bench's; not removed then. */
  home?: string;
  /** Done to the home before the hub starts. */
  prepare?: (home: string) => void;
}

export const newTestHome = () => {
  const path = mkdtempSync(join(tmpdir(), 'nd-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
};

export const startHubBench = async ({
  config = {},
  home,
  prepare,
  terminals = [],
}: BenchOptions = {}): Promise<HubBench> => {
  await using opened = new AsyncDisposableStack();
  const folder = home ?? join(opened.use(newTestHome()).path, 'navis');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
  prepare?.(folder);
  const machine = createEmptyMachine();
  machine.list = terminals;
  const flags = { foreground: false, endHosts: false, help: false, port: 0, home: folder };
  const servedRoutes: string[] = [];
  const hub = await startHub({
    onRoute: ({ method, url }) => servedRoutes.push(...[method].flat().map((one) => `${one} ${url}`)),
    config: composeConfig({ flags, variables: {} }),
    version: '0.0.0',
    createMachine: () => machine,
  });
  opened.defer(() => hub.stop({ keep: true }));
  const told = JSON.parse(readFileSync(join(folder, 'host-device.json'), 'utf8')) as Record<string, string>;
  const port = Number(new URL(`https://localhost:${readPort(folder)}`).port);
  const hubId = told.hubId ?? '';
  const ca = readFileSync(told.caFile ?? '', 'utf8');
  const host = { deviceId: told.deviceId ?? '', key: readKey(told.privateKey ?? '') };
  const send = (raw: RawRequest): Promise<RawAnswer> => sendRaw({ port, ca, hubId }, raw);
  const call = (method: string, path: string, json?: unknown) => send({ method, path, json, signer: host });
  const kept = opened.move();
  return {
    hub,
    servedRoutes,
    machine,
    home: folder,
    port,
    hubId,
    ca,
    host,
    send,
    call,
    addDevice: (scope) => addDevice(hub, scope),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
};

/** A running terminal that only a test knows. */
export const terminalOf = (sessionId: string): TerminalInfo => {
  const at = new Date().toISOString();
  return {
    id: newId('terminal'),
    sessionId,
    name: 'web',
    description: 'a server',
    command: 'cat',
    nodeId: 'main',
    status: 'busy',
    background: true,
    keepAlive: true,
    pid: 1,
    startedAt: at,
    uptime: 0,
    lastActivityAt: at,
    exitCode: null,
    signal: null,
    exitedAt: null,
    reason: null,
    columns: 120,
    rows: 40,
    title: '',
    firstOffset: 0,
    endOffset: 0,
    controller: null,
    viewers: 0,
  };
};

/** A file that is no database, where the store should be. */
export const breakStore = (home: string): void => {
  mkdirSync(join(home, 'store'), { recursive: true });
  writeFileSync(join(home, 'store', 'navis.db'), 'no database, but long enough to be looked at');
};

const readPort = (folder: string): number =>
  (JSON.parse(readFileSync(join(folder, 'run', 'daemon.json'), 'utf8')) as { port: number }).port;

const readKey = (text: string): KeyObject =>
  createPrivateKey({ key: Buffer.from(text, 'base64'), format: 'der', type: 'pkcs8' });

let devices = 0;

/** Past the pairing, which has tests of its own. */
const addDevice = async ({ services }: RunningHub, scope: Scope): Promise<PairedTestDevice> => {
  const pair = newKeyPair();
  devices += 1;
  const device: Device = {
    id: `d_test${String(devices).padStart(6, '0')}`,
    name: `test ${scope}`,
    kind: 'browser',
    userId: services.host.userId,
    scope,
    createdAt: new Date().toISOString(),
    lastSeenAt: null,
    revokedAt: null,
  };
  const entry = { device, publicKey: pair.publicText };
  await services.feed.transaction((writer) => services.devices.add(writer, entry));
  services.devices.learn(entry);
  return { device, pair, deviceId: device.id, key: pair.privateKey };
};

export const signRequest = (hubId: string, raw: RawRequest & { signer: Signer }): Credential => {
  const { signed = {}, signer } = raw;
  const timestamp = signed.timestamp ?? new Date().toISOString();
  const nonce = signed.nonce ?? newNonce();
  const text = requestSigningText({
    method: signed.method ?? raw.method ?? 'GET',
    pathAndQuery: signed.path ?? raw.path,
    bodySha256: createHash('sha256')
      .update(signed.body ?? bodyOf(raw) ?? '')
      .digest('hex'),
    timestamp,
    nonce,
    hubId: signed.hubId ?? hubId,
  });
  const signature = sign(null, Buffer.from(text), signer.key).toString('base64');
  return { deviceId: signer.deviceId, timestamp, nonce, signature };
};

const bodyOf = ({ body, json }: RawRequest): string | Buffer | undefined =>
  body ?? (json === undefined ? undefined : JSON.stringify(json));

const sendRaw = (target: { port: number; ca: string; hubId: string }, raw: RawRequest): Promise<RawAnswer> => {
  const { promise, resolve, reject } = Promise.withResolvers<RawAnswer>();
  const { signer } = raw;
  const body = bodyOf(raw);
  const outgoing = request(
    {
      host: '127.0.0.1',
      servername: 'localhost',
      port: target.port,
      ca: target.ca,
      method: raw.method ?? 'GET',
      path: raw.path,
      agent: false,
      headers: {
        host: `localhost:${target.port}`,
        ...(raw.json === undefined ? {} : { 'content-type': 'application/json' }),
        ...(body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }),
        ...(signer === undefined
          ? {}
          : { authorization: formatAuthorization(signRequest(target.hubId, { ...raw, signer })) }),
        ...raw.headers,
      },
    },
    (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('error', reject);
      incoming.on('end', () => resolve(toAnswer(incoming.statusCode ?? 0, incoming.headers, Buffer.concat(chunks))));
    },
  );
  outgoing.on('error', reject);
  outgoing.end(body);
  return promise;
};

const toAnswer = (status: number, headers: IncomingHttpHeaders, bytes: Buffer): RawAnswer => {
  const text = bytes.toString('utf8');
  const isJson = (headers['content-type'] ?? '').includes('json');
  return { status, headers, text, body: (isJson ? JSON.parse(text) : {}) as RawAnswer['body'] };
};

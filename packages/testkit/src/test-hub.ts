/** A hub of its own for one test: `await using hub = await startHub()`. */
import { randomInt } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { connectHost } from '@navisai/client/node';
import type { HubConnection } from '@navisai/client';
import type { Scope } from '@navisai/protocol';
import { startHubProcess } from './hub-process.ts';
import type { HubProcess } from './hub-process.ts';
import { pairDevice } from './pair-device.ts';
import type { PairedDevice } from './pair-device.ts';
import { createTestHome } from './test-home.ts';
import type { TestHome } from './test-home.ts';
import { until } from './until.ts';

export interface TestHubOptions {
  /** Content of `config.json`. */
  config?: Record<string, unknown>;
  environment?: Record<string, string>;
}

/** Ends with everything that ran in it; fails when something was left behind. */
export interface TestHub extends AsyncDisposable, Pick<TestHome, 'home' | 'userHome' | 'mark' | 'environment'> {
  /** The same across restarts. */
  readonly port: number;
  readonly origin: string;
  readonly pid: number;
  readonly process: HubProcess;
  /** The host's own device. */
  readonly host: HubConnection;
  /** Another client of the host's device, closed with the hub; `origin` for one that goes through a proxy. */
  connect(options?: { origin?: string }): Promise<HubConnection>;
  /** A device of its own, approved by the host. */
  pair(options?: { scope?: Scope; name?: string; origin?: string }): Promise<PairedDevice>;
  /** `kill -9`; resolves when the process is gone. */
  kill(): Promise<void>;
  /** Asks for a stop that leaves the terminals running, as an upgrade does. */
  stopKeeping(): Promise<void>;
  /** Starts again with the same home and port; resolves when `/status` answers. */
  start(): Promise<void>;
  /** Asks for a stop with all terminals. */
  stop(): Promise<void>;
}

/** Below those that systems hand out themselves: another program could get the port of a hub that is being restarted. */
const hubPorts = { first: 20_000, end: 32_000 } as const;
/** Test files that run beside each other take their ports from different parts of these. */
const partSize = 500;
const parts = (hubPorts.end - hubPorts.first) / partSize;
const firstOfPart = hubPorts.first + (Number(process.env['VITEST_POOL_ID'] ?? 0) % parts) * partSize;
let taken = randomInt(partSize);

const findPort = async (): Promise<number> => {
  taken = (taken + 1) % partSize;
  const port = firstOfPart + taken;
  return (await isFree(port)) ? port : findPort();
};

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });

export const startHub = async (options: TestHubOptions = {}): Promise<TestHub> => {
  const place = await createTestHome();
  try {
    await mkdir(place.home, { mode: 0o700 });
    if (options.config !== undefined) await writeFile(join(place.home, 'config.json'), JSON.stringify(options.config));
    const hub = new RunningTestHub(place, options);
    await hub.start();
    return hub;
  } catch (error) {
    // What the failed start left behind is ended; that it was there is told by the failure itself.
    await Promise.resolve(place[Symbol.asyncDispose]()).catch(() => undefined);
    throw error;
  }
};

class RunningTestHub implements TestHub {
  readonly #place: TestHome;
  readonly #environment: Record<string, string>;
  readonly #clients: HubConnection[] = [];
  #process: HubProcess | undefined;
  #port = 0;
  #host: HubConnection | undefined;

  constructor(place: TestHome, options: TestHubOptions) {
    this.#place = place;
    this.#environment = place.environment(options.environment);
  }

  get home(): string {
    return this.#place.home;
  }

  get userHome(): string {
    return this.#place.userHome;
  }

  get mark(): string {
    return this.#place.mark;
  }

  get port(): number {
    return this.#port;
  }

  get origin(): string {
    return `https://127.0.0.1:${this.#port}`;
  }

  get pid(): number {
    return this.process.pid;
  }

  get process(): HubProcess {
    if (this.#process === undefined) throw new Error('the hub is not running');
    return this.#process;
  }

  get host(): HubConnection {
    if (this.#host === undefined) throw new Error('the hub never ran');
    return this.#host;
  }

  environment(more: Record<string, string> = {}): Record<string, string> {
    return { ...this.#environment, ...more };
  }

  async connect(options: { origin?: string } = {}): Promise<HubConnection> {
    const client = await connectHost({ home: this.home, origin: options.origin ?? this.origin });
    this.#clients.push(client);
    return client;
  }

  async pair(options: { scope?: Scope; name?: string; origin?: string } = {}): Promise<PairedDevice> {
    const device = await pairDevice(this.host, { ...options, home: this.home, origin: options.origin ?? this.origin });
    this.#clients.push(device.connection);
    return device;
  }

  async start(): Promise<void> {
    if (this.#port === 0) this.#port = await findPort();
    this.#process = await startHubProcess({ home: this.home, environment: this.#environment, port: this.#port });
    this.#host ??= await this.connect();
    const { api } = this.#host;
    await until(
      () => `the hub does not answer:\n${this.process.printed}`,
      () => api.status().catch(() => undefined),
    );
  }

  async kill(): Promise<void> {
    this.process.signal('SIGKILL');
    await this.process.gone();
  }

  async stopKeeping(): Promise<void> {
    await this.host.api.shutdown({ body: { keep: true } });
    await this.process.gone();
  }

  async stop(): Promise<void> {
    await this.host.api.shutdown({ body: {} });
    await this.process.gone();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients) client.close();
    try {
      await this.#end();
    } finally {
      await this.#place[Symbol.asyncDispose]();
    }
  }

  /** A hub that a test killed is started once more: only a hub can end the terminals it left. */
  async #end(): Promise<void> {
    if (this.#process === undefined) return;
    try {
      if (!this.#process.isRunning) await this.start();
      await this.stop();
    } finally {
      if (this.#process.isRunning) await this.kill();
    }
  }
}

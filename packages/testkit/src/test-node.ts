/** A node of its own for one test: `await using node = await startNode(hub, { name: 'nas' })`. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Ceiling, NodeInfo } from '@navisai/protocol';
import { programFile } from './programs.ts';
import { createTestHome } from './test-home.ts';
import type { TestHome } from './test-home.ts';
import type { TestHub } from './test-hub.ts';
import { until } from './until.ts';

export interface TestNodeOptions {
  name: string;
  labels?: Record<string, string>;
  /** Where it finds the hub; default: the hub itself, else a proxy in between. */
  origin?: string;
  /** Content of its `policy.json`. */
  ceiling?: Ceiling;
  environment?: Record<string, string>;
}

/** Ends with everything that ran in it; fails when something was left behind. */
export interface TestNode extends AsyncDisposable, Pick<TestHome, 'home' | 'userHome' | 'mark'> {
  readonly id: string;
  readonly name: string;
  readonly pid: number;
  readonly isRunning: boolean;
  /** At most the last 64 KiB of what it wrote to its terminal. */
  readonly printed: string;
  /** `kill -9` of its program; its hosts and what they run go on. */
  kill(): Promise<void>;
  /** As a service manager stops it: terminals go on. */
  stop(): Promise<void>;
  /** Starts its program again; resolves when the hub says that it is online. */
  start(): Promise<void>;
  /** As the hub tells of it. */
  info(): Promise<NodeInfo>;
}

/** Of a busy machine; neither is a promised time. */
const onlineDeadlineMs = 60_000;
const goneDeadlineMs = 30_000;
const maxPrinted = 64 * 1024;

/** Invites and joins a node; resolves when it is online. */
export const startNode = async (hub: TestHub, options: TestNodeOptions): Promise<TestNode> => {
  const { node, key } = await hub.host.api.addNode({ body: { name: options.name, labels: options.labels ?? {} } });
  const place = await createTestHome();
  try {
    await mkdir(join(place.home, 'node'), { recursive: true, mode: 0o700 });
    if (options.ceiling !== undefined)
      await writeFile(join(place.home, 'node', 'policy.json'), JSON.stringify(options.ceiling));
    const running = new RunningTestNode(hub, place, { ...options, id: node.id, key });
    await running.start();
    return running;
  } catch (error) {
    await Promise.resolve(place[Symbol.asyncDispose]()).catch(() => undefined);
    throw error;
  }
};

class RunningTestNode implements TestNode {
  readonly #hub: TestHub;
  readonly #place: TestHome;
  readonly #options: TestNodeOptions & { id: string; key: string };
  #child: ChildProcess | undefined;
  #printed = '';

  constructor(hub: TestHub, place: TestHome, options: TestNodeOptions & { id: string; key: string }) {
    this.#hub = hub;
    this.#place = place;
    this.#options = options;
  }

  get id(): string {
    return this.#options.id;
  }

  get name(): string {
    return this.#options.name;
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

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  get isRunning(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  get printed(): string {
    return this.#printed;
  }

  async start(): Promise<void> {
    const joining = { NODE_API_KEY: this.#options.key, NAVIS_HUB_URL: this.#options.origin ?? this.#hub.origin };
    const before = this.#child === undefined ? 0 : ((await this.#infoIfThere())?.epoch ?? 0);
    this.#child = spawn(process.execPath, [programFile('node'), '--home', this.home], {
      env: this.#place.environment({ ...joining, ...this.#options.environment }),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream
        ?.setEncoding('utf8')
        .on('data', (text: string) => (this.#printed = (this.#printed + text).slice(-maxPrinted)));
    await until(
      () => `the node is not online:\n${this.#printed}`,
      async () => {
        if (!this.isRunning) throw new Error(`the node ended at its start:\n${this.#printed}`);
        const info = await this.#infoIfThere();
        return info?.state === 'online' && info.epoch > before;
      },
      onlineDeadlineMs,
    );
  }

  async kill(): Promise<void> {
    this.#child?.kill('SIGKILL');
    await this.#gone();
  }

  async stop(): Promise<void> {
    this.#child?.kill('SIGTERM');
    await this.#gone();
  }

  async info(): Promise<NodeInfo> {
    return this.#hub.host.api.node({ params: { id: this.id } });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      if (this.isRunning) await this.kill();
      await this.#endHosts();
    } finally {
      await this.#place[Symbol.asyncDispose]();
    }
  }

  /** A hub that is just being restarted has no answer. */
  #infoIfThere(): Promise<NodeInfo | undefined> {
    return this.info().catch(() => undefined);
  }

  async #gone(): Promise<void> {
    await until(
      () => `the node did not end:\n${this.#printed}`,
      () => !this.isRunning,
      goneDeadlineMs,
    );
  }

  async #endHosts(): Promise<void> {
    const ending = spawn(process.execPath, [programFile('node'), '--end-hosts', '--home', this.home], {
      env: this.#place.environment(),
      stdio: 'ignore',
    });
    await until('the hosts of the node are ended', () => ending.exitCode !== null, goneDeadlineMs);
  }
}

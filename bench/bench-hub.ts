/** A hub of its own for one bench row, with what the rows need of it. */
import { readFileSync, readdirSync } from 'node:fs';
import type { HubConnection } from '@navisai/client';
import type { ToolResult } from '@navisai/protocol';
import { startHub, startNode } from '@navisai/testkit';
import type { TestHub, TestNode } from '@navisai/testkit';
import { within } from './measure.ts';

export interface OpenedTerminal {
  sessionId: string;
  terminalId: string;
  name: string;
}

/** Where the work of a row is done: on the hub's own machine, or on a node that dialled in. */
export type Place = 'main' | 'node';

export interface BenchHub extends AsyncDisposable {
  readonly home: string;
  readonly pid: number;
  readonly port: number;
  readonly api: HubConnection['api'];
  connect(options?: { origin?: string }): Promise<HubConnection>;
  openTerminal(command: string, options?: { newSession?: boolean }): Promise<OpenedTerminal>;
  closeTerminal(terminal: OpenedTerminal): Promise<void>;
  /** Waits until the output shows `text`. */
  waitForText(terminal: OpenedTerminal, text: string): Promise<void>;
  /** Types a word and answers whether the program told it back. */
  answers(terminal: OpenedTerminal, word: string): Promise<boolean>;
  /** One more viewer over a connection of its own; resolves when it has the screen. */
  view(terminal: OpenedTerminal): Promise<void>;
  /** One command in a session of the bench; throws unless it succeeded. */
  run(command: string): Promise<void>;
  /** Processes of the hub's home other than the hub: the hosts. */
  hostPids(): number[];
  /** The node's program and its hosts; empty on main. */
  nodePids(): number[];
  kill(): Promise<void>;
  start(): Promise<void>;
}

const waitDeadlineMs = 60_000;

export const startBenchHub = async (place: Place = 'main'): Promise<BenchHub> => {
  await using opened = new AsyncDisposableStack();
  const hub = opened.use(await startHub());
  const node = place === 'node' ? opened.use(await startNode(hub, { name: 'bench' })) : undefined;
  const { id } = await hub.host.api.createSession({ body: { title: 'bench' } });
  return new RunningBenchHub({ hub, node, sessionId: id, opened: opened.move() });
};

interface BenchParts {
  hub: TestHub;
  node: TestNode | undefined;
  sessionId: string;
  opened: AsyncDisposableStack;
}

class RunningBenchHub implements BenchHub {
  readonly #hub: TestHub;
  readonly #node: TestNode | undefined;
  readonly #parts: AsyncDisposableStack;
  #sessionId: string;
  #opened = 0;

  constructor({ hub, node, sessionId, opened }: BenchParts) {
    this.#hub = hub;
    this.#node = node;
    this.#sessionId = sessionId;
    this.#parts = opened;
  }

  get home(): string {
    return this.#hub.home;
  }
  get pid(): number {
    return this.#hub.pid;
  }
  get port(): number {
    return this.#hub.port;
  }
  get api(): HubConnection['api'] {
    return this.#hub.host.api;
  }

  connect(options: { origin?: string } = {}): Promise<HubConnection> {
    return this.#hub.connect(options);
  }

  async openTerminal(command: string, options: { newSession?: boolean } = {}): Promise<OpenedTerminal> {
    if (options.newSession === true) this.#sessionId = (await this.api.createSession({ body: {} })).id;
    const sessionId = this.#sessionId;
    const name = `t${(this.#opened += 1)}`;
    const result = await this.#call(sessionId, {
      action: 'open',
      terminal_name: name,
      description: 'bench',
      command,
      background: true,
      keep_alive: true,
      ...this.#address,
    });
    return { sessionId, name, terminalId: String(result.metadata['terminal_id']) };
  }

  async closeTerminal(terminal: OpenedTerminal): Promise<void> {
    await this.#call(terminal.sessionId, { action: 'close', terminal_name: terminal.name });
  }

  async waitForText(terminal: OpenedTerminal, text: string): Promise<void> {
    const deadline = performance.now() + waitDeadlineMs;
    while (performance.now() < deadline) {
      const { output } = await this.#call(terminal.sessionId, { action: 'status', terminal_name: terminal.name });
      if (output.includes(text)) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`the terminal never showed ${text}`);
  }

  async answers(terminal: OpenedTerminal, word: string): Promise<boolean> {
    const result = await this.api.callTool({
      params: { id: terminal.sessionId, tool: 'terminal' },
      body: {
        action: 'send_input',
        terminal_name: terminal.name,
        input: `${word}\n`,
        wait_for: { pattern: `got ${word}`, timeout: 5 },
      },
    });
    return result.success;
  }

  async view(terminal: OpenedTerminal): Promise<void> {
    const connection = await this.connect();
    const screen = Promise.withResolvers<void>();
    connection
      .live()
      .viewTerminal({ terminalId: terminal.terminalId }, { onReset: () => screen.resolve(), onBytes: () => undefined });
    await within(waitDeadlineMs, 'the screen', screen.promise);
  }

  async run(command: string): Promise<void> {
    await this.#call(this.#sessionId, { action: 'run', command, ...this.#address });
  }

  hostPids(): number[] {
    return allPids().filter((pid) => pid !== this.pid && isHostOf(pid, this.home));
  }

  nodePids(): number[] {
    const node = this.#node;
    return node === undefined ? [] : [node.pid, ...allPids().filter((pid) => isHostOf(pid, node.home))];
  }

  kill(): Promise<void> {
    return this.#hub.kill();
  }
  start(): Promise<void> {
    return this.#hub.start();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#parts.disposeAsync();
  }

  get #address(): { node_id?: string } {
    return this.#node === undefined ? {} : { node_id: this.#node.id };
  }

  async #call(sessionId: string, body: Record<string, unknown>): Promise<ToolResult> {
    const result = await this.api.callTool({ params: { id: sessionId, tool: 'terminal' }, body });
    if (!result.success) throw new Error(result.error?.message ?? 'the call failed');
    return result;
  }
}

const allPids = (): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);

const isHostOf = (pid: number, home: string): boolean => {
  try {
    const commandLine = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    return (
      commandLine.includes('-host') &&
      (commandLine.includes(home) || readFileSync(`/proc/${pid}/environ`, 'utf8').includes(home))
    );
  } catch {
    return false;
  }
};

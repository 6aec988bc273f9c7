/** A hub of its own for one bench row, with what the rows need of it. */
import { readFileSync, readdirSync } from 'node:fs';
import type { HubConnection } from '@navisai/client';
import type { ToolResult } from '@navisai/protocol';
import { startHub } from '@navisai/testkit';
import type { TestHub } from '@navisai/testkit';
import { within } from './measure.ts';

export interface OpenedTerminal {
  sessionId: string;
  terminalId: string;
  name: string;
}

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
  /** Processes of the hub's home other than the hub: the hosts. */
  hostPids(): number[];
  kill(): Promise<void>;
  start(): Promise<void>;
}

const waitDeadlineMs = 60_000;

export const startBenchHub = async (): Promise<BenchHub> => {
  const hub = await startHub();
  const { id } = await hub.host.api.createSession({ body: { title: 'bench' } });
  return new RunningBenchHub(hub, id);
};

class RunningBenchHub implements BenchHub {
  readonly #hub: TestHub;
  #sessionId: string;
  #opened = 0;

  constructor(hub: TestHub, sessionId: string) {
    this.#hub = hub;
    this.#sessionId = sessionId;
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

  hostPids(): number[] {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number)
      .filter((pid) => pid !== this.pid && isHostOf(pid, this.home));
  }

  kill(): Promise<void> {
    return this.#hub.kill();
  }
  start(): Promise<void> {
    return this.#hub.start();
  }

  [Symbol.asyncDispose](): PromiseLike<void> {
    return this.#hub[Symbol.asyncDispose]();
  }

  async #call(sessionId: string, body: Record<string, unknown>): Promise<ToolResult> {
    const result = await this.api.callTool({ params: { id: sessionId, tool: 'terminal' }, body });
    if (!result.success) throw new Error(result.error?.message ?? 'the call failed');
    return result;
  }
}

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

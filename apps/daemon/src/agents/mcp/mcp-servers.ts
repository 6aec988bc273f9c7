/** MCP servers of the configuration: connected, kept connected, and their tools offered to agents under policy (I20). */
import { setTimeout as delay } from 'node:timers/promises';
import type { McpServerState } from '@navisai/protocol';
import type { FastifyBaseLogger } from 'fastify';
import type { HubTool, Toolbox } from '../agents.types.ts';
import {
  type ConnectedServer,
  connectMcpServer,
  type MaskProgram,
  type McpServerConfig,
  ServerProblem,
} from './mcp-connection.ts';

export interface McpServersParts {
  mask: MaskProgram;
  /** By name. */
  servers: Readonly<Record<string, McpServerConfig>>;
  toolbox: Pick<Toolbox, 'register' | 'unregister'>;
  version: string;
  log: FastifyBaseLogger;
}

/** Between attempts: doubled after each that failed. */
const retryMs = { first: 1_000, max: 60_000 } as const;

/** Connects in the background; a server that fails holds nothing up. */
export class McpServers implements AsyncDisposable {
  readonly #kept: KeptServer[];

  constructor(parts: McpServersParts) {
    this.#kept = Object.entries(parts.servers).map(([name, config]) => new KeptServer({ ...parts, name, config }));
  }

  start(): void {
    for (const server of this.#kept) server.start();
  }

  list(): McpServerState[] {
    return this.#kept.map((server) => server.state);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#kept.map((server) => server[Symbol.asyncDispose]()));
  }
}

interface KeptServerParts extends Omit<McpServersParts, 'servers'> {
  name: string;
  config: McpServerConfig;
}

class KeptServer implements AsyncDisposable {
  readonly #parts: KeptServerParts;
  readonly #ending = new AbortController();
  #state: McpServerState;
  #connected: ConnectedServer | undefined;
  #offered: readonly HubTool[] = [];
  #running: Promise<void> = Promise.resolve();

  constructor(parts: KeptServerParts) {
    const { name, config } = parts;
    const transport = 'url' in config ? 'http' : 'stdio';
    this.#parts = parts;
    this.#state = { name, transport, state: 'connecting', problem: null, tools: [] };
  }

  get state(): McpServerState {
    return this.#state;
  }

  start(): void {
    this.#running = this.#keep();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending.abort();
    await this.#connected?.[Symbol.asyncDispose]();
    await this.#running;
  }

  async #keep(): Promise<void> {
    const { signal } = this.#ending;
    let delayMs: number = retryMs.first;
    while (!signal.aborted) {
      const wasConnected = await this.#live();
      if (signal.aborted) return;
      delayMs = wasConnected ? retryMs.first : Math.min(delayMs * 2, retryMs.max);
      await delay(delayMs, undefined, { signal }).catch(() => undefined);
    }
  }

  /** From connecting to the end of the connection; answers whether there was one. */
  async #live(): Promise<boolean> {
    const { name, config, version, log, mask } = this.#parts;
    try {
      const onTools = (tools: HubTool[]): void => this.#offer(tools);
      const signal = this.#ending.signal;
      const connected = await connectMcpServer({ name, config, version, mask, signal, onTools });
      this.#connected = connected;
      this.#offer(connected.tools);
      const said = await connected.closed;
      this.#withdraw(inWords('The server ended the connection.', said));
      await connected[Symbol.asyncDispose]();
      return true;
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      const told = inWords(problem, error instanceof ServerProblem ? error.said : '');
      // Not what it said itself: that may hold a secret.
      if (this.#state.problem !== told && !this.#ending.signal.aborted)
        log.warn({ server: name, problem }, 'an MCP server cannot be used');
      this.#withdraw(told);
      return false;
    }
  }

  /** In the place of those offered before. */
  #offer(tools: readonly HubTool[]): void {
    this.#unregister();
    for (const tool of tools) this.#parts.toolbox.register(tool);
    this.#offered = tools;
    const shown = tools.map(({ name, description }) => ({ name, description }));
    this.#state = { ...this.#state, state: 'connected', problem: null, tools: shown };
  }

  #withdraw(problem: string): void {
    this.#unregister();
    this.#connected = undefined;
    this.#state = { ...this.#state, state: 'failed', problem, tools: [] };
  }

  #unregister(): void {
    for (const { name } of this.#offered) this.#parts.toolbox.unregister(name);
    this.#offered = [];
  }
}

const maxProblemLength = 3_000;

const inWords = (problem: string, said: string): string =>
  (said === '' ? problem : `${problem}\nIt said: ${said}`).slice(0, maxProblemLength);

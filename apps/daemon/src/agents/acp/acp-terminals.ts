/** Terminals of an ACP agent: Navis terminals of its session, opened on the path of every agent's calls (I19). */
import {
  type CreateTerminalRequest,
  RequestError,
  type TerminalOutputResponse,
  type WaitForTerminalExitResponse,
} from '@agentclientprotocol/sdk';
import { maxHistoryReadBytes, newId, type TerminalInfo, type ToolResult } from '@navisai/protocol';
import type { Fleet } from '../../nodes/fleet.ts';
import type { Actor, ActorCalls } from '../agents.types.ts';
import { quote } from './acp-agents.ts';

export interface AcpTerminalsParts {
  calls: ActorCalls;
  fleet: Pick<Fleet, 'terminals' | 'readHistory'>;
  sessionId: string;
  /** Of the prompt under way: its permissions and node hold. */
  actor(): Actor;
  signal(): AbortSignal;
  /** Without a question. */
  close(given: Record<string, unknown>): Promise<ToolResult>;
}

type Exit = Pick<WaitForTerminalExitResponse, 'exitCode' | 'signal'>;

const waitSeconds = 300;
const defaultOutputBytes = 1024 * 1024;

export class AcpTerminals {
  readonly #parts: AcpTerminalsParts;
  /** What was said by terminals that were killed and so closed. */
  readonly #killed = new Map<string, TerminalOutputResponse>();
  readonly #limits = new Map<string, number>();

  constructor(parts: AcpTerminalsParts) {
    this.#parts = parts;
  }

  async create(request: CreateTerminalRequest): Promise<{ terminalId: string }> {
    const terminalId = `acp-${newId('call').slice(2, 10)}`;
    const words = [request.command, ...(request.args ?? [])];
    // Agents send a command line or a program with its arguments.
    const command =
      request.args === undefined || request.args.length === 0 ? request.command : words.map(quote).join(' ');
    const variables = (request.env ?? []).map(({ name, value }) => quote(`${name}=${value}`));
    require(
      await this.#call({
        action: 'open',
        terminal_name: terminalId,
        description: `${this.#parts.actor().requester.name}: ${command}`.slice(0, 500),
        command: variables.length === 0 ? command : `export ${variables.join(' ')}; ${command}`,
        background: true,
        ...(typeof request.cwd === 'string' ? { working_dir: request.cwd } : {}),
      }),
    );
    this.#limits.set(terminalId, request.outputByteLimit ?? defaultOutputBytes);
    return { terminalId };
  }

  async output(terminalId: string): Promise<TerminalOutputResponse> {
    const killed = this.#killed.get(terminalId);
    if (killed !== undefined) return killed;
    const terminal = this.#find(terminalId);
    const limit = Math.min(this.#limits.get(terminalId) ?? defaultOutputBytes, maxHistoryReadBytes);
    const from = Math.max(terminal.firstOffset, terminal.endOffset - limit);
    const { bytes, offset } = await this.#parts.fleet.readHistory({ terminalId: terminal.id, from, maxBytes: limit });
    const output = new TextDecoder().decode(bytes).replaceAll('\r\n', '\n');
    const exit = exitOf(terminal);
    return { output, truncated: offset > 0, ...(exit === undefined ? {} : { exitStatus: exit }) };
  }

  async waitForExit(terminalId: string): Promise<Exit> {
    for (;;) {
      const killed = this.#killed.get(terminalId)?.exitStatus;
      if (killed !== undefined && killed !== null) return killed;
      const exit = exitOf(this.#find(terminalId));
      if (exit !== undefined) return exit;
      const waiting = { action: 'status', terminal_name: terminalId, wait_for: { exit: true, timeout: waitSeconds } };
      const { error } = await this.#call(waiting);
      if (error !== undefined && error.code !== 'timeout') throw RequestError.internalError(undefined, error.message);
    }
  }

  async kill(terminalId: string): Promise<void> {
    const said = await this.output(terminalId);
    require(await this.#close(terminalId));
    this.#killed.set(terminalId, { ...said, exitStatus: said.exitStatus ?? { exitCode: null, signal: 'SIGTERM' } });
  }

  async release(terminalId: string): Promise<void> {
    if (!this.#killed.delete(terminalId) && this.#known(terminalId) !== undefined) await this.#close(terminalId);
    this.#limits.delete(terminalId);
  }

  /** Nobody is asked whether the agent may end what it was allowed to open; any other terminal is asked about. */
  #close(terminalId: string): Promise<ToolResult> {
    const given = { action: 'close', terminal_name: terminalId };
    return this.#limits.has(terminalId) ? this.#parts.close(given) : this.#call(given);
  }

  #known(name: string): TerminalInfo | undefined {
    return this.#parts.fleet.terminals(this.#parts.sessionId).find((terminal) => terminal.name === name);
  }

  #find(name: string): TerminalInfo {
    const terminal = this.#known(name);
    if (terminal === undefined) throw RequestError.resourceNotFound(name);
    return terminal;
  }

  #call(given: Record<string, unknown>): Promise<ToolResult> {
    const { calls, actor, signal } = this.#parts;
    return calls.execute(actor(), { callId: newId('call'), tool: 'terminal', arguments: given, signal: signal() });
  }
}

const require = ({ success, error }: ToolResult): void => {
  if (!success) throw RequestError.internalError(undefined, error?.message ?? 'The terminal tool refused.');
};

const exitOf = ({ status, exitCode, signal }: TerminalInfo): Exit | undefined =>
  status === 'busy' ? undefined : { exitCode, signal };

/** One ACP agent at work for one session: its process in a terminal, the protocol on it, and one prompt at a time (I19). */
import {
  type AgentCapabilities,
  client,
  type ClientConnection,
  type LoadSessionRequest,
  methods,
  type NewSessionResponse,
  type PromptResponse,
  ndJsonStream,
  PROTOCOL_VERSION,
  RequestError,
  type ResumeSessionRequest,
  type SessionUpdate,
  type StopReason,
} from '@agentclientprotocol/sdk';
import type { AgentMessage } from '@navisai/agent';
import { mainNodeId, NavisError, newId } from '@navisai/protocol';
import { withDeadline } from '@navisai/service';
import type { Fleet } from '../../nodes/fleet.ts';
import type { Actor, ActorCalls, CallGate } from '../agents.types.ts';
import { type AcpAgentConfig, commandLine, variableLines } from './acp-agents.ts';
import { decidePermission } from './acp-permission.ts';
import { hasEnded, notStarted, otherVersion, saidBy } from './acp-problems.ts';
import { AcpTerminals } from './acp-terminals.ts';
import { blocksOf } from './prompt-blocks.ts';
import { openTerminalChannel, type Room, sayFirst, type TerminalChannel } from './terminal-channel.ts';

export interface AcpSessionParts {
  fleet: Fleet;
  calls: ActorCalls;
  gate: CallGate;
  personHome: string;
  onWaiting(actor: Actor, callId: string, isWaiting: boolean): void;
  agent: AcpAgentConfig;
  name: string;
  version: string;
  /** Of its last process: taken up again, so that the agent goes on with what was said. */
  remembered: string | undefined;
}

/** What an agent that was just started knows of what was said before; `unable`: it takes up no conversation at all. */
export type Recollection = 'all' | 'nothing' | 'unable' | 'lost';

/** What the prompt under way needs of whoever made it. */
export interface Prompting {
  actor: Actor;
  signal: AbortSignal;
  onUpdate(update: SessionUpdate): void;
  room: Room;
  callIdOf(toolCallId: string): string | undefined;
}

/** Starting an agent may load a large program from a slow disk. */
const startDeadlineMs = 60_000;
/** Taking up a conversation reads it and tells all of it; after that long it begins anew. */
const takeUpDeadlineMs = 30_000;
/** After `session/cancel` the agent must answer its prompt. */
const cancelDeadlineMs = 10_000;

export class AcpSession implements AsyncDisposable {
  readonly #parts: AcpSessionParts;
  readonly #sessionId: string;
  readonly #nodeId: string;
  readonly #userId: string;
  readonly #terminalName: string;
  readonly #terminals: AcpTerminals;
  #channel: TerminalChannel | undefined;
  #connection: ClientConnection | undefined;
  #capabilities: AgentCapabilities | undefined;
  #agentSessionId = '';
  #recollection: Recollection = 'nothing';
  #prompting: Prompting | undefined;

  private constructor(parts: AcpSessionParts, actor: Actor) {
    const { fleet, calls, name } = parts;
    this.#parts = parts;
    this.#sessionId = actor.session.id;
    this.#nodeId = actor.nodeId ?? mainNodeId;
    this.#userId = actor.userId;
    this.#terminalName = `acp-${name}`;
    this.#terminals = new AcpTerminals({
      calls,
      fleet,
      sessionId: actor.session.id,
      actor: () => this.#now().actor,
      signal: () => this.#now().signal,
      close: (given) => this.#execute(given),
    });
  }

  /** Rejects NavisError where the agent cannot be started, saying why; at `signal` what was started is ended. */
  static async start(parts: AcpSessionParts, actor: Actor, signal: AbortSignal): Promise<AcpSession> {
    const session = new AcpSession(parts, actor);
    try {
      await withDeadline(session.#start(actor, signal), { ms: startDeadlineMs, what: `the ACP agent ${parts.name}` });
      return session;
    } catch (error) {
      const told = session.#inOurWords(error);
      await session[Symbol.asyncDispose]();
      if (told instanceof NavisError && told.code !== 'INTERRUPTED') throw told;
      throw notStarted(parts.name, { agent: parts.agent, end: session.#channel?.end }, error);
    }
  }

  get isOpen(): boolean {
    return this.#connection?.signal.aborted === false;
  }

  /** How it finds its conversation again. */
  get agentSessionId(): string {
    return this.#agentSessionId;
  }

  get recollection(): Recollection {
    return this.#recollection;
  }

  /** Rejects when the agent is gone; one that does not follow a stop is ended. */
  async prompt(message: AgentMessage & { role: 'user' }, prompting: Prompting): Promise<StopReason> {
    const { signal } = prompting;
    if (signal.aborted) return 'cancelled';
    this.#prompting = prompting;
    const onAbort = (): void => void this.#cancel();
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      const takesImages = this.#capabilities?.promptCapabilities?.image === true;
      const request = { sessionId: this.#agentSessionId, prompt: blocksOf(message, takesImages) };
      const answer = this.#agent().request<PromptResponse>(methods.agent.session.prompt, request);
      const end = await Promise.race([answer, this.#deadlineAfter(signal), this.#gone()]);
      if (end !== 'late') return end.stopReason;
      await this[Symbol.asyncDispose]();
      return 'cancelled';
    } catch (error) {
      throw this.#inOurWords(error);
    } finally {
      signal.removeEventListener('abort', onAbort);
      this.#prompting = undefined;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#connection?.close();
    this.#channel?.[Symbol.dispose]();
    if (this.#terminal() === undefined) return;
    await this.#execute({ action: 'close', terminal_name: this.#terminalName }).catch(() => undefined);
  }

  async #start(actor: Actor, signal: AbortSignal): Promise<void> {
    const { fleet, agent, name } = this.#parts;
    if (this.#terminal() !== undefined) await this.#execute({ action: 'close', terminal_name: this.#terminalName });
    const opened = await this.#execute({
      action: 'open',
      terminal_name: this.#terminalName,
      description: `The agent ${name} itself, speaking the Agent Client Protocol`,
      command: commandLine(agent),
      background: true,
      keep_alive: true,
      ...(actor.directory === null ? {} : { working_dir: actor.directory }),
    });
    const terminal = this.#terminal();
    if (!opened.success || terminal === undefined)
      throw new NavisError('SPAWN_FAILED', opened.error?.message ?? 'The terminal of the agent was closed at once.');
    this.#channel = openTerminalChannel(fleet, terminal.id, () => this.#prompting?.room());
    sayFirst(this.#channel, variableLines(agent));
    this.#connection = this.#client().connect(ndJsonStream(this.#channel.writable, this.#channel.readable));
    const place = terminal.workingDirectory ?? actor.directory ?? '/';
    await Promise.race([this.#introduce(place), this.#gone(), stopAt(signal)]);
  }

  /** The agent itself is started by the person who began the conversation; it runs as what agents start (A7). */
  #execute(given: Record<string, unknown>) {
    return this.#parts.fleet.executeOn(this.#nodeId, {
      tool: 'terminal',
      arguments: given,
      sessionId: this.#sessionId,
      callId: newId('call'),
      userId: this.#userId,
      origin: 'agent',
      approvals: 'never',
    });
  }

  #client() {
    const terminals = this.#terminals;
    return client({ name: 'navis' })
      .onNotification(methods.client.session.update, ({ params }) => {
        // While a conversation is taken up all of it is told again; it is here already.
        if (params.sessionId === this.#agentSessionId) this.#prompting?.onUpdate(params.update);
      })
      .onRequest(methods.client.session.requestPermission, ({ params }) => {
        const { actor, signal, callIdOf } = this.#now();
        const { gate, personHome, onWaiting } = this.#parts;
        return decidePermission(params, {
          gate,
          personHome,
          onWaiting: (callId, isWaiting) => onWaiting(actor, callId, isWaiting),
          actor,
          signal,
          callId: callIdOf(params.toolCall.toolCallId),
        });
      })
      .onRequest(methods.client.terminal.create, ({ params }) => terminals.create(params))
      .onRequest(methods.client.terminal.output, ({ params }) => terminals.output(params.terminalId))
      .onRequest(methods.client.terminal.waitForExit, ({ params }) => terminals.waitForExit(params.terminalId))
      .onRequest(methods.client.terminal.kill, ({ params }) => terminals.kill(params.terminalId))
      .onRequest(methods.client.terminal.release, ({ params }) => terminals.release(params.terminalId));
  }

  async #introduce(cwd: string): Promise<void> {
    const agent = this.#agent();
    const { protocolVersion, agentCapabilities } = await agent.request(methods.agent.initialize, {
      protocolVersion: PROTOCOL_VERSION,
      clientCapabilities: { terminal: true },
      clientInfo: { name: 'navis', version: this.#parts.version },
    });
    if (protocolVersion !== PROTOCOL_VERSION)
      throw otherVersion(this.#parts.name, { theirs: protocolVersion, ours: PROTOCOL_VERSION });
    this.#capabilities = agentCapabilities;
    const place = { cwd, mcpServers: [] };
    const { remembered } = this.#parts;
    if (remembered !== undefined) {
      this.#recollection = await this.#takeUp({ sessionId: remembered, ...place });
      if (this.#recollection === 'all') return void (this.#agentSessionId = remembered);
    }
    const made = await agent.request<NewSessionResponse>(methods.agent.session.new, place);
    this.#agentSessionId = made.sessionId;
  }

  /** `session/resume` tells nothing of it again, and is tried first where the agent has it. */
  async #takeUp(conversation: ResumeSessionRequest & LoadSessionRequest): Promise<Recollection> {
    const { sessionCapabilities, loadSession } = this.#capabilities ?? {};
    const { resume, load } = methods.agent.session;
    const ways: (typeof resume | typeof load)[] = [];
    if (sessionCapabilities?.resume !== undefined && sessionCapabilities.resume !== null) ways.push(resume);
    if (loadSession === true) ways.push(load);
    for (const way of ways)
      try {
        const taking = this.#agent().request(way, conversation);
        await withDeadline(taking, { ms: takeUpDeadlineMs, what: `the conversation of ${this.#parts.name}` });
        return 'all';
      } catch {
        // It has it no longer, or cannot read it; the next way, else a new one.
      }
    return ways.length === 0 ? 'unable' : 'lost';
  }

  async #cancel(): Promise<void> {
    await this.#agent()
      .notify(methods.agent.session.cancel, { sessionId: this.#agentSessionId })
      .catch(() => undefined);
  }

  #deadlineAfter(signal: AbortSignal): Promise<'late'> {
    return new Promise((resolve) => {
      const begin = (): void => void setTimeout(() => resolve('late'), cancelDeadlineMs).unref();
      signal.addEventListener('abort', begin, { once: true });
    });
  }

  async #gone(): Promise<never> {
    await this.#connection?.closed;
    throw this.#ended();
  }

  /** An error of the agent is told as it says it; a call that its end left open is one of an agent that has ended. */
  #inOurWords(error: unknown): unknown {
    if (error instanceof NavisError) return error;
    if (!this.isOpen) return this.#ended();
    if (!(error instanceof RequestError)) return error;
    return saidBy(this.#parts.name, error, this.#agentSessionId === '');
  }

  #ended(): NavisError {
    const { problem, end } = this.#channel ?? {};
    if (problem !== undefined)
      return new NavisError(problem.code, `The ACP agent ${this.#parts.name} was given up: ${problem.message}`);
    return hasEnded(this.#parts.name, { agent: this.#parts.agent, end });
  }

  #agent() {
    if (this.#connection === undefined) throw new NavisError('INTERRUPTED', 'The agent is not connected.');
    return this.#connection.agent;
  }

  #now(): Prompting {
    if (this.#prompting === undefined) throw new NavisError('CONFLICT', 'No prompt is under way.');
    return this.#prompting;
  }

  #terminal() {
    return this.#parts.fleet.terminals(this.#sessionId).find(({ name }) => name === this.#terminalName);
  }
}

/** Rejects when, or where already, a stop came. */
const stopAt = (signal: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => {
    const stop = (): void => reject(new NavisError('CANCELLED', 'It was stopped while it started.'));
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });

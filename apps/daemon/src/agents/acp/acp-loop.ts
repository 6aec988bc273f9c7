/** Runs of a session whose agent speaks ACP: the same events as of the hub's own loop, made from what the agent tells (I19). */
import type { AgentEvent, AgentMessage, AgentRunRequest, RunAgent } from '@navisai/agent';
import { type RunEndReason, toErrorBody, type Usage } from '@navisai/protocol';
import type { StopReason } from '@agentclientprotocol/sdk';
import type { Fleet } from '../../nodes/fleet.ts';
import type { Actor, ActorCalls, CallGate, HubTool } from '../agents.types.ts';
import { type AcpAgentConfig, findAcpAgent } from './acp-agents.ts';
import { AcpEvents } from './acp-events.ts';
import { AcpSession } from './acp-session.ts';

export interface AcpRunsParts {
  fleet: Fleet;
  calls: ActorCalls;
  gate: CallGate;
  /** Shows the plan of an agent. */
  plan(): HubTool | undefined;
  configured: Readonly<Record<string, AcpAgentConfig>>;
  version: string;
}

/** Agents at rest, their processes kept for the next prompt; the oldest leaves first. */
const maxKept = 20;

export class AcpRuns implements AsyncDisposable {
  readonly #parts: AcpRunsParts;
  readonly #sessions = new Map<string, AcpSession>();
  /** By session: how the agent finds its conversation again in its next process. */
  readonly #remembered = new Map<string, string>();

  constructor(parts: AcpRunsParts) {
    this.#parts = parts;
  }

  /** The loop of one run of `actor`, whose session names the agent. */
  loop(actor: Actor, agent: string): RunAgent {
    return (request) => this.#run(actor, { agent, request });
  }

  /** The session was closed: its agent has ended with its terminals. */
  async forget(sessionId: string): Promise<void> {
    const session = this.#sessions.get(sessionId);
    this.#sessions.delete(sessionId);
    this.#remembered.delete(sessionId);
    await session?.[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#sessions.values()].map((session) => session[Symbol.asyncDispose]()));
    this.#sessions.clear();
  }

  async *#run(
    actor: Actor,
    { agent, request }: { agent: string; request: AgentRunRequest },
  ): AsyncGenerator<AgentEvent, void, void> {
    const startedAt = request.now();
    let turns = 0;
    const usage = (): Usage => {
      const durationMs = request.now() - startedAt;
      return { inputTokens: 0, outputTokens: 0, cachedInputTokens: 0, modelMs: durationMs, durationMs, turns };
    };
    try {
      yield { type: 'model', reference: `acp/${agent}` };
      const session = await this.#open(actor, agent);
      let message: AgentMessage | undefined = lastOf(request.messages);
      let reason: RunEndReason = 'completed';
      while (message?.role === 'user' && reason === 'completed') {
        turns += 1;
        reason = yield* this.#prompt(session, { actor, request, message });
        const [next] = reason === 'completed' ? await request.takeSteering() : [];
        if (next !== undefined) yield { type: 'message', message: next };
        message = next;
      }
      yield { type: 'end', reason, usage: usage(), error: null };
    } catch (error) {
      const { code, message } = toErrorBody(error);
      const reason = request.signal.aborted ? 'stopped' : code === 'INTERRUPTED' ? 'interrupted' : 'failed';
      yield { type: 'end', reason, usage: usage(), error: reason === 'stopped' ? null : { code, message } };
    }
  }

  async *#prompt(
    session: AcpSession,
    { actor, request, message }: { actor: Actor; request: AgentRunRequest; message: AgentMessage & { role: 'user' } },
  ): AsyncGenerator<AgentEvent, RunEndReason, void> {
    const events = new AcpEvents(request.newCallId);
    const queue: AgentEvent[] = [];
    let wake = Promise.withResolvers<void>();
    const answer = session.prompt(message, {
      actor,
      signal: request.signal,
      callIdOf: (toolCallId) => events.callIdOf(toolCallId),
      onUpdate: (update) => {
        if (update.sessionUpdate === 'plan') void this.#showPlan(actor, { entries: update.entries, request });
        queue.push(...events.take(update));
        wake.resolve();
      },
    });
    const state: { end?: StopReason; error?: unknown } = {};
    void answer
      .then(
        (reason) => void (state.end = reason),
        (error: unknown) => void (state.error = error),
      )
      .finally(() => wake.resolve());
    for (;;) {
      await wake.promise;
      wake = Promise.withResolvers<void>();
      while (queue.length > 0) yield queue.shift() as AgentEvent;
      if (state.error !== undefined) throw state.error;
      if (state.end !== undefined) break;
    }
    yield* events.end('was left open');
    if (events.text !== '')
      yield { type: 'message', message: { role: 'assistant', parts: [{ type: 'text', text: events.text }] } };
    return endOf(state.end, request.signal);
  }

  async #open(actor: Actor, agent: string): Promise<AcpSession> {
    const { id } = actor.session;
    const known = this.#sessions.get(id);
    if (known?.isOpen === true) return known;
    this.#sessions.delete(id);
    const { configured, ...parts } = this.#parts;
    const config = findAcpAgent(configured, agent);
    const remembered = this.#remembered.get(id);
    const session = await AcpSession.start({ ...parts, agent: config, name: agent, remembered }, actor);
    this.#sessions.set(id, session);
    this.#remembered.set(id, session.agentSessionId);
    const [oldest] = this.#sessions;
    if (this.#sessions.size > maxKept && oldest !== undefined) {
      this.#sessions.delete(oldest[0]);
      await oldest[1][Symbol.asyncDispose]();
    }
    return session;
  }

  async #showPlan(actor: Actor, { entries, request }: { entries: unknown; request: AgentRunRequest }): Promise<void> {
    const call = { callId: request.newCallId(), tool: 'plan', arguments: { entries }, signal: request.signal };
    await this.#parts.plan()?.execute(actor, call);
  }
}

const lastOf = (messages: readonly AgentMessage[]): AgentMessage | undefined =>
  messages.findLast(({ role }) => role === 'user');

const endOf = (reason: StopReason | undefined, signal: AbortSignal): RunEndReason => {
  if (signal.aborted || reason === 'cancelled') return 'stopped';
  return reason === 'max_tokens' || reason === 'max_turn_requests' ? 'budget' : 'completed';
};

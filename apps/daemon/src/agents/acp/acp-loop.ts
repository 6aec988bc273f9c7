/** Runs of a session whose agent speaks ACP: the same events as of the hub's own loop, made from what the agent tells (I19). */
import type { AgentEvent, AgentMessage, AgentRunRequest, RunAgent } from '@navisai/agent';
import { mainNodeId, type RunEndReason, toErrorBody, type Usage } from '@navisai/protocol';
import type { StoreKeeper } from '@navisai/store';
import type { StopReason } from '@agentclientprotocol/sdk';
import type { FastifyBaseLogger } from 'fastify';
import type { Fleet } from '../../nodes/fleet.ts';
import type { Actor, ActorCalls, CallGate, HubTool } from '../agents.types.ts';
import { type AcpAgentConfig, findAcpAgent } from './acp-agents.ts';
import { AcpEvents, type ToldPlan } from './acp-events.ts';
import type { AcpSession, Recollection } from './acp-session.ts';
import { EventQueue } from './event-queue.ts';

export interface AcpRunsParts {
  fleet: Fleet;
  calls: ActorCalls;
  gate: CallGate;
  keeper: StoreKeeper;
  /** The home directory of the person. */
  personHome: string;
  /** Told when a call of this actor begins and ends to wait for a person. */
  onWaiting(actor: Actor, callId: string, isWaiting: boolean): void;
  /** Shows the plan of an agent. */
  plan(): HubTool | undefined;
  configured: Readonly<Record<string, AcpAgentConfig>>;
  version: string;
  log: FastifyBaseLogger;
}

interface Prompted {
  actor: Actor;
  request: AgentRunRequest;
}

/** Agents whose processes are kept for the next prompt; of those at rest the one that rested longest leaves first. */
const maxKept = 20;

export class AcpRuns implements AsyncDisposable {
  readonly #parts: AcpRunsParts;
  /** The one that was last at work is the last. */
  readonly #sessions = new Map<string, AcpSession>();
  /** The run under way of each conversation. */
  readonly #atWork = new Map<string, AgentRunRequest>();

  constructor(parts: AcpRunsParts) {
    this.#parts = parts;
  }

  /** The loop of one run of `actor`, whose session names the agent. */
  loop(actor: Actor, agent: string): RunAgent {
    return (request) => this.#run(actor, { agent, request });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#sessions.values()].map((session) => session[Symbol.asyncDispose]()));
    this.#sessions.clear();
  }

  async *#run(
    actor: Actor,
    { agent, request }: { agent: string; request: AgentRunRequest },
  ): AsyncGenerator<AgentEvent, void, void> {
    const { id } = actor.session;
    const startedAt = request.now();
    let turns = 0;
    this.#atWork.set(id, request);
    const usage = (): Usage => {
      const durationMs = request.now() - startedAt;
      return { inputTokens: 0, outputTokens: 0, cachedInputTokens: 0, modelMs: durationMs, durationMs, turns };
    };
    try {
      yield { type: 'model', reference: `acp/${agent}` };
      const { session, isFresh } = await this.#open(actor, { agent, signal: request.signal });
      const hasPast = request.messages.some(({ role }) => role === 'assistant');
      if (isFresh && hasPast && session.recollection !== 'all')
        yield { type: 'notice', kind: 'fallback', text: forgetting(agent, session.recollection) };
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
    } finally {
      // One that has ended is not at rest: it does not count among those.
      if (this.#sessions.get(id)?.isOpen === false) this.#sessions.delete(id);
      if (this.#atWork.get(id) === request) this.#atWork.delete(id);
      await this.#leaveOldest();
    }
  }

  async *#prompt(
    session: AcpSession,
    { actor, request, message }: Prompted & { message: AgentMessage & { role: 'user' } },
  ): AsyncGenerator<AgentEvent, RunEndReason, void> {
    const events = new AcpEvents(request.newCallId);
    using queue = new EventQueue();
    const answer = session.prompt(message, {
      actor,
      signal: request.signal,
      callIdOf: (toolCallId) => events.callIdOf(toolCallId),
      room: () => queue.room(),
      onUpdate: (update) => queue.push(events.take(update)),
    });
    const end = yield* this.#withPlans(queue.until(answer), { actor, request });
    yield* events.end('was left open');
    if (events.text !== '')
      yield { type: 'message', message: { role: 'assistant', parts: [{ type: 'text', text: events.text }] } };
    return endOf(end, request.signal);
  }

  async #open(
    actor: Actor,
    { agent, signal }: { agent: string; signal: AbortSignal },
  ): Promise<{ session: AcpSession; isFresh: boolean }> {
    const { id } = actor.session;
    const known = this.#sessions.get(id);
    this.#sessions.delete(id);
    if (known?.isOpen === true) {
      this.#sessions.set(id, known);
      return { session: known, isFresh: false };
    }
    const { configured, keeper, ...parts } = this.#parts;
    const config = findAcpAgent(configured, agent);
    const place = { agent, nodeId: actor.nodeId ?? mainNodeId };
    const before = await keeper.store.read.conversations.remembered(id);
    const isThere = before?.agent === place.agent && before.nodeId === place.nodeId;
    const remembered = isThere ? before.id : undefined;
    // With the schemas of the protocol, which most hubs never need.
    const acp = await import('./acp-session.ts');
    const session = await acp.AcpSession.start({ ...parts, agent: config, name: agent, remembered }, actor, signal);
    this.#sessions.set(id, session);
    await this.#leaveOldest();
    const { agentSessionId } = session;
    if (agentSessionId !== remembered)
      await keeper.store.transaction((writer) => writer.conversations.remember(id, { ...place, id: agentSessionId }));
    return { session, isFresh: true };
  }

  /** While more are at work than are kept, all of them are. */
  async #leaveOldest(): Promise<void> {
    const atRest = [...this.#sessions].filter(([id]) => !this.#atWork.has(id));
    const leaving = atRest.slice(0, Math.max(0, this.#sessions.size - maxKept));
    for (const [id] of leaving) this.#sessions.delete(id);
    await Promise.all(leaving.map(([, session]) => session[Symbol.asyncDispose]()));
  }

  /** A plan is shown in its place among the events. */
  async *#withPlans<T>(
    told: AsyncGenerator<AgentEvent | ToldPlan, T, void>,
    { actor, request }: Prompted,
  ): AsyncGenerator<AgentEvent, T, void> {
    for (;;) {
      const next = await told.next();
      if (next.done === true) return next.value;
      if (next.value.type === 'plan') await this.#showPlan(next.value, { actor, request });
      else yield next.value;
    }
  }

  async #showPlan({ entries }: ToldPlan, { actor, request }: Prompted): Promise<void> {
    const call = { callId: request.newCallId(), tool: 'plan', arguments: { entries }, signal: request.signal };
    const shown = await this.#parts.plan()?.execute(actor, call);
    if (shown?.success === false)
      this.#parts.log.warn({ err: shown.error, runId: actor.runId }, 'the plan of an agent could not be shown');
  }
}

/** Told once, when it was started. */
const forgetting = (agent: string, recollection: Recollection): string => {
  const why: Readonly<Record<Recollection, string>> = {
    all: '',
    nothing: 'What was said so far was not said to it.',
    unable: 'It was started anew, and cannot take up a conversation.',
    lost: 'It was started anew, and no longer has this conversation.',
  };
  return `${agent} does not know what was said above. ${why[recollection]} Tell it again what matters.`;
};

const lastOf = (messages: readonly AgentMessage[]): AgentMessage | undefined =>
  messages.findLast(({ role }) => role === 'user');

const endOf = (reason: StopReason, signal: AbortSignal): RunEndReason => {
  if (signal.aborted || reason === 'cancelled') return 'stopped';
  return reason === 'max_tokens' || reason === 'max_turn_requests' ? 'budget' : 'completed';
};

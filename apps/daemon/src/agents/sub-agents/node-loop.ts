/**
 * A loop that goes round on a node, as the hub's own would here (N8). What the node tells is taken as data: tokens are
 * counted here, only calls that are on record are made, and only with the tools that the run has.
 */
import type { AgentEvent, AgentModel, AgentRunRequest, AgentTool, RunAgent } from '@navisai/agent';
import { unansweredCalls } from '@navisai/agent';
import {
  NavisError,
  type NodeAgentEvent,
  type NodeModelEvent,
  type NodeModelRequest,
  type ToolResult,
  type Usage,
} from '@navisai/protocol';
import type { NodeAgentCall, NodeAgentSink, RemoteMachine } from '@navisai/remote';
import { failure } from '../../services/tool-path.ts';
import { isLeaving } from '../leaving.ts';
import type { MeteredModel } from './metered-model.ts';

export interface ChildNode {
  id: string;
  /** Rejects NavisError NODE_OFFLINE. */
  link(): Promise<Pick<RemoteMachine, 'startAgent'>>;
}

export interface NodeLoopParts {
  node: ChildNode;
  sessionId: string;
  runId: string;
  model: MeteredModel;
}

export const loopOnNode = (parts: NodeLoopParts): RunAgent =>
  async function* (request) {
    const startedAt = performance.now();
    const usage = (told: Usage | undefined): Usage => ({
      ...parts.model.used,
      turns: Math.min(told?.turns ?? Infinity, parts.model.used.turns),
      durationMs: performance.now() - startedAt,
    });
    const link = await linkOf(parts.node);
    if (link instanceof NavisError) return yield lostEnd(link, usage(undefined));
    const run = new NodeRun(link, parts, request);
    try {
      for (;;) {
        const told = await run.next();
        if (told instanceof NavisError) return yield lostEnd(told, usage(undefined));
        const { event, taken } = told;
        const counted = 'usage' in event ? { ...event, usage: usage(event.usage) } : event;
        yield counted satisfies AgentEvent;
        taken();
        if (event.type === 'end') return;
      }
    } finally {
      run.leave();
    }
  };

const linkOf = async (node: ChildNode): Promise<AgentLink | NavisError> => {
  try {
    return await node.link();
  } catch (error) {
    return error instanceof NavisError ? error : new NavisError('INTERNAL', undefined, { cause: error });
  }
};

type AgentLink = Awaited<ReturnType<ChildNode['link']>>;

interface Told {
  event: NodeAgentEvent;
  taken(): void;
}

/** One event at a time: the next is taken from the node when this one was kept. */
class NodeRun implements NodeAgentSink {
  readonly #request: AgentRunRequest;
  readonly #model: AgentModel;
  readonly #tools: ReadonlyMap<string, AgentTool>;
  /** Calls that are on record. */
  readonly #known: Set<string>;
  readonly #stop: (reason: string) => void;
  readonly #onAbort = (): void => this.#end('The run was stopped.');
  #told: Told | undefined;
  #lost: NavisError | undefined;
  #hasLeft = false;
  #wake: (() => void) | undefined;

  constructor(link: AgentLink, { node, sessionId, runId, model }: NodeLoopParts, request: AgentRunRequest) {
    this.#request = request;
    this.#model = model;
    this.#tools = new Map(request.tools.map((tool) => [tool.name, tool]));
    this.#known = new Set(unansweredCalls(request.messages).map(({ callId }) => callId));
    const { system, messages, temperature, limits, signal } = request;
    const spec = {
      nodeId: node.id,
      system,
      messages: [...messages],
      tools: request.tools.map(published),
      temperature,
      model: model.reference,
      contextTokens: model.contextTokens,
      limits: { ...limits },
    };
    const run = link.startAgent({ runId, sessionId, spec }, this);
    this.#stop = (reason) => run.stop(reason);
    signal.addEventListener('abort', this.#onAbort, { once: true });
    if (signal.aborted) this.#onAbort();
  }

  async next(): Promise<Told | NavisError> {
    while (this.#told === undefined && this.#lost === undefined) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      await promise;
    }
    const told = this.#told;
    this.#told = undefined;
    return told ?? this.#lost ?? new NavisError('INTERRUPTED');
  }

  /** Nobody listens any more. */
  leave(): void {
    this.#hasLeft = true;
    this.#request.signal.removeEventListener('abort', this.#onAbort);
    this.#end('The run is over.');
    this.#told?.taken();
  }

  /** A hub that leaves ends nothing: what the calls of the run began is found when it goes on (N7). */
  #end(reason: string): void {
    if (!isLeaving(this.#request.signal)) this.#stop(reason);
  }

  async onEvent(event: NodeAgentEvent): Promise<void> {
    if (this.#hasLeft) return;
    if (event.type === 'message' && event.message.role === 'assistant')
      for (const part of event.message.parts) if (part.type === 'tool_call') this.#known.add(part.callId);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#told = { event, taken: resolve };
    this.#wake?.();
    await promise;
  }

  onLost(error: NavisError): void {
    this.#lost = error;
    this.#wake?.();
  }

  model(
    { system, messages, tools, temperature, maxOutputTokens }: NodeModelRequest,
    signal: AbortSignal,
  ): AsyncIterable<NodeModelEvent> {
    const offered = tools.flatMap(({ name }) => this.#tools.get(name) ?? []).map(published);
    const both = AbortSignal.any([signal, this.#request.signal]);
    return this.#model.stream({ system, messages, tools: offered, temperature, maxOutputTokens, signal: both });
  }

  async call({ callId, tool: name, arguments: given, signal }: NodeAgentCall): Promise<ToolResult> {
    const tool = this.#tools.get(name);
    if (tool === undefined) return failure(new NavisError('TOOL_UNKNOWN', `There is no tool ${name}.`));
    if (!this.#known.has(callId))
      return failure(new NavisError('INVALID_ARGUMENT', 'This call was not told before. Nothing was started.'));
    return tool.execute({ callId, arguments: given, signal: AbortSignal.any([signal, this.#request.signal]) });
  }
}

const published = ({ name, description, schema }: AgentTool | Omit<AgentTool, 'execute'>) => ({
  name,
  description,
  schema,
});

const lostEnd = ({ code, message }: NavisError, usage: Usage): AgentEvent => {
  const reason = code === 'CANCELLED' ? 'stopped' : code === 'INTERRUPTED' ? 'interrupted' : 'failed';
  return { type: 'end', reason, usage, error: reason === 'stopped' ? null : { code, message } };
};

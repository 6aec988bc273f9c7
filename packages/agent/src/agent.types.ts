/**
 * The seams of the agent: what a model is, what a tool is, what a run needs and what it tells. The loop cannot know where
 * tools run or who approves. Nothing behind these seams throws: failure is a value or an event.
 */
import type { RunEndReason, ToolResult, Usage } from '@navisai/protocol';

/** What a model is shown; kept as append-only rows of the session. */
export type AgentMessage =
  /** `isSummary`: said by nobody, it stands for what compaction took out of the context. */
  | { role: 'user'; text: string; attachments?: ModelAttachment[]; isSummary?: true }
  | { role: 'assistant'; parts: AssistantPart[] }
  | { role: 'tool'; results: ToolAnswer[] };

export interface ModelAttachment {
  name: string;
  mediaType: string;
  /** Base64. */
  data: string;
}

export type AssistantPart =
  | { type: 'text'; text: string }
  /** `provider` is what the provider wants back unchanged, such as a signature. */
  | { type: 'thinking'; text: string; provider?: unknown }
  | { type: 'tool_call'; callId: string; tool: string; arguments: unknown; provider?: unknown };

export interface ToolAnswer {
  callId: string;
  tool: string;
  /** As the model reads it. */
  output: string;
  success: boolean;
}

export interface ToolSpecification {
  name: string;
  description: string;
  /** JSON schema of the arguments. */
  schema: Record<string, unknown>;
}

export interface ModelRequest {
  system: string;
  messages: readonly AgentMessage[];
  tools: readonly ToolSpecification[];
  temperature?: number | undefined;
  maxOutputTokens?: number | undefined;
  signal: AbortSignal;
}

export type ModelEvent =
  | { type: 'text'; text: string }
  | { type: 'thinking'; text: string; provider?: unknown }
  /** Arguments as they come; `key` is the provider's id of the call. */
  | { type: 'tool_call_piece'; key: string; tool: string; text: string }
  | { type: 'tool_call'; key: string; tool: string; arguments: unknown; provider?: unknown }
  /** Which model answers, where several could. */
  | { type: 'model'; reference: string; contextTokens: number }
  /** Something to know: another attempt, another model. */
  | { type: 'notice'; kind: 'retry' | 'fallback'; text: string }
  | { type: 'end'; reason: 'stop' | 'tool_calls' | 'length' | 'other'; usage: ModelUsage }
  | { type: 'error'; error: ModelError };

export type ModelUsage = Pick<Usage, 'inputTokens' | 'outputTokens' | 'cachedInputTokens'>;

export interface ModelError {
  code:
    | 'AUTHENTICATION'
    | 'RATE_LIMIT'
    | 'OVERLOADED'
    | 'CONTEXT_TOO_LONG'
    | 'REFUSED'
    | 'UNREACHABLE'
    | 'CANCELLED'
    | 'NO_MODEL';
  /** What happened, what is affected, what to do. */
  message: string;
  isRetryable: boolean;
  retryAfterMs?: number | undefined;
}

/** A model to talk to; retries and fallback are models around models. Never throws: the last event is `end` or `error`. */
export interface AgentModel {
  /** `provider/model`. */
  readonly reference: string;
  /** How much it reads at once. */
  readonly contextTokens: number;
  stream(request: ModelRequest): AsyncIterable<ModelEvent>;
}

export interface AgentToolCall {
  callId: string;
  arguments: unknown;
  signal: AbortSignal;
}

/** A tool that the model may call; policy, approval and routing are inside. Never throws; several run at once. */
export interface AgentTool extends ToolSpecification {
  execute(call: AgentToolCall): Promise<ToolResult>;
}

export interface RunLimits {
  /** Calls of the model (P4 `max_iterations`). */
  maxTurns: number;
  /** In and out together; absent: no limit. */
  maxTokens?: number | undefined;
}

export interface AgentRunRequest {
  system: string;
  /** May end with calls that have no answer yet: they are made first, with the same ids, so that what ended meanwhile is found. */
  messages: readonly AgentMessage[];
  model: AgentModel;
  tools: readonly AgentTool[];
  temperature?: number | undefined;
  limits: RunLimits;
  /**
   * What the person said meanwhile; asked for before each turn, and once more before the run would end. Each comes back as
   * a `message` event, so that the context is kept in one order.
   */
  takeSteering(): Promise<AgentMessage[]>;
  /** Ids for calls (`c_…`). */
  newCallId(): string;
  now(): number;
  signal: AbortSignal;
}

/** Everything that a run tells, in order. `part` counts from 0 within the run. */
export type AgentEvent =
  | { type: 'model'; reference: string }
  | { type: 'delta'; part: number; kind: 'text' | 'thinking'; text: string }
  /** Pieces of the arguments of one call; `callId` is the id it will run under. */
  | { type: 'call_delta'; part: number; callId: string; tool: string; text: string }
  | { type: 'result'; part: number; callId: string; tool: string; result: ToolResult }
  /** To be kept, in this order, before any call that it asks for is made: the next run starts from these. Everything new in the context is told. */
  | { type: 'message'; message: AgentMessage }
  /** The whole context is now these messages instead: kept like `message`, and what was said before stays readable. A notice follows. */
  | { type: 'compacted'; messages: AgentMessage[]; beforeTokens: number; afterTokens: number }
  | { type: 'notice'; kind: 'compaction' | 'fallback' | 'retry' | 'budget'; text: string }
  | { type: 'usage'; usage: Usage }
  /** The last one. */
  | { type: 'end'; reason: RunEndReason; usage: Usage; error: { code: string; message: string } | null };

/** The consumer awaits each event: the loop goes on only when an event was taken, so that calls are on record before they are made. */
export type RunAgent = (request: AgentRunRequest) => AsyncGenerator<AgentEvent, void, void>;

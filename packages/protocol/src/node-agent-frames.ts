/**
 * The loop of a sub-agent on a node (N8): what it is started with, what it tells, and what it asks the hub for. Events
 * are numbered and kept by the node until the hub has taken them; an ask is repeated until its last answer was taken. So
 * a cut link loses and doubles nothing.
 */
import { z } from 'zod';
import { runEndSchema, usageSchema } from './conversation.ts';
import { callIdSchema, nodeIdSchema, runIdSchema, sessionIdSchema } from './ids.ts';
import { toolResultSchema } from './tool-result.ts';

/** Loops that one node runs for its hub at a time. */
export const maxNodeAgents = 50;
/** Questions of one loop that wait for an answer: one model call, and the tool calls of a turn. */
export const maxAgentAsks = 256;
/** Events that a node may have told without the hub having taken them. */
export const agentEventWindow = 256;
/** Answers of one ask that may be under way, so that a model is not faster than the link. */
export const agentAnswerWindow = 64;

const count = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const toolName = z.string().min(1).max(128);
const callRef = { callId: callIdSchema, tool: toolName };
const shortText = z.string().max(10_000);

const assistantPartSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text'), text: z.string() }),
  z.object({ type: z.literal('thinking'), text: z.string(), provider: z.unknown().optional() }),
  z.object({
    type: z.literal('tool_call'),
    ...callRef,
    arguments: z.unknown(),
    provider: z.unknown().optional(),
  }),
]);
const attachmentSchema = z.object({ name: z.string().max(255), mediaType: z.string().max(127), data: z.string() });
const toolAnswerSchema = z.object({ ...callRef, output: z.string(), success: z.boolean() });

/** What a model is shown. */
export const nodeAgentMessageSchema = z.discriminatedUnion('role', [
  z.object({
    role: z.literal('user'),
    text: z.string(),
    attachments: z.array(attachmentSchema).max(100).optional(),
    isSummary: z.literal(true).optional(),
  }),
  z.object({ role: z.literal('assistant'), parts: z.array(assistantPartSchema).max(1000) }),
  z.object({ role: z.literal('tool'), results: z.array(toolAnswerSchema).max(1000) }),
]);

const messagesSchema = z.array(nodeAgentMessageSchema).max(100_000);
const toolSpecificationSchema = z.object({
  name: toolName,
  description: z.string(),
  schema: z.record(z.string(), z.unknown()),
});

/** What a loop is started with. */
export const nodeAgentSpecSchema = z.object({
  /** The node itself. */
  nodeId: nodeIdSchema,
  system: z.string(),
  messages: messagesSchema,
  tools: z.array(toolSpecificationSchema).max(1000),
  /** `provider/model` that the hub will ask, and how much it reads. */
  model: z.string().max(200),
  contextTokens: count,
  temperature: z.number().optional(),
  limits: z.object({ maxTurns: count, maxTokens: count.optional() }),
});
export type NodeAgentSpec = z.infer<typeof nodeAgentSpecSchema>;

export const nodeModelRequestSchema = z.object({
  system: z.string(),
  messages: messagesSchema,
  tools: z.array(toolSpecificationSchema).max(1000),
  temperature: z.number().optional(),
  maxOutputTokens: count.optional(),
});
export type NodeModelRequest = z.infer<typeof nodeModelRequestSchema>;

/** What a loop asks its hub for: a model, or leave to make a call, which the hub makes itself unless it is one for this node. */
export const nodeAgentAskSchema = z.discriminatedUnion('name', [
  z.object({ name: z.literal('model'), request: nodeModelRequestSchema }),
  z.object({ name: z.literal('call'), ...callRef, arguments: z.unknown() }),
]);
export type NodeAgentAsk = z.infer<typeof nodeAgentAskSchema>;

export const nodeModelEventSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text'), text: z.string() }),
  z.object({ type: z.literal('thinking'), text: z.string(), provider: z.unknown().optional() }),
  z.object({ type: z.literal('tool_call_piece'), key: z.string(), tool: z.string(), text: z.string() }),
  z.object({
    type: z.literal('tool_call'),
    key: z.string(),
    tool: z.string(),
    arguments: z.unknown(),
    provider: z.unknown().optional(),
  }),
  z.object({ type: z.literal('model'), reference: z.string(), contextTokens: z.number() }),
  z.object({ type: z.literal('notice'), kind: z.enum(['retry', 'fallback']), text: z.string() }),
  z.object({
    type: z.literal('end'),
    reason: z.enum(['stop', 'tool_calls', 'length', 'other']),
    usage: usageSchema.pick({ inputTokens: true, outputTokens: true, cachedInputTokens: true }),
  }),
  z.object({
    type: z.literal('error'),
    error: z.object({
      code: z.enum([
        'AUTHENTICATION',
        'RATE_LIMIT',
        'OVERLOADED',
        'CONTEXT_TOO_LONG',
        'REFUSED',
        'UNREACHABLE',
        'CANCELLED',
        'NO_MODEL',
      ]),
      message: z.string(),
      isRetryable: z.boolean(),
      retryAfterMs: z.number().optional(),
    }),
  }),
]);
export type NodeModelEvent = z.infer<typeof nodeModelEventSchema>;

/** Answers come in pieces, numbered from 1: of a model one by one, of a call its result. */
export const nodeAgentAnswerSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('model'), event: nodeModelEventSchema }),
  z.object({ type: z.literal('result'), result: toolResultSchema }),
]);
export type NodeAgentAnswer = z.infer<typeof nodeAgentAnswerSchema>;

const part = count.max(1_000_000);
/** What a loop tells, as the hub's own loop does; the hub makes the stream of it (N9). */
export const nodeAgentEventSchema = z.discriminatedUnion('type', [
  /** The first one, before anything is asked: the run is there. */
  z.object({ type: z.literal('begun') }),
  z.object({ type: z.literal('model'), reference: z.string().max(200) }),
  z.object({ type: z.literal('delta'), part, kind: z.enum(['text', 'thinking']), text: z.string() }),
  z.object({ type: z.literal('call_delta'), part, ...callRef, text: z.string() }),
  z.object({ type: z.literal('result'), part, ...callRef, result: toolResultSchema }),
  z.object({ type: z.literal('message'), message: nodeAgentMessageSchema }),
  z.object({ type: z.literal('compacted'), messages: messagesSchema, beforeTokens: count, afterTokens: count }),
  z.object({
    type: z.literal('notice'),
    kind: z.enum(['compaction', 'fallback', 'retry', 'budget']),
    text: z.string().max(64 * 1024),
  }),
  z.object({ type: z.literal('usage'), usage: usageSchema }),
  z.object({
    type: z.literal('end'),
    reason: runEndSchema,
    usage: usageSchema,
    error: z.object({ code: z.string().max(64), message: shortText }).nullable(),
  }),
]);
/** Those of the loop. */
export type NodeAgentEvent = Exclude<z.infer<typeof nodeAgentEventSchema>, { type: 'begun' }>;

const runRef = { runId: runIdSchema };
const askRef = { ...runRef, id: count };

/** With `begin`: every run that the hub has on this node, and the last event that it has of each. A node stops all others. */
export const knownAgentRunsSchema = z.array(z.object({ ...runRef, event: count })).max(1000);

/** Hub → node. */
export const hubAgentFrames = [
  /** Repeated on every connection until its first event was heard; before that it has done nothing. */
  z.object({
    type: z.literal('agent_start'),
    ...runRef,
    sessionId: sessionIdSchema,
    /** Goes with every ask; it is of use to this run of this node only, and as long as the run lives. */
    token: z.string().min(16).max(128),
    spec: nodeAgentSpecSchema,
  }),
  z.object({ type: z.literal('agent_stop'), ...runRef, reason: z.string().max(1000) }),
  /** The hub has kept every event up to this number. */
  z.object({ type: z.literal('agent_kept'), ...runRef, number: count }),
  z.object({
    type: z.literal('agent_answer'),
    ...askRef,
    number: count,
    answer: nodeAgentAnswerSchema,
    /** Nothing follows. */
    isLast: z.boolean(),
  }),
] as const;

/** Node → hub. */
export const nodeAgentFrames = [
  z.object({ type: z.literal('agent_event'), ...runRef, number: count, event: nodeAgentEventSchema }),
  z.object({
    type: z.literal('agent_ask'),
    ...askRef,
    token: z.string().max(128),
    /** Number of the last piece of an answer that the node has. */
    after: count,
    ask: nodeAgentAskSchema,
  }),
  /** The node has every piece up to this number; `isDone`: it wants no more, though the call itself goes on. */
  z.object({ type: z.literal('agent_taken'), ...askRef, number: count, isDone: z.boolean() }),
  /** The loop does not want the answer any more: what it started ends. */
  z.object({ type: z.literal('agent_cancel'), ...askRef }),
  /** The node does not have such a run, as its process is another one, or does not take one. */
  z.object({ type: z.literal('agent_lost'), ...runRef, reason: z.string().max(1000) }),
] as const;

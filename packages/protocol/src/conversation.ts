/** A conversation with an agent: what people say, what agents stream, how one run of an agent stands (A3, N9). */
import { z } from 'zod';
import { approvalsModeSchema } from './approval-entities.ts';
import { callIdSchema, contentIdSchema, messageIdSchema, nodeIdSchema, runIdSchema, sessionIdSchema } from './ids.ts';
import { maxAttachments } from './limits.ts';
import { timestampSchema } from './time.ts';

/** A file that was attached by a person or published by an agent (P5). */
export const contentSchema = z.object({
  id: contentIdSchema,
  sessionId: sessionIdSchema,
  name: z.string().max(255),
  mediaType: z.string().max(127),
  sizeBytes: z.number().int().min(0),
  createdAt: timestampSchema,
  /** The hub that has it (N10). */
  instanceId: z.string(),
});
export type Content = z.infer<typeof contentSchema>;

export const messageAuthorSchema = z.object({
  kind: z.enum(['person', 'recall', 'agent', 'mcp']),
  /** Name of the device, the recall or the agent. */
  name: z.string().max(200),
});

/** Event `message`: something was said to the agent; while a run goes on it is taken at its next turn. */
export const messageSchema = z.object({
  messageId: messageIdSchema,
  author: messageAuthorSchema,
  text: z.string(),
  attachments: z.array(contentSchema).max(maxAttachments),
  /** This message and everything after it is set aside: edited and sent again, or tried again. */
  replaces: messageIdSchema.nullable(),
});
export type ConversationMessage = z.infer<typeof messageSchema>;

export const usageSchema = z.object({
  inputTokens: z.number().int().min(0),
  outputTokens: z.number().int().min(0),
  cachedInputTokens: z.number().int().min(0),
  /** Spent waiting for models. */
  modelMs: z.number().min(0),
  /** From start to end. */
  durationMs: z.number().min(0),
  /** Calls of a model. */
  turns: z.number().int().min(0),
});
export type Usage = z.infer<typeof usageSchema>;

/** `interrupted` by a crash and `stopped` by a person can be continued; `budget` names the limit in its error. */
export const runEndSchema = z.enum(['completed', 'stopped', 'failed', 'interrupted', 'budget']);
export type RunEndReason = z.infer<typeof runEndSchema>;

export const runSchema = z.object({
  id: runIdSchema,
  sessionId: sessionIdSchema,
  /** Set for a sub-agent, with the call that started it. */
  parent: z.object({ runId: runIdSchema, callId: callIdSchema }).nullable(),
  state: z.union([z.enum(['running', 'waiting']), runEndSchema]),
  profile: z.string(),
  /** `provider/model` of its last turn. */
  model: z.string().nullable(),
  /** Where its tools run unless a call says otherwise. */
  nodeId: nodeIdSchema,
  instanceId: z.string(),
  startedAt: timestampSchema,
  endedAt: timestampSchema.nullable(),
  usage: usageSchema,
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
});
export type Run = z.infer<typeof runSchema>;

/** How a session with an agent is set up; a change works from the next message (P4). */
export const agentSettingsSchema = z.object({
  profile: z.string().max(64),
  /** Node that its tools are bound to; null: the profile's, else `main` (N5). */
  nodeId: nodeIdSchema.nullable(),
  /** Working directory on that node; null: the default of the tools. */
  directory: z.string().max(4096).nullable(),
  /** `provider/model`; null: the profile's, else the default. */
  model: z.string().max(200).nullable(),
  /** Null: the profile's. */
  approvals: approvalsModeSchema.nullable(),
  projectId: z.string().max(64).nullable(),
  /** The session that it was forked from. */
  forkedFrom: sessionIdSchema.nullable(),
  /** Name of the ACP agent that is talked to; null: the hub's own (I19). */
  acpAgent: z.string().max(64).nullable(),
});
export type AgentSettings = z.infer<typeof agentSettingsSchema>;

/** What a stream is doing now; null at rest. */
export const activitySchema = z.enum(['running', 'waiting']).nullable();
export type Activity = z.infer<typeof activitySchema>;

/** `data` of the events of agents' streams. `streamId` is the id of the run; sub-agents have their own, nested by `parent`. */
const streamRef = { streamId: runIdSchema };
export const streamStartSchema = z.object({
  ...streamRef,
  /** Set for a sub-agent: the stream and the call that started it. */
  parent: z.object({ streamId: runIdSchema, callId: callIdSchema }).nullable(),
  /** Continues what a run before left. */
  continues: runIdSchema.nullable(),
  profile: z.string(),
  model: z.string().nullable(),
  nodeId: nodeIdSchema,
  depth: z.number().int().min(0).max(8),
});
export const deltaKindSchema = z.enum(['text', 'thinking', 'tool_call', 'tool_result']);
/**
 * A piece of one part of a stream. `offset` counts UTF-16 units of the part's text, so a piece that was seen before, or
 * the whole part after compaction, is laid over what is there. Live pieces come without `seq`; kept ones follow.
 */
export const streamDeltaSchema = z.object({
  ...streamRef,
  /** Counts the parts of the stream in the order of their beginning. */
  part: z.number().int().min(0),
  kind: deltaKindSchema,
  offset: z.number().int().min(0),
  /** Of `tool_call`: JSON of the arguments. Of `tool_result`: what the model was answered, cut to 64 KiB. */
  text: z.string(),
  /** With `tool_call` and `tool_result`. */
  callId: callIdSchema.optional(),
  tool: z.string().optional(),
  /** With `tool_result`. */
  success: z.boolean().optional(),
});
export const streamNoticeSchema = z.object({
  ...streamRef,
  /** `command`: output of `!command`, `/open` and the like. */
  kind: z.enum(['compaction', 'fallback', 'retry', 'budget', 'command', 'content']),
  text: z.string().max(64 * 1024),
  content: contentSchema.optional(),
});
/** Of one plan. */
export const maxPlanEntries = 100;
export const maxPlanEntryCharacters = 1000;
export const planEntrySchema = z.object({
  content: z.string().max(maxPlanEntryCharacters),
  status: z.enum(['pending', 'in_progress', 'completed']),
  priority: z.enum(['high', 'medium', 'low']).optional(),
});
export type PlanEntry = z.infer<typeof planEntrySchema>;
export const planSchema = z.object({ ...streamRef, entries: z.array(planEntrySchema).max(maxPlanEntries) });
export const streamEndSchema = z.object({
  ...streamRef,
  reason: runEndSchema,
  usage: usageSchema,
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
  /** `continueRun` goes on from here. */
  canContinue: z.boolean(),
});

/** The WebSocket's envelope and every event the hub sends (I8, I9, T17). */
import { z } from 'zod';
import { approvalSchema } from './approval-entities.ts';
import {
  messageSchema,
  planSchema,
  streamDeltaSchema,
  streamEndSchema,
  streamNoticeSchema,
  streamStartSchema,
} from './conversation.ts';
import { deviceSchema } from './device-entities.ts';
import { controllerSchema, offsetSchema, sessionSchema, statusSchema, terminalInfoSchema } from './entities.ts';
import { nodeIdSchema, sessionIdSchema, terminalIdSchema } from './ids.ts';
import { nodeChanges, nodeSchema } from './node-entities.ts';
import { discoveryProgressSchema, projectUpdateSchema } from './project-entities.ts';
import { recallUpdateSchema } from './recall-entities.ts';
import { timestampSchema } from './time.ts';

/** Row number in one event stream: a session's, or `hub` for what belongs to none. */
export const seqSchema = z.number().int().min(0);

export const sessionChanges = [
  'created',
  'renamed',
  /** Its agent is set up in another way (P4). */
  'configured',
  /** Its agent began to work, to wait for an approval, or came to rest; not kept. */
  'activity',
  'closed',
  'terminal.opened',
  'terminal.exited',
  'terminal.closed',
  'terminal.idle_warning',
  'terminal.updated',
] as const;

const sessionUpdateSchema = z.object({
  /** Absent on changes that are not kept (`terminal.updated`: title, size, viewers). */
  seq: seqSchema.optional(),
  change: z.enum(sessionChanges),
  session: sessionSchema.optional(),
  terminal: terminalInfoSchema.optional(),
  /** Why, in words for the person, such as `closed after 30 minutes of inactivity`. */
  reason: z.string().optional(),
});
export type SessionUpdate = z.infer<typeof sessionUpdateSchema>;

const terminalRef = { terminalId: terminalIdSchema };
const exitSchema = z.object({
  ...terminalRef,
  exitCode: z.number().int().nullable(),
  signal: z.string().nullable(),
  reason: z.string().nullable(),
  endOffset: offsetSchema,
});

/** `data` of every event, by type. */
export const eventDataSchemas = {
  'daemon.status': statusSchema.extend({ seq: seqSchema.optional() }),
  'device.updated': z.object({ seq: seqSchema, device: deviceSchema }),
  'node.updated': z.object({
    /** Absent on changes that are not kept (`connected`, `disconnected`, `load`). */
    seq: seqSchema.optional(),
    change: z.enum(nodeChanges),
    node: nodeSchema,
  }),
  /** A5: a recall was made, changed, or ran. */
  'recall.updated': recallUpdateSchema.extend({ seq: seqSchema }),
  /** I18: a project was found, changed, or is gone. */
  'project.updated': projectUpdateSchema.extend({ seq: seqSchema }),
  /** I18: how a search for projects goes; not kept. */
  'discovery.progress': discoveryProgressSchema,
  'approval.request': z.object({ seq: seqSchema, approval: approvalSchema }),
  'approval.updated': z.object({ seq: seqSchema, approval: approvalSchema }),
  'session.update': sessionUpdateSchema,
  /** Answers `subscribe`. For terminals `channel` names the binary frames and `viewerId` this viewer; for event streams `after` is the cursor that backfill starts at and `generation` the store's. */
  subscribed: z.object({
    id: z.string(),
    generation: z.string(),
    channel: z.number().int().optional(),
    viewerId: z.string().optional(),
    terminal: terminalInfoSchema.optional(),
    after: seqSchema.optional(),
    /** The cursor was of another generation or ahead of the log: drop what you have, start from here. */
    reset: z.boolean().optional(),
  }),
  /** Backfill of an event stream is complete; what follows is live. */
  live: z.object({ id: z.string(), seq: seqSchema }),
  unsubscribed: z.object({ id: z.string(), code: z.string(), message: z.string() }),
  'terminal.snapshot': z.object({
    ...terminalRef,
    offset: offsetSchema,
    columns: z.number().int(),
    rows: z.number().int(),
    data: z.string(),
    title: z.string(),
    cwd: z.string().nullable(),
    alternateScreen: z.boolean(),
    catchingUp: z.boolean(),
    firstOffset: offsetSchema,
  }),
  'terminal.output': z.object({ ...terminalRef, offset: offsetSchema, nextOffset: offsetSchema, text: z.string() }),
  'terminal.skipped': z.object({ ...terminalRef, from: offsetSchema, to: offsetSchema }),
  'terminal.control': z.object({ ...terminalRef, controller: controllerSchema.nullable() }),
  'terminal.resized': z.object({
    ...terminalRef,
    columns: z.number().int(),
    rows: z.number().int(),
    offset: offsetSchema,
  }),
  'terminal.exit': exitSchema,
  /** N9: a tool call began on the machine that executes it. */
  tool_started: z.object({
    seq: seqSchema.optional(),
    callId: z.string(),
    tool: z.string(),
    /** The tool's own action, where it has one. */
    action: z.string().nullable(),
    /** What it does in a line, such as the command; cut to 500 characters. */
    summary: z.string(),
    nodeId: nodeIdSchema,
    userId: z.string(),
    origin: z.enum(['person', 'agent']),
  }),
  /** N9: it ended. */
  tool_call: z.object({
    seq: seqSchema.optional(),
    callId: z.string(),
    tool: z.string(),
    nodeId: nodeIdSchema,
    success: z.boolean(),
    /** Code of the error, if any. */
    error: z.string().nullable(),
    exitCode: z.number().int().nullable(),
    durationMs: z.number().min(0),
  }),
  /** Something was said to the agent. */
  message: messageSchema.extend({ seq: seqSchema }),
  /** N9: a run of an agent began. */
  stream_start: streamStartSchema.extend({ seq: seqSchema }),
  /** N9: text, thinking, calls and their results as they come; without `seq` while live. */
  stream_delta: streamDeltaSchema.extend({ seq: seqSchema.optional() }),
  /** What happened to a run beside what it says. */
  stream_notice: streamNoticeSchema.extend({ seq: seqSchema }),
  /** The agent's plan, whole, as it is now. */
  plan: planSchema.extend({ seq: seqSchema }),
  /** N9: the run ended. */
  stream_end: streamEndSchema.extend({ seq: seqSchema }),
  'call.output': z.object({
    callId: z.string(),
    stream: z.enum(['stdout', 'stderr']),
    offset: offsetSchema,
    nextOffset: offsetSchema,
    text: z.string(),
  }),
  'call.end': z.object({ callId: z.string(), exitCode: z.number().int().nullable(), signal: z.string().nullable() }),
  pong: z.object({ id: z.string() }),
  /** Of a socket; with `seq` and `streamId` of an agent's stream (N9). */
  error: z.looseObject({
    seq: seqSchema.optional(),
    streamId: z.string().optional(),
    code: z.enum(['UNAUTHORIZED', 'INVALID_REQUEST', 'INTERNAL']),
    message: z.string(),
    /** Finer code of the error table, where there is one. */
    reason: z.string().optional(),
    /** `id` of the client message at fault. */
    id: z.string().optional(),
    /** The terminal that the message was about: binary input has no id. */
    terminalId: z.string().optional(),
    /** With UNAUTHORIZED for a skewed clock. */
    serverTime: timestampSchema.optional(),
  }),
} as const;

export type EventType = keyof typeof eventDataSchemas;
export type EventData<T extends EventType = EventType> = z.infer<(typeof eventDataSchemas)[T]>;

export const envelopeSchema = z.object({
  type: z.string(),
  projectId: z.string().optional(),
  sessionId: sessionIdSchema.optional(),
  data: z.unknown(),
  timestamp: timestampSchema,
});

/** One event as it travels, typed by its `type`. */
export type HubEvent = {
  [T in EventType]: { type: T; projectId?: string; sessionId?: string; data: EventData<T>; timestamp: string };
}[EventType];

/** Types that are rows of an event log and so carry `seq`. */
export const persistedEventTypes = [
  'daemon.status',
  'device.updated',
  'approval.request',
  'approval.updated',
  'recall.updated',
  'project.updated',
  'session.update',
  'node.updated',
  'tool_started',
  'tool_call',
  'message',
  'stream_start',
  'stream_delta',
  'stream_notice',
  'plan',
  'stream_end',
  'error',
] as const satisfies readonly EventType[];
export type PersistedEventType = (typeof persistedEventTypes)[number];

/** A known event with data that fits its schema, or `undefined` (unknown types are skipped, so that old clients live with new hubs). */
export const parseHubEvent = (input: unknown): HubEvent | undefined => {
  const envelope = envelopeSchema.safeParse(input);
  if (!envelope.success || !Object.hasOwn(eventDataSchemas, envelope.data.type)) return undefined;
  const data = eventDataSchemas[envelope.data.type as EventType].safeParse(envelope.data.data);
  return data.success ? ({ ...envelope.data, data: data.data } as HubEvent) : undefined;
};

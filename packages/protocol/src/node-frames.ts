/**
 * What hub and node say to each other after the handshake (architecture, the wire): JSON frames; a frame that has bytes
 * travels as one binary message with them; output as the binary frames of `binary-frame.ts`. Append-only: unknown fields
 * and unknown types are skipped. Every handler is idempotent, by call id, request id, event number, offset or count.
 */
import { z } from 'zod';
import { approvalsModeSchema } from './approval-entities.ts';
import { binaryHeaderBytes, binaryKinds } from './binary-frame.ts';
import { offsetSchema, terminalInfoSchema } from './entities.ts';
import { eventDataSchemas } from './events.ts';
import { callIdSchema, sessionIdSchema, terminalIdSchema } from './ids.ts';
import { maxCommandBytes, maxPathLength, maxTerminalSize } from './limits.ts';
import { hubAgentFrames, knownAgentRunsSchema, nodeAgentFrames } from './node-agent-frames.ts';
import { nodeAskSchema } from './node-asks.ts';
import { nodeLoadSchema } from './node-entities.ts';
import { callAuthoritySchema, signedTextSchema } from './signed-statements.ts';
import { timestampSchema } from './time.ts';
import { toolResultSchema } from './tool-result.ts';

/** Largest frame of a node's link, either way: 1 MiB of control characters as JSON fits. */
export const maxNodeFrameBytes = 8 * 1024 * 1024;
/** Output that a node may have under way without the hub's `received`, so that nothing else waits behind it. */
export const nodeLinkWindowBytes = 512 * 1024;
/** A whole screen with its scrollback; larger ones are sent without scrollback. */
export const maxScreenBytes = 16 * 1024 * 1024;
/** Terminals that one node may tell of. */
export const maxNodeTerminals = 10_000;

const count = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const channel = z.number().int().min(1).max(0xffff_ffff);
const userId = z.string().min(1).max(128);
const origin = z.enum(['person', 'agent']);
const callRef = { sessionId: sessionIdSchema, callId: callIdSchema };
const serviceId = z.string().min(1).max(64);
const shortReason = z.string().max(1000);
const size = {
  columns: z.number().int().min(1).max(maxTerminalSize.columns),
  rows: z.number().int().min(1).max(maxTerminalSize.rows),
};

/** A terminal as a node tells it: text is bounded, and nothing is taken for more than data. */
export const nodeTerminalSchema = terminalInfoSchema.extend({
  name: z.string().max(64),
  description: z.string().max(1000),
  command: z.string().max(maxCommandBytes),
  workingDirectory: z.string().max(maxPathLength).optional(),
  title: z.string().max(1000),
  signal: z.string().max(32).nullable(),
  reason: shortReason.nullable(),
  controller: z.null(),
});

const exitSchema = z.object({
  exitCode: z.number().int().nullable(),
  signal: z.string().max(32).nullable(),
  at: timestampSchema,
  kind: z.enum(['exited', 'lost']),
  reason: shortReason.optional(),
});

const toolNames = { callId: z.string().max(64), tool: z.string().max(64) };
const terminal = nodeTerminalSchema;
export const nodeEventSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('terminal.opened'), terminal }),
  z.object({ type: z.literal('terminal.exited'), terminal, exit: exitSchema }),
  z.object({ type: z.literal('terminal.closed'), terminal, reason: shortReason }),
  z.object({ type: z.literal('terminal.idle_warning'), terminal, reason: shortReason }),
  z.object({ type: z.literal('terminal.updated'), terminal, reason: shortReason.optional() }),
  z.object({
    type: z.literal('tool_started'),
    sessionId: sessionIdSchema,
    data: eventDataSchemas.tool_started.extend({
      ...toolNames,
      action: z.string().max(64).nullable(),
      summary: z.string().max(500),
      userId: z.string().max(128),
    }),
  }),
  z.object({
    type: z.literal('tool_call'),
    sessionId: sessionIdSchema,
    data: eventDataSchemas.tool_call.extend({ ...toolNames, error: z.string().max(64).nullable() }),
  }),
]);
export type NodeEvent = z.infer<typeof nodeEventSchema>;

const errorSchema = z.looseObject({ code: z.string().max(64), message: z.string().max(10_000) });

/** Hub → node. */
export const hubFrameSchema = z.discriminatedUnion('type', [
  /** First on every connection: the last event that the hub has, and of which process of the node. */
  z.object({
    type: z.literal('begin'),
    service: serviceId.nullable(),
    event: count,
    runs: knownAgentRunsSchema.optional(),
  }),
  /** Repeated on every connection while there is no result. */
  z.object({
    type: z.literal('call'),
    ...callRef,
    userId,
    origin,
    tool: z.string().min(1).max(64),
    arguments: z.unknown(),
    deadlineMs: count,
    /** Of an agent's call (A1, N12); hubs of before send none of them. */
    approvals: approvalsModeSchema.optional(),
    authority: callAuthoritySchema.optional(),
    isUnmasked: z.boolean().optional(),
  }),
  /** Answered by `cancelled` when nothing of the call is left. */
  z.object({ type: z.literal('cancel'), ...callRef }),
  /** The hub has the result: the node need not send it again. */
  z.object({ type: z.literal('taken'), ...callRef }),
  /** The result is kept for good: what the node's machine recorded of the call may be forgotten. */
  z.object({ type: z.literal('ack'), ...callRef }),
  z.object({ type: z.literal('request'), id: count, ask: nodeAskSchema }),
  /** The same as in `welcome`, when a device was revoked since; nodes of before skip it. */
  z.object({ type: z.literal('revocations'), signed: signedTextSchema }),
  z.object({ type: z.literal('responder'), terminalId: terminalIdSchema, responder: z.enum(['screen', 'viewer']) }),
  z.object({
    type: z.literal('attach'),
    channel,
    terminalId: terminalIdSchema,
    from: offsetSchema.optional(),
    snapshot: z.boolean(),
    scrollback: z.number().int().min(0).max(10_000),
    windowBytes: z
      .number()
      .int()
      .min(1)
      .max(16 * 1024 * 1024),
  }),
  z.object({ type: z.literal('watch'), channel, ...callRef, stdout: offsetSchema, stderr: offsetSchema }),
  /** Of a terminal: the viewer has everything before this offset. Of a call: it has so many bytes of this channel. */
  z.object({ type: z.literal('acknowledge'), channel, offset: offsetSchema }),
  /** Answered by `closed`. */
  z.object({ type: z.literal('close'), channel }),
  /** What the hub has read of this connection so far: bytes of binary frames, characters of text. */
  z.object({ type: z.literal('received'), bytes: count }),
  /** The hub is there; `sent` as in `heartbeat`. */
  z.object({ type: z.literal('pulse'), sent: count.optional() }),
  ...hubAgentFrames,
]);
export type HubFrame = z.infer<typeof hubFrameSchema>;

const streamRef = { channel };
/** Node → hub. */
export const nodeFrameSchema = z.discriminatedUnion('type', [
  /** Its owner takes it away (`navisai node leave`): answered by the close of a node that is not wanted any more. */
  z.object({ type: z.literal('leave') }),
  /** Answers `begin`; terminals follow in frames of bounded size, then `synced`. */
  z.object({ type: z.literal('state'), service: serviceId, terminals: z.array(terminal).max(1000) }),
  /** All of the state was told, as it is after this event. */
  z.object({ type: z.literal('synced'), service: serviceId, event: count }),
  z.object({ type: z.literal('event'), number: count, event: nodeEventSchema }),
  /** What changes all the time, at most once a second. */
  z.object({
    type: z.literal('changes'),
    terminals: z
      .array(
        z.object({
          id: terminalIdSchema,
          title: terminal.shape.title,
          ...size,
          firstOffset: offsetSchema,
          endOffset: offsetSchema,
          lastActivityAt: timestampSchema,
          viewers: count,
        }),
      )
      .max(1000),
  }),
  z.object({ type: z.literal('result'), ...callRef, result: toolResultSchema }),
  z.object({ type: z.literal('cancelled'), ...callRef }),
  z.object({ type: z.literal('response'), id: count, value: z.unknown().optional(), error: errorSchema.optional() }),
  /** `sent`: what was sent on this connection before, counted like `received`: more than came means that frames were lost. */
  z.object({ type: z.literal('heartbeat'), load: nodeLoadSchema, sent: count.optional() }),
  /** Piece number `part` of the screen that follows. */
  z.object({ type: z.literal('screen_part'), ...streamRef, part: count }),
  /** The screen; its last piece of data travels with it, `parts` came before. */
  z.object({
    type: z.literal('screen'),
    ...streamRef,
    parts: count,
    offset: offsetSchema,
    firstOffset: offsetSchema,
    ...size,
    title: terminal.shape.title,
    cwd: z.string().max(maxPathLength).nullable(),
    alternateScreen: z.boolean(),
    catchingUp: z.boolean(),
  }),
  z.object({ type: z.literal('skipped'), ...streamRef, from: offsetSchema, to: offsetSchema }),
  /** Behind all output, which ends at `offset`. */
  z.object({ type: z.literal('exit'), ...streamRef, exit: exitSchema, offset: offsetSchema.optional() }),
  z.object({ type: z.literal('overflow'), ...streamRef }),
  z.object({
    type: z.literal('end'),
    ...streamRef,
    exitCode: z.number().int().nullable(),
    signal: z.string().max(32).nullable(),
  }),
  /** Nothing more comes on this channel: there is no such terminal, or the hub closed it. */
  z.object({ type: z.literal('closed'), ...streamRef }),
  ...nodeAgentFrames,
]);
export type NodeFrame = z.infer<typeof nodeFrameSchema>;
export type HubFrameOf<T extends HubFrame['type']> = Extract<HubFrame, { type: T }>;
export type NodeFrameOf<T extends NodeFrame['type']> = Extract<NodeFrame, { type: T }>;

/** Kind of a binary message that is a JSON frame with bytes behind it: kind u8, length of the JSON u32, JSON, bytes. */
const withBytesKind = 16;
const withBytesHeader = 5;

export const encodeFrameWithBytes = (frame: HubFrame | NodeFrame, bytes: Uint8Array): Uint8Array<ArrayBuffer> => {
  const json = new TextEncoder().encode(JSON.stringify(frame));
  const encoded = new Uint8Array(withBytesHeader + json.length + bytes.length);
  const view = new DataView(encoded.buffer);
  view.setUint8(0, withBytesKind);
  view.setUint32(1, json.length);
  encoded.set(json, withBytesHeader);
  encoded.set(bytes, withBytesHeader + json.length);
  return encoded;
};

/** A message of kind `output` or `stderr` made of pieces that follow each other. */
export const encodeOutputFrame = (
  head: { kind: 'output' | 'stderr'; channel: number; offset: number },
  pieces: readonly Uint8Array[],
): Uint8Array<ArrayBuffer> => {
  const total = pieces.reduce((sum, piece) => sum + piece.length, 0);
  const encoded = new Uint8Array(binaryHeaderBytes + total);
  const view = new DataView(encoded.buffer);
  view.setUint8(0, binaryKinds[head.kind]);
  view.setUint32(1, head.channel);
  view.setBigUint64(5, BigInt(head.offset));
  let at = binaryHeaderBytes;
  for (const piece of pieces) {
    encoded.set(piece, at);
    at += piece.length;
  }
  return encoded;
};

/** Why a frame was not understood; `unknown` is of a newer version. */
export type FrameProblem = { kind: 'unknown'; type: string } | { kind: 'malformed'; reason: string };
export type ParsedFrame<F> = { frame: F; bytes: Uint8Array | undefined } | FrameProblem;

export const isWithBytes = (message: Uint8Array): boolean => message[0] === withBytesKind;

export const parseHubFrame = (message: string | Uint8Array): ParsedFrame<HubFrame> =>
  parseFrame<HubFrame>(message, hubFrameSchema);
export const parseNodeFrame = (message: string | Uint8Array): ParsedFrame<NodeFrame> =>
  parseFrame<NodeFrame>(message, nodeFrameSchema);

type FrameSchema = typeof hubFrameSchema | typeof nodeFrameSchema;

/** `message` is text, or bytes for which `isWithBytes` holds. Never throws. */
const parseFrame = <F>(message: string | Uint8Array, schema: FrameSchema): ParsedFrame<F> => {
  const parts = typeof message === 'string' ? { json: message, bytes: undefined } : splitBytes(message);
  if (parts === undefined) return { kind: 'malformed', reason: 'a frame with bytes is cut short' };
  const input = parseJson(parts.json);
  const parsed = schema.safeParse(input);
  if (parsed.success) return { frame: parsed.data as F, bytes: parts.bytes };
  const type = typeOf(input);
  if (type !== undefined && !typesOf(schema).has(type)) return { kind: 'unknown', type: type.slice(0, 64) };
  const issue = parsed.error.issues[0];
  const where = issue?.path.map(String).join('.').slice(0, 100) ?? '';
  return { kind: 'malformed', reason: `${type ?? 'a frame'} ${where}: ${issue?.message ?? 'not valid'}`.slice(0, 200) };
};

const splitBytes = (message: Uint8Array): { json: string; bytes: Uint8Array } | undefined => {
  if (message.length < withBytesHeader) return undefined;
  const end = withBytesHeader + new DataView(message.buffer, message.byteOffset).getUint32(1);
  if (end > message.length) return undefined;
  return { json: new TextDecoder().decode(message.subarray(withBytesHeader, end)), bytes: message.subarray(end) };
};

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const typeOf = (input: unknown): string | undefined =>
  typeof input === 'object' && input !== null && 'type' in input && typeof input.type === 'string'
    ? input.type
    : undefined;

const typesOf = (schema: FrameSchema): ReadonlySet<string> =>
  new Set(schema.options.map((option) => option.shape.type.value));

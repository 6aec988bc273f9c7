/** What a client sends over `/ws` (architecture, the wire). */
import { z } from 'zod';
import { offsetSchema } from './entities.ts';
import { seqSchema } from './events.ts';
import { callIdSchema, nodeIdSchema, sessionIdSchema, terminalIdSchema } from './ids.ts';
import { maxInputBytes, maxTerminalSize } from './limits.ts';

/** Chosen by the client; comes back in answers and errors. */
const messageIdSchema = z.string().min(1).max(64);

/** Without `after`: from now on; `after: 0`: from the beginning. */
const cursor = { after: seqSchema.optional(), generation: z.string().max(64).optional() };

export const subscriptionSchema = z.discriminatedUnion('kind', [
  /**
   * Events of the stream `hub`, and live copies of `session.update` of every session that this device may see, except of
   * those whose own stream the same socket follows. After a reader was too slow for copies, `live` is told once more.
   */
  z.strictObject({ kind: z.literal('hub'), ...cursor }),
  z.strictObject({ kind: z.literal('session'), sessionId: sessionIdSchema, ...cursor }),
  /**
   * Output of one terminal. With `snapshot`, it begins with `terminal.snapshot` unless `from` is near enough to the end
   * to continue from there; a slow viewer is then skipped ahead to a fresh snapshot. Without, it begins at `from`
   * (default: the oldest retained byte) and a viewer that is too slow is closed with VIEWER_OVERFLOW.
   */
  z.strictObject({
    kind: z.literal('terminal'),
    terminalId: terminalIdSchema,
    from: offsetSchema.optional(),
    snapshot: z.boolean().optional(),
    /** Lines above the screen to include in snapshots. */
    scrollback: z.number().int().min(0).max(10_000).optional(),
    /** Credit: bytes under way without `terminal.ack`. */
    windowBytes: z
      .number()
      .int()
      .min(16 * 1024)
      .max(16 * 1024 * 1024)
      .optional(),
  }),
  /** Output of one `run` while it goes on; may be asked for just before the call is made. */
  z.strictObject({
    kind: z.literal('call'),
    sessionId: sessionIdSchema,
    callId: callIdSchema,
    /** Where it runs; default: the hub's own machine. */
    nodeId: nodeIdSchema.optional(),
    stdout: offsetSchema.optional(),
    stderr: offsetSchema.optional(),
  }),
]);
export type SubscriptionRequest = z.infer<typeof subscriptionSchema>;

const message = <T extends string, D extends z.ZodType>(type: T, data: D) =>
  z.strictObject({ type: z.literal(type), id: messageIdSchema.optional(), data });

export const clientMessageSchema = z.discriminatedUnion('type', [
  message('subscribe', z.strictObject({ id: messageIdSchema, to: subscriptionSchema })),
  message('unsubscribe', z.strictObject({ id: messageIdSchema })),
  /** Refused with reason CONTROL_REQUIRED unless this viewer is in control; accepted bytes are never sent twice. */
  message('terminal.input', z.strictObject({ terminalId: terminalIdSchema, input: z.string().max(maxInputBytes) })),
  message(
    'terminal.resize',
    z.strictObject({
      terminalId: terminalIdSchema,
      columns: z.number().int().min(2).max(maxTerminalSize.columns),
      rows: z.number().int().min(1).max(maxTerminalSize.rows),
    }),
  ),
  message('terminal.ack', z.strictObject({ terminalId: terminalIdSchema, offset: offsetSchema })),
  /** `take` with `ifFree` does nothing when another viewer is in control. */
  message(
    'terminal.control',
    z.strictObject({
      terminalId: terminalIdSchema,
      action: z.enum(['take', 'release']),
      ifFree: z.boolean().optional(),
    }),
  ),
  message('ping', z.strictObject({ id: messageIdSchema })),
]);
export type ClientMessage = z.infer<typeof clientMessageSchema>;
export type ClientMessageType = ClientMessage['type'];
export type ClientMessageOf<T extends ClientMessageType> = Extract<ClientMessage, { type: T }>;

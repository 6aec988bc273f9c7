/** The things that clients see: terminals, sessions, the hub's status. */
import { z } from 'zod';
import { activitySchema, agentSettingsSchema } from './conversation.ts';
import { deviceIdSchema, nodeIdSchema, sessionIdSchema, terminalIdSchema } from './ids.ts';
import { timestampSchema } from './time.ts';

export const offsetSchema = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

/** T20: `busy` = the process lives, `idle` = exited and not yet closed. */
export const terminalStatusSchema = z.enum(['busy', 'idle']);

export const controllerSchema = z.object({ deviceId: deviceIdSchema, name: z.string(), viewerId: z.string() });

export const terminalInfoSchema = z.object({
  id: terminalIdSchema,
  sessionId: sessionIdSchema,
  name: z.string(),
  description: z.string(),
  command: z.string(),
  /** Where it was started; hubs of before do not tell. */
  workingDirectory: z.string().optional(),
  nodeId: nodeIdSchema,
  /** False while its node is not connected: the rest is what was last known. */
  reachable: z.boolean().optional(),
  status: terminalStatusSchema,
  background: z.boolean(),
  keepAlive: z.boolean(),
  pid: z.number().int(),
  startedAt: timestampSchema,
  /** Seconds; of the process, so it stands still after the exit. */
  uptime: z.number().min(0),
  lastActivityAt: timestampSchema,
  exitCode: z.number().int().nullable(),
  signal: z.string().nullable(),
  exitedAt: timestampSchema.nullable(),
  /** Why it is no longer running when that was not a plain exit: `lost (reboot)`, `lost (terminal host ended)` … */
  reason: z.string().nullable(),
  columns: z.number().int(),
  rows: z.number().int(),
  /** Set by the program (OSC 0/2); untrusted text. */
  title: z.string(),
  firstOffset: offsetSchema,
  endOffset: offsetSchema,
  controller: controllerSchema.nullable(),
  viewers: z.number().int(),
});
export type TerminalInfo = z.infer<typeof terminalInfoSchema>;

export const sessionKindSchema = z.enum(['agent', 'terminal', 'acp']);
export const sessionSchema = z.object({
  id: sessionIdSchema,
  kind: sessionKindSchema,
  title: z.string(),
  userId: z.string(),
  instanceId: z.string(),
  createdAt: timestampSchema,
  updatedAt: timestampSchema,
  /** Last `seq` of the session's event log. */
  seq: z.number().int(),
  /** Of kinds `agent` and `acp`. */
  agent: agentSettingsSchema.optional(),
  /** What its agent does now. */
  activity: activitySchema.optional(),
});
export type Session = z.infer<typeof sessionSchema>;
export const sessionWithTerminalsSchema = sessionSchema.extend({ terminals: z.array(terminalInfoSchema) });
export type SessionWithTerminals = z.infer<typeof sessionWithTerminalsSchema>;

export const pairingStateSchema = z.enum([
  'UNPAIRED',
  'DISCOVERABLE',
  'PAIRING_PENDING',
  'PAIRED',
  'PAUSING_DISCOVERY',
]);
export type PairingState = z.infer<typeof pairingStateSchema>;

/** I6: public, so it tells nothing about the user. */
export const statusSchema = z.object({
  status: z.enum(['ok', 'degraded', 'stopping']),
  version: z.string(),
  protocol: z.number().int(),
  instanceId: z.string(),
  /** base64url of the hub's raw Ed25519 public key; the last line of every signed text. */
  hubId: z.string(),
  /** Changes when the store is restored or reset (I8). */
  generation: z.string(),
  pairing: pairingStateSchema,
  startedAt: timestampSchema,
  serverTime: timestampSchema,
  /** What is wrong and what to do, in degraded mode (I17). */
  problems: z.array(z.object({ what: z.string(), affects: z.string(), remedy: z.string() })),
});
export type HubStatus = z.infer<typeof statusSchema>;

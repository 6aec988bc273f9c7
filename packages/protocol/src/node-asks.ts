/** What a hub asks of a node once, with an answer: part of the frames between them. */
import { z } from 'zod';
import { offsetSchema } from './entities.ts';
import { callIdSchema, sessionIdSchema, terminalIdSchema } from './ids.ts';
import { maxFilePieceBytes, maxHistoryReadBytes, maxPathLength, maxTerminalSize } from './limits.ts';
import { ceilingSchema, explainSchema, machinePolicySchema, policyDecisionSchema } from './node-policy.ts';
import { projectDetailSchema, projectScanSchema } from './project-entities.ts';

const count = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const userId = z.string().min(1).max(128);
const origin = z.enum(['person', 'agent']);
const callRef = { sessionId: sessionIdSchema, callId: callIdSchema };
const signalName = z.string().regex(/^SIG[A-Z0-9]{1,12}$/);
const filePath = z.string().min(1).max(maxPathLength);
const shortReason = z.string().max(1000);
const size = {
  columns: z.number().int().min(1).max(maxTerminalSize.columns),
  rows: z.number().int().min(1).max(maxTerminalSize.rows),
};
const fileRef = { sessionId: sessionIdSchema, userId, origin, path: filePath };

/** `input` and `writeFile` bring bytes. */
export const nodeAskSchema = z.discriminatedUnion('name', [
  z.object({ name: z.literal('signalCall'), ...callRef, signal: signalName }),
  z.object({ name: z.literal('input'), terminalId: terminalIdSchema }),
  z.object({ name: z.literal('resize'), terminalId: terminalIdSchema, ...size }),
  z.object({ name: z.literal('readOutput'), ...callRef, from: offsetSchema, maxBytes: count.max(maxHistoryReadBytes) }),
  z.object({
    name: z.literal('readHistory'),
    terminalId: terminalIdSchema,
    from: offsetSchema,
    maxBytes: count.max(maxHistoryReadBytes),
  }),
  z.object({ name: z.literal('closeSession'), sessionId: sessionIdSchema, reason: shortReason }),
  z.object({ name: z.literal('policy') }),
  z.object({ name: z.literal('setOverlay'), overlay: ceilingSchema.nullable() }),
  z.object({ name: z.literal('explain'), question: explainSchema, userId, origin }),
  z.object({ name: z.literal('readFile'), ...fileRef, from: offsetSchema, maxBytes: count.max(maxFilePieceBytes) }),
  z.object({
    name: z.literal('writeFile'),
    ...fileRef,
    transferId: z.string().min(1).max(128),
    offset: offsetSchema,
    finish: z
      .object({
        sizeBytes: offsetSchema,
        sha256: z.string().regex(/^[0-9a-f]{64}$/),
        mode: z.number().int().min(0).max(0o7777),
        overwrite: z.boolean(),
      })
      .optional(),
  }),
  /** I18; `scan` goes on where the answer before ended. */
  z.object({ name: z.literal('discoverProjects'), scan: z.string().min(1).max(64).optional() }),
  z.object({ name: z.literal('project'), path: filePath }),
]);
export type NodeAsk = z.infer<typeof nodeAskSchema>;
export type NodeAskName = NodeAsk['name'];

/** The answer's value by what was asked; those with `bytes` bring them along. */
export const nodeAnswerSchemas = {
  signalCall: z.null(),
  input: z.object({ acceptedBytes: count }),
  resize: z.null(),
  readOutput: z.object({ offset: offsetSchema, endOffset: offsetSchema }),
  readHistory: z.object({ offset: offsetSchema, firstOffset: offsetSchema, endOffset: offsetSchema }),
  closeSession: z.null(),
  policy: machinePolicySchema,
  setOverlay: z.null(),
  explain: policyDecisionSchema,
  readFile: z.object({ sizeBytes: offsetSchema, mode: z.number().int().min(0), version: z.string().max(200) }),
  writeFile: z.object({ nextOffset: offsetSchema }),
  discoverProjects: projectScanSchema,
  project: projectDetailSchema,
} as const satisfies Record<NodeAskName, z.ZodType>;
export type NodeAnswer<Name extends NodeAskName> = z.infer<(typeof nodeAnswerSchemas)[Name]>;

/** Routes about tools, their calls, and the bytes of terminals (T3). */
import { z } from 'zod';
import { offsetSchema } from '../entities.ts';
import { callIdSchema, nodeIdSchema, sessionIdSchema, terminalIdSchema } from '../ids.ts';
import { maxHistoryReadBytes } from '../limits.ts';
import { toolResultSchema } from '../tool-result.ts';
import { queryNumber, route } from './route.ts';

export const toolRoutes = {
  tools: route({
    method: 'GET',
    path: '/tools',
    access: 'viewer',
    summary: 'Tools with their schemas.',
    response: z.object({
      tools: z.array(z.object({ name: z.string(), description: z.string(), schema: z.looseObject({}) })),
    }),
  }),
  callTool: route({
    method: 'POST',
    path: '/sessions/:id/tools/:tool',
    access: 'operator',
    summary: "Call a tool with its arguments; what the tool's schema judges answers 200 with success false.",
    params: z.strictObject({ id: sessionIdSchema, tool: z.string().regex(/^[a-z_]{1,64}$/, 'not the name of a tool') }),
    body: z.unknown(),
    response: toolResultSchema,
  }),
  signalCall: route({
    method: 'POST',
    path: '/sessions/:id/calls/:callId/signal',
    access: 'operator',
    summary: 'Signal the process group of a call under way.',
    params: z.strictObject({ id: sessionIdSchema, callId: callIdSchema }),
    body: z.strictObject({
      signal: z.enum(['SIGINT', 'SIGTERM', 'SIGKILL', 'SIGHUP']),
      nodeId: nodeIdSchema.optional(),
    }),
  }),
  output: route({
    method: 'GET',
    path: '/sessions/:id/outputs/:callId',
    access: 'viewer',
    summary: 'The whole output of a call in byte ranges; headers Navis-Offset, Navis-Next-Offset, Navis-End-Offset.',
    params: z.strictObject({ id: sessionIdSchema, callId: callIdSchema }),
    query: z.strictObject({
      from: queryNumber(offsetSchema).optional(),
      limit: queryNumber(z.number().int().min(1).max(maxHistoryReadBytes)).optional(),
      /** Where it ran; found by asking when left out. */
      node: nodeIdSchema.optional(),
    }),
    contentType: 'application/octet-stream',
    response: z.instanceof(Uint8Array),
  }),
  terminalHistory: route({
    method: 'GET',
    path: '/sessions/:id/terminals/:terminalId/output',
    access: 'viewer',
    summary:
      'Retained bytes of a terminal; headers Navis-Offset, Navis-Next-Offset, Navis-First-Offset, Navis-End-Offset.',
    params: z.strictObject({ id: sessionIdSchema, terminalId: terminalIdSchema }),
    query: z.strictObject({
      from: queryNumber(offsetSchema).optional(),
      limit: queryNumber(z.number().int().min(1).max(maxHistoryReadBytes)).optional(),
    }),
    contentType: 'application/octet-stream',
    response: z.instanceof(Uint8Array),
  }),
} as const;

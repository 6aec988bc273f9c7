/** Routes about conversations with agents (A3). */
import { z } from 'zod';
import { contentSchema, runSchema } from '../conversation.ts';
import { sessionSchema } from '../entities.ts';
import { contentIdSchema, messageIdSchema, runIdSchema, sessionIdSchema } from '../ids.ts';
import { maxAttachments, maxMessageLength } from '../limits.ts';
import { limit, route } from './route.ts';

const sessionParams = z.strictObject({ id: sessionIdSchema });

export const conversationRoutes = {
  sendMessage: route({
    method: 'POST',
    path: '/sessions/:id/messages',
    access: 'operator',
    summary:
      'Say something to the agent; `!command`, `/open`, `/close`, `/list` and the like act without a model (A4).',
    params: sessionParams,
    body: z.strictObject({
      /** Chosen by the caller: a repeat is the same message. */
      messageId: messageIdSchema.optional(),
      text: z.string().max(maxMessageLength),
      attachments: z.array(contentIdSchema).max(maxAttachments).optional(),
      /** Sets that message, and everything after it, aside: edit and resend, or try again. */
      replaces: messageIdSchema.optional(),
    }),
    response: z.object({
      messageId: messageIdSchema,
      /** `queued`: taken by the run under way at its next turn. `command`: it acted at once, without a model. */
      outcome: z.enum(['started', 'queued', 'command']),
      runId: runIdSchema.nullable(),
    }),
  }),
  stopRun: route({
    method: 'POST',
    path: '/sessions/:id/stop',
    access: 'operator',
    summary: 'Stop what the agent does, with everything it started but background terminals.',
    params: sessionParams,
    response: z.object({ stopped: z.boolean() }),
  }),
  continueRun: route({
    method: 'POST',
    path: '/sessions/:id/continue',
    access: 'operator',
    summary: 'Go on where the last run was interrupted, stopped or failed; calls that ended meanwhile are found.',
    params: sessionParams,
    response: z.object({ runId: runIdSchema }),
  }),
  forkSession: route({
    method: 'POST',
    path: '/sessions/:id/fork',
    access: 'operator',
    summary: 'A new conversation with everything before a message, or with everything.',
    params: sessionParams,
    body: z.strictObject({ before: messageIdSchema.optional() }),
    response: sessionSchema,
  }),
  runs: route({
    method: 'GET',
    path: '/sessions/:id/runs',
    access: 'viewer',
    summary: 'Runs of a session with their usage, newest first.',
    params: sessionParams,
    query: z.strictObject({ limit }),
    response: z.object({ runs: z.array(runSchema) }),
  }),
  prompt: route({
    method: 'GET',
    path: '/sessions/:id/prompt',
    access: 'viewer',
    summary: 'The prompt that the last run really sent, with its tools (or would send, before the first).',
    params: sessionParams,
    response: z.object({
      runId: runIdSchema.nullable(),
      profile: z.string(),
      model: z.string().nullable(),
      system: z.string(),
      tools: z.array(z.object({ name: z.string(), description: z.string(), schema: z.looseObject({}) })),
      messages: z.array(z.looseObject({ role: z.string() })),
    }),
  }),
  attach: route({
    method: 'POST',
    path: '/sessions/:id/attachments',
    access: 'operator',
    summary: 'Keep a file for the next message; at most 5 MiB.',
    params: sessionParams,
    body: z.strictObject({
      name: z.string().trim().min(1).max(255),
      mediaType: z.string().regex(/^[\w.+-]{1,60}\/[\w.+-]{1,60}$/, 'not a media type'),
      /** Base64. */
      data: z.base64().max(7 * 1024 * 1024),
    }),
    response: contentSchema,
  }),
  content: route({
    method: 'GET',
    path: '/sessions/:id/contents/:contentId',
    access: 'viewer',
    summary: 'The bytes of an attached or published file, always as an attachment (A8).',
    params: z.strictObject({ id: sessionIdSchema, contentId: contentIdSchema }),
    contentType: 'application/octet-stream',
    response: z.instanceof(Uint8Array),
  }),
  exportSession: route({
    method: 'GET',
    path: '/sessions/:id/export',
    access: 'viewer',
    summary: 'The conversation as Markdown.',
    params: sessionParams,
    contentType: 'text/markdown; charset=utf-8',
    response: z.string(),
  }),
  search: route({
    method: 'GET',
    path: '/search',
    access: 'viewer',
    summary: 'Messages and answers with this text in them, newest first.',
    query: z.strictObject({ text: z.string().trim().min(2).max(200), limit }),
    response: z.object({
      hits: z.array(
        z.object({ sessionId: sessionIdSchema, title: z.string(), seq: z.number().int(), excerpt: z.string() }),
      ),
    }),
  }),
} as const;

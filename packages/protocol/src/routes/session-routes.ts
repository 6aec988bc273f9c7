/** Routes about sessions and their event logs (I7, I8). */
import { z } from 'zod';
import { agentSettingsSchema } from '../conversation.ts';
import { sessionKindSchema, sessionSchema, sessionWithTerminalsSchema } from '../entities.ts';
import { seqSchema } from '../events.ts';
import { sessionIdSchema } from '../ids.ts';
import { timestampSchema } from '../time.ts';
import { limit, queryNumber, route } from './route.ts';

const sessionParams = z.strictObject({ id: sessionIdSchema });
const agentChange = z.strictObject(agentSettingsSchema.omit({ forkedFrom: true }).partial().shape);
const eventPage = z.object({
  generation: z.string(),
  events: z.array(z.looseObject({ type: z.string(), data: z.unknown(), timestamp: timestampSchema })),
  seq: seqSchema,
});
const eventQuery = z.strictObject({ after: queryNumber(seqSchema).optional(), limit });

export const sessionRoutes = {
  sessions: route({
    method: 'GET',
    path: '/sessions',
    access: 'viewer',
    summary: 'Sessions with their terminals, newest first; `after` is the last id of the page before.',
    query: z.strictObject({ kind: sessionKindSchema.optional(), after: sessionIdSchema.optional(), limit }),
    response: z.object({ sessions: z.array(sessionWithTerminalsSchema), next: sessionIdSchema.nullable() }),
  }),
  createSession: route({
    method: 'POST',
    path: '/sessions',
    access: 'operator',
    summary: 'Start a session.',
    body: z.strictObject({
      title: z.string().trim().min(1).max(200).optional(),
      kind: sessionKindSchema.optional(),
      /** Of kinds `agent` and `acp`; what is left out has its default. */
      agent: agentChange.optional(),
    }),
    response: sessionSchema,
  }),
  defaultSession: route({
    method: 'PUT',
    path: '/sessions/default',
    access: 'operator',
    summary: "The user's default session; made on first use.",
    response: sessionSchema,
  }),
  session: route({
    method: 'GET',
    path: '/sessions/:id',
    access: 'viewer',
    summary: 'One session with its terminals.',
    params: sessionParams,
    response: sessionWithTerminalsSchema,
  }),
  changeSession: route({
    method: 'PATCH',
    path: '/sessions/:id',
    access: 'operator',
    summary: 'Rename a session, or set up its agent in another way from the next message on.',
    params: sessionParams,
    body: z.strictObject({ title: z.string().trim().min(1).max(200).optional(), agent: agentChange.optional() }),
    response: sessionSchema,
  }),
  closeSession: route({
    method: 'DELETE',
    path: '/sessions/:id',
    access: 'operator',
    summary: 'Close a session and every terminal of it.',
    params: sessionParams,
  }),
  sessionEvents: route({
    method: 'GET',
    path: '/sessions/:id/events',
    access: 'viewer',
    summary: "A page of the session's event log after a cursor.",
    params: sessionParams,
    query: eventQuery,
    response: eventPage,
  }),
  hubEvents: route({
    method: 'GET',
    path: '/events',
    access: 'viewer',
    summary: 'A page of the event log `hub` after a cursor.',
    query: eventQuery,
    response: eventPage,
  }),
} as const;

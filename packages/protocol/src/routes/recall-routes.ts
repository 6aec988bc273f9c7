/** Routes about scheduled tasks (A5). */
import { z } from 'zod';
import { recallIdSchema } from '../ids.ts';
import { newRecallSchema, recallChangeSchema, recallRunSchema, recallSchema } from '../recall-entities.ts';
import { limit, route } from './route.ts';

const recallParams = z.strictObject({ id: recallIdSchema });

export const recallRoutes = {
  recalls: route({
    method: 'GET',
    path: '/recalls',
    access: 'viewer',
    summary: 'Recalls of the user, newest first.',
    response: z.object({ recalls: z.array(recallSchema) }),
  }),
  createRecall: route({
    method: 'POST',
    path: '/recalls',
    access: 'operator',
    summary: 'Have an agent do a task later, again and again, or at once; its permissions are fixed now.',
    body: newRecallSchema,
    response: recallSchema,
  }),
  recall: route({
    method: 'GET',
    path: '/recalls/:id',
    access: 'viewer',
    summary: 'One recall.',
    params: recallParams,
    response: recallSchema,
  }),
  changeRecall: route({
    method: 'PATCH',
    path: '/recalls/:id',
    access: 'operator',
    summary: 'Change, pause or resume a recall; its permissions stay as they are.',
    params: recallParams,
    body: recallChangeSchema,
    response: recallSchema,
  }),
  removeRecall: route({
    method: 'DELETE',
    path: '/recalls/:id',
    access: 'operator',
    summary: 'Remove a recall; a run under way is stopped.',
    params: recallParams,
  }),
  runRecall: route({
    method: 'POST',
    path: '/recalls/:id/run',
    access: 'operator',
    summary: 'Run it now, also when it is paused; its schedule stays as it is.',
    params: recallParams,
    response: recallSchema,
  }),
  recallRuns: route({
    method: 'GET',
    path: '/recalls/:id/runs',
    access: 'viewer',
    summary: 'History of a recall, newest first.',
    params: recallParams,
    query: z.strictObject({ limit }),
    response: z.object({ runs: z.array(recallRunSchema) }),
  }),
} as const;

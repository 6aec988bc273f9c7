/** Routes that run the hub as a service. */
import { z } from 'zod';
import { queryNumber, route } from './route.ts';

export const serviceRoutes = {
  logs: route({
    method: 'GET',
    path: '/logs',
    access: 'admin',
    summary: "The last lines of the hub's log.",
    query: z.strictObject({ tail: queryNumber(z.number().int().min(1).max(10_000)).optional() }),
    response: z.object({ lines: z.array(z.string()) }),
    whenDegraded: true,
  }),
  shutdown: route({
    method: 'POST',
    path: '/shutdown',
    access: 'admin',
    summary: 'Stop the hub; `keep` leaves the terminals running for the next start.',
    body: z.strictObject({ keep: z.boolean().optional() }),
    response: z.object({ stopping: z.literal(true), terminals: z.array(z.string()) }),
    whenDegraded: true,
  }),
} as const;

/** Routes about the hub itself that need no credential (I6, I7). */
import { z } from 'zod';
import { statusSchema } from '../entities.ts';
import { route } from './route.ts';

export const publicRoutes = {
  status: route({
    method: 'GET',
    path: '/status',
    access: 'public',
    summary: 'Health, version and pairing state.',
    response: statusSchema,
    whenDegraded: true,
  }),
  caCertificate: route({
    method: 'GET',
    path: '/certs/navis.local-ca.crt',
    access: 'public',
    summary: "The local CA's certificate (PEM).",
    contentType: 'application/x-x509-ca-cert',
    response: z.string(),
    whenDegraded: true,
  }),
  docs: route({
    method: 'GET',
    path: '/docs',
    access: 'public',
    summary: 'This API as a page.',
    contentType: 'text/html; charset=utf-8',
    response: z.string(),
    whenDegraded: true,
  }),
  openapi: route({
    method: 'GET',
    path: '/docs/openapi.json',
    access: 'public',
    summary: 'This API as OpenAPI 3.1.',
    response: z.looseObject({}),
    whenDegraded: true,
  }),
} as const;

/** Routes about models and their providers (A4). */
import { z } from 'zod';
import {
  modelProviderIdSchema,
  modelProviderKindSchema,
  modelProviderSchema,
  modelReferenceSchema,
  offeredModelSchema,
} from '../model-entities.ts';
import { route } from './route.ts';

const providerParams = z.strictObject({ id: modelProviderIdSchema });

export const modelRoutes = {
  models: route({
    method: 'GET',
    path: '/models',
    access: 'viewer',
    summary: 'Providers with their models, and the default list in the order of preference.',
    response: z.object({ providers: z.array(modelProviderSchema), defaults: z.array(modelReferenceSchema) }),
  }),
  addModelProvider: route({
    method: 'POST',
    path: '/models',
    access: 'admin',
    summary: 'Add or change a provider; the key is kept encrypted and never shown again.',
    body: z.strictObject({
      id: modelProviderIdSchema,
      kind: modelProviderKindSchema,
      baseUrl: z
        .url({ protocol: /^https?$/ })
        .max(500)
        .optional(),
      /** Left out on a change: stays as it is. */
      key: z.string().min(1).max(1000).optional(),
      models: z
        .array(offeredModelSchema.partial({ contextTokens: true }))
        .max(100)
        .optional(),
    }),
    response: modelProviderSchema,
  }),
  modelKeyPlace: route({
    method: 'GET',
    path: '/models/key-place',
    access: 'admin',
    summary: 'Where keys of providers are kept: in the keyring of the hub’s machine, or in a private file.',
    response: z.object({
      kept: z.enum(['keyring', 'file']),
      /** The keyring, or the path of the file. */
      where: z.string(),
      /** Providers whose key is in a keyring that does not answer now. */
      locked: z.array(z.string()),
    }),
  }),
  removeModelProvider: route({
    method: 'DELETE',
    path: '/models/:id',
    access: 'admin',
    summary: 'Forget a provider with its key.',
    params: providerParams,
  }),
  testModelProvider: route({
    method: 'POST',
    path: '/models/:id/test',
    access: 'admin',
    summary: 'Ask a model of the provider for one word.',
    params: providerParams,
    body: z.strictObject({ model: z.string().max(160).optional() }),
    response: z.object({
      ok: z.boolean(),
      model: z.string().nullable(),
      /** To the first token. */
      latencyMs: z.number().nullable(),
      error: z.object({ code: z.string(), message: z.string() }).nullable(),
      /** What the provider offers, where it tells. */
      offered: z.array(offeredModelSchema),
    }),
  }),
  setDefaultModels: route({
    method: 'PUT',
    path: '/models/default',
    access: 'admin',
    summary: 'The models to use, in the order of preference: the next is taken where one fails.',
    body: z.strictObject({ models: z.array(modelReferenceSchema).max(10) }),
    response: z.object({ defaults: z.array(modelReferenceSchema) }),
  }),
} as const;

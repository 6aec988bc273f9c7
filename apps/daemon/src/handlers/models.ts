/** Routes about models and their providers (A4). */
import type { ModelRegistry } from '../agents/models/model-registry.ts';
import type { Handlers } from '../http/handler.types.ts';

export type ModelHandlers = Pick<
  Handlers,
  'models' | 'addModelProvider' | 'modelKeyPlace' | 'removeModelProvider' | 'testModelProvider' | 'setDefaultModels'
>;

export const modelHandlers = (models: ModelRegistry): ModelHandlers => ({
  models: () => models.list(),
  addModelProvider: ({ body }) => models.put(body),
  modelKeyPlace: () => models.keyPlace(),
  removeModelProvider: ({ params }) => models.remove(params.id),
  testModelProvider: ({ params, body }) => models.test(params.id, body.model),
  setDefaultModels: ({ body }) => models.setDefaults(body.models),
});

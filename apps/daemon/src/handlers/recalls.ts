/** Routes about recalls (A5). */
import type { Recalls } from '../agents/recalls/recalls.ts';
import type { Handlers } from '../http/handler.types.ts';

export type RecallHandlers = Pick<
  Handlers,
  'recalls' | 'createRecall' | 'recall' | 'changeRecall' | 'removeRecall' | 'runRecall' | 'recallRuns'
>;

export const recallHandlers = (recalls: Recalls): RecallHandlers => ({
  recalls: async ({ device }) => ({ recalls: await recalls.list(device.userId) }),
  createRecall: ({ body, device }) => recalls.create({ userId: device.userId, name: device.name }, body),
  recall: ({ params, device }) => recalls.visible(device, params.id),
  changeRecall: async ({ params, body, device }) => recalls.change(await recalls.visible(device, params.id), body),
  removeRecall: async ({ params, device }) => recalls.remove(await recalls.visible(device, params.id)),
  runRecall: async ({ params, device }) => recalls.runNow(await recalls.visible(device, params.id)),
  recallRuns: async ({ params, query, device }) => ({
    runs: await recalls.history(await recalls.visible(device, params.id), query.limit),
  }),
});

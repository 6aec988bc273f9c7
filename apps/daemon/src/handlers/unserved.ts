/** Routes whose service is not there yet. */
import { NavisError, type RouteName } from '@navisai/protocol';
import type { Handlers } from '../http/handler.types.ts';

const names = [
  'approval',
  'rules',
  'addRule',
  'removeRule',
  'recalls',
  'createRecall',
  'recall',
  'changeRecall',
  'removeRecall',
  'runRecall',
  'recallRuns',
  'pushKey',
  'subscribeToPush',
  'unsubscribeFromPush',
] as const satisfies readonly RouteName[];

const refuse = (): never => {
  throw new NavisError('NOT_FOUND');
};

export const unservedHandlers = Object.fromEntries(names.map((name) => [name, refuse])) as unknown as Pick<
  Handlers,
  (typeof names)[number]
>;

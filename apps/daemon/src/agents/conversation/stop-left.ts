/** Stop of a run that the hub left and nobody goes on with: what it began may go on, and ends then (A3). */
import type { ConversationReader, StoreKeeper } from '@navisai/store';
import type { FastifyBaseLogger } from 'fastify';
import type { Fleet } from '../../nodes/fleet.ts';
import { orderOf } from '../runs/run-order.ts';
import { type OpenCall, openCallsOf } from './open-calls.ts';

export interface StopLeftParts {
  keeper: StoreKeeper;
  fleet: Pick<Fleet, 'cancelCall'>;
  log: FastifyBaseLogger;
}

/** Answers whether there was anything. The calls stay open: whoever goes on finds what became of them. */
export const stopLeft = async ({ keeper, fleet, log }: StopLeftParts, sessionId: string): Promise<boolean> => {
  const { conversations } = keeper.store.read;
  const last = await conversations.lastRun(sessionId);
  if (last?.state !== 'interrupted') return false;
  const open = await openBelow(conversations, { sessionId, thread: '' });
  const cancelling = open.map(({ callId }) =>
    fleet
      .cancelCall({ sessionId, callId })
      .catch((error: unknown) => log.warn({ err: error, sessionId, callId }, 'a call could not be stopped')),
  );
  await Promise.all(cancelling);
  return open.length > 0;
};

/** Those of sub-agents included. */
const openBelow = async (
  conversations: ConversationReader,
  { sessionId, thread }: { sessionId: string; thread: string },
): Promise<OpenCall[]> => {
  const own = openCallsOf(await conversations.context(sessionId, thread));
  const below = own.map(async ({ callId }) => {
    const child = await conversations.runOfCall(sessionId, callId);
    return child === undefined
      ? []
      : openBelow(conversations, { sessionId, thread: orderOf(child)?.thread ?? child.id });
  });
  return [...own, ...(await Promise.all(below)).flat()];
};

/** An event stream on a socket: the session's own log, or the hub's with live copies of every visible session's changes. */
import { NavisError } from '@navisai/protocol';
import { hubStream, type StreamEvent } from '@navisai/store';
import { SessionCopies } from './session-copies.ts';
import type { RequestOf, Subscription, SubscriptionContext } from './subscription.types.ts';

type EventRequest = RequestOf<'hub'> | RequestOf<'session'>;

/** Rejects NOT_FOUND for a session that the device may not see. */
export const openEventSubscription = async (
  context: SubscriptionContext,
  request: EventRequest,
  signal: AbortSignal,
): Promise<Subscription> => {
  const isHub = request.kind === 'hub';
  if (!isHub) await context.hub.visibleSession(context.device, request.sessionId);
  const stream = isHub ? hubStream : request.sessionId;
  const start = await startOf(context, { stream, request });
  const stop = new AbortController();
  const subscription = { key: keyOf(request), close: () => stop.abort() };
  if (signal.aborted) return subscription;
  const { id, outlet } = context;
  outlet.tell('subscribed', { id, ...start });
  let lastSeq = start.after;
  const copies = isHub ? new SessionCopies(context, () => outlet.tell('live', { id, seq: lastSeq })) : undefined;
  const take = ({ event, seq = lastSeq }: StreamEvent): boolean => {
    if (outlet.isBusy) return false;
    outlet.forward(event);
    lastSeq = seq;
    return true;
  };
  const follow = async (): Promise<void> => {
    for await (const item of context.hub.events.follow({ stream, after: start.after, signal: stop.signal, take })) {
      if (item.kind === 'live') outlet.tell('live', { id, seq: item.seq });
      else outlet.forward(item.event.event);
      lastSeq = item.kind === 'live' ? item.seq : (item.event.seq ?? lastSeq);
      if (outlet.isBusy) await outlet.ready();
    }
  };
  stop.signal.addEventListener('abort', () => copies?.close());
  follow().catch((error: unknown) => {
    if (!stop.signal.aborted) context.restartConnection(reasonOf(context, error));
  });
  return subscription;
};

export const keyOf = (request: EventRequest): string =>
  request.kind === 'hub' ? 'hub' : `session ${request.sessionId}`;

interface Start {
  generation: string;
  after: number;
  reset?: boolean;
}

/** Without a cursor from now on; with one of another life of the store from the beginning. */
const startOf = async (
  { hub }: SubscriptionContext,
  { stream, request }: { stream: string; request: EventRequest },
): Promise<Start> => {
  const { generation } = hub.events;
  const { seq } = await hub.events.read({ stream, after: Number.MAX_SAFE_INTEGER, limit: 1 });
  if (request.after === undefined) return { generation, after: seq };
  const isOfThisLife = request.generation === undefined || request.generation === generation;
  if (isOfThisLife && request.after <= seq) return { generation, after: request.after };
  return { generation, after: 0, reset: true };
};

const reasonOf = ({ hub }: SubscriptionContext, error: unknown): string => {
  if (error instanceof NavisError) return error.message;
  hub.log.error({ err: error }, 'an event stream failed');
  return 'The event stream failed.';
};

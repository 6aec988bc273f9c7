/** The event log and the bus as one thing: what is kept is told, and can be followed from any cursor. */
import { NavisError, type HubEvent } from '@navisai/protocol';
import type {
  EventFeed,
  EventPage,
  FollowItem,
  FollowRequest,
  NewEvent,
  StreamEvent,
  StreamName,
} from './events.types.ts';
import { follow } from './follow.ts';
import type { EventBus } from './memory-bus.ts';
import type { StoreKeeper } from './store-keeper.ts';
import type { StoreWriter } from './store.types.ts';

/** The feed as its owner has it: it may also change the store and tell the events of that change. */
export interface StoreFeed extends EventFeed {
  /** Everything of `work` or nothing; resolves when it is on disk and its events were told. */
  transaction<T>(work: (writer: StoreWriter) => Promise<T>): Promise<T>;
  /** The same for work that goes on at once with what was changed; `durable` resolves when it is on disk and told. */
  apply<T>(work: (writer: StoreWriter) => Promise<T>): Promise<{ result: T; durable: Promise<void> }>;
}

export const createEventFeed = (keeper: StoreKeeper, bus: EventBus): StoreFeed => {
  const tell = (events: readonly StreamEvent[]): StreamEvent[] => {
    for (const event of events) bus.publish(event);
    return [...events];
  };
  const read = async (request: { stream: StreamName; after: number; limit: number }): Promise<EventPage> =>
    keeper.store.read.readEvents(request);

  const apply: StoreFeed['apply'] = async (work) => {
    const { result, events, durable } = await keeper.store.apply(work);
    const told = durable.then(() => void tell(events));
    told.catch(() => undefined);
    return { result, durable: told };
  };

  return {
    get generation() {
      return keeper.generation;
    },
    append: async (events: readonly NewEvent[]) => tell(await keeper.store.appendEvents(events)),
    publish: (stream: StreamName, event: HubEvent) => bus.publish({ stream, event }),
    read,
    isFollowed: (stream) => bus.hasSubscriber(stream),
    listen: (listener) => bus.subscribe(undefined, listener),
    follow: (request) => followGeneration(request, { keeper, source: { bus, read } }),
    async transaction(work) {
      const { result, durable } = await apply(work);
      await durable;
      return result;
    },
    apply,
  };
};

interface Following {
  keeper: StoreKeeper;
  source: Parameters<typeof follow>[0];
}

/** A cursor means nothing in another generation: whoever follows is told to start over. */
async function* followGeneration(
  request: FollowRequest,
  { keeper, source }: Following,
): AsyncGenerator<FollowItem, void, void> {
  const replaced = new AbortController();
  const stop = keeper.onReplaced(() => replaced.abort());
  try {
    yield* follow(source, { ...request, signal: AbortSignal.any([request.signal, replaced.signal]) });
  } finally {
    stop();
  }
  if (replaced.signal.aborted && !request.signal.aborted)
    throw new NavisError('DEGRADED', 'The store was replaced. Start over without a cursor.');
}

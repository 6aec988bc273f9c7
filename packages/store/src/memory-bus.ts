/** The bus of one hub: tells events to whoever listens in this process. */
import type { StreamEvent } from './events.types.ts';

export type EventListener = (event: StreamEvent) => void;

/** What carries live events; a second adapter will carry them between hubs. */
export interface EventBus {
  publish(event: StreamEvent): void;
  /** Without a stream: of all of them. The listener must not throw. */
  subscribe(stream: string | undefined, listener: EventListener): () => void;
  /** Somebody subscribes to exactly this stream. */
  hasSubscriber(stream: string): boolean;
}

export const createMemoryBus = (): EventBus => {
  const everyStream = new Set<EventListener>();
  const byStream = new Map<string, Set<EventListener>>();
  const tell = (listeners: Iterable<EventListener>, event: StreamEvent): void => {
    for (const listener of Array.from(listeners)) listener(event);
  };
  return {
    publish(event) {
      tell(byStream.get(event.stream) ?? [], event);
      tell(everyStream, event);
    },
    hasSubscriber: (stream) => byStream.has(stream),
    subscribe(stream, listener) {
      const listeners = stream === undefined ? everyStream : (byStream.get(stream) ?? new Set());
      if (stream !== undefined) byStream.set(stream, listeners);
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
        if (stream !== undefined && listeners.size === 0 && byStream.get(stream) === listeners) byStream.delete(stream);
      };
    },
  };
};

/** The event log and its live half: what is appended, read, followed and listened to (I8). */
import type { HubEvent, PersistedEventType } from '@navisai/protocol';

/** The stream of what belongs to no session. */
export const hubStream = 'hub';

/** A session's id, or `hub`. */
export type StreamName = string;

type Unnumbered<T> = T extends { data: infer D } ? Omit<T, 'data' | 'timestamp'> & { data: Omit<D, 'seq'> } : never;

/** An event to be kept; the log gives it its `seq` and its time. */
export type NewEvent = Unnumbered<Extract<HubEvent, { type: PersistedEventType }>> & { stream: StreamName };

/** One event with the stream that it belongs to; `seq` is absent on events that are not kept. */
export interface StreamEvent {
  stream: StreamName;
  seq?: number;
  event: HubEvent;
}

/** One page after a cursor; `seq` is the stream's last row number, so `after` beyond it is a cursor of another life. */
export interface EventPage {
  events: StreamEvent[];
  seq: number;
}

/** Rows of the log. `append` resolves when the rows are on disk; rejects NavisError DEGRADED when they cannot be. */
export interface EventLog {
  append(events: readonly NewEvent[]): Promise<StreamEvent[]>;
  read(request: { stream: StreamName; after: number; limit: number }): Promise<EventPage>;
}

/**
 * `live` comes when everything before it was backfill; later events come as they happen. It comes again before an event
 * whose predecessors were taken out of the log by compaction: they are not missing.
 */
export type FollowItem = { kind: 'event'; event: StreamEvent } | { kind: 'live'; seq: number };

export interface FollowRequest {
  stream: StreamName;
  after: number;
  signal: AbortSignal;
  /**
   * Given an event at the moment it happens, where it is the next one and nothing waits before it; must not throw. What it
   * answers false for comes in turn, as everything does without it.
   */
  take?: ((event: StreamEvent) => boolean) | undefined;
}

/** The log together with its live subscribers. */
export interface EventFeed {
  /** Changes when the store is restored or reset; empty while the store cannot be read. */
  readonly generation: string;
  /** Keeps the events, then tells them to everyone who follows or listens, in the order of their `seq`. */
  append(events: readonly NewEvent[]): Promise<StreamEvent[]>;
  /** Tells an event that is not kept. */
  publish(stream: StreamName, event: HubEvent): void;
  read(request: { stream: StreamName; after: number; limit: number }): Promise<EventPage>;
  /**
   * Events of one stream after a cursor: what is kept first, then `live`, then everything as it happens, without gap or
   * double. A slow reader costs a bounded queue: beyond it kept events are read from the log again and unkept ones are
   * dropped for this reader. Ends with `signal`; rejects NavisError DEGRADED when the log cannot be read.
   */
  follow(request: FollowRequest): AsyncGenerator<FollowItem, void, void>;
  /** Somebody follows this stream: what is only worth telling to a watcher may be left out otherwise. */
  isFollowed(stream: StreamName): boolean;
  /** Every event of every stream as it happens; the listener must not throw. */
  listen(listener: (event: StreamEvent) => void): () => void;
}

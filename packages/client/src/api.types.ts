/** The types of API calls, derived from the route table: nothing is written twice. */
import type { RouteRequest, RouteName, RouteResponse } from '@navisai/protocol';

/** An input part may be left out when all of its fields may. */
type Part<Name extends string, Value> = [Value] extends [undefined]
  ? { [K in Name]?: undefined }
  : unknown extends Value
    ? { [K in Name]?: Value }
    : Record<never, never> extends Value
      ? { [K in Name]?: Value }
      : { [K in Name]: Value };

/** Values as they are inside the program: numbers in a query are numbers. */
export type CallInput<N extends RouteName> = Part<'params', RouteRequest<N>['params']> &
  Part<'query', RouteRequest<N>['query']> &
  Part<'body', RouteRequest<N>['body']>;

/** A range of raw bytes with the offsets told in its headers. */
export interface ByteRange {
  offset: number;
  nextOffset: number;
  /** Oldest retained byte; 0 for outputs of calls. */
  firstOffset: number;
  endOffset: number;
  bytes: Uint8Array<ArrayBuffer>;
}

export type CallAnswer<N extends RouteName> = RouteResponse<N> extends Uint8Array ? ByteRange : RouteResponse<N>;

export interface CallOptions {
  /** Ends the call: it rejects with CANCELLED. */
  signal?: AbortSignal | undefined;
  /** Default 30 s; for `callTool` longer than any tool may run. Then the call rejects with HUB_UNREACHABLE. */
  timeoutMs?: number | undefined;
  /** Told of the bytes of the answer as they come, where the transport can; in Node.js it can. */
  onData?: ((chunk: Uint8Array) => void) | undefined;
}

type CallArguments<N extends RouteName> =
  Record<never, never> extends CallInput<N>
    ? [input?: CallInput<N>, options?: CallOptions]
    : [input: CallInput<N>, options?: CallOptions];

/**
 * `api.sessions({ query: { limit: 5 } })` or `api.call('sessions', …)`. Rejects with NavisError: the hub's own code and
 * message, HUB_UNREACHABLE when no answer came, CANCELLED after `signal`. Nothing is done twice: a call is sent once more
 * with the hub's time after CLOCK_SKEW (the refused call did nothing), and unchanged, so that it counts once, when a kept
 * connection turns out to be closed.
 */
export type Api = {
  readonly [N in RouteName]: (...args: CallArguments<N>) => Promise<CallAnswer<N>>;
} & {
  call<N extends RouteName>(name: N, ...args: CallArguments<N>): Promise<CallAnswer<N>>;
  /** A signed request to any path, as it answers: for `navisai api METHOD PATH`. */
  send(request: RawRequest, options?: CallOptions): Promise<RawAnswer>;
};

export interface RawRequest {
  method: string;
  /** From the root, with query. */
  path: string;
  /** Sent as JSON. */
  body?: unknown;
  /** Further ones; not signed. */
  headers?: Readonly<Record<string, string>>;
}

export interface RawAnswer {
  status: number;
  contentType: string;
  header(name: string): string | undefined;
  body: Uint8Array<ArrayBuffer>;
}

/** What a handler of a route gets and gives; the table of the protocol types both. */
import type { Device, RouteInput, RouteName, RouteResponse } from '@navisai/protocol';

export interface RouteCall<N extends RouteName> extends RouteInput<N> {
  /** The calling device; throws NavisError UNAUTHORIZED on a public route. */
  readonly device: Device;
  /** Address of the other end. */
  readonly peer: string;
  /** A header of the answer. */
  header(name: string, value: string): void;
}

type Answer<T> = [T] extends [undefined] ? void : T;

export type Handler<N extends RouteName> = (
  call: RouteCall<N>,
) => Promise<Answer<RouteResponse<N>>> | Answer<RouteResponse<N>>;

/** One handler for every route of the table: a missing one does not compile. */
export type Handlers = { [N in RouteName]: Handler<N> };

/** Everything a client needs of one hub, put together. */
import { openBrowserSocket } from '@navisai/link';
import type { SocketTransport } from '@navisai/link';
import { createApi } from './api.ts';
import type { Api } from './api.types.ts';
import { createFetchHttp } from './fetch-http.ts';
import { createHubClock } from './hub-clock.ts';
import type { HubClock } from './hub-clock.ts';
import type { HttpTransport } from './http.types.ts';
import { createLive } from './live.ts';
import type { LiveOptions } from './live.ts';
import type { Live } from './live.types.ts';
import type { Signer } from './signer.ts';

export interface HubConnectionOptions {
  /** `https://host:port`, without a path. */
  origin: string;
  /** Without one only public routes answer and `live()` throws. */
  signer?: Signer | undefined;
  /** Default: `fetch`. */
  http?: HttpTransport;
  /** Default: the global WebSocket. */
  sockets?: SocketTransport;
  readEvent?: LiveOptions['readEvent'];
  clock?: HubClock;
}

export interface HubConnection {
  readonly origin: string;
  readonly api: Api;
  readonly signer: Signer | undefined;
  /** As the hub tells the time. */
  readonly clock: HubClock;
  /** The one live connection of this client; opened by the first call. Throws UNAUTHORIZED without a signer. */
  live(): Live;
  close(): void;
}

/** Nothing is sent before the first call. */
export const connectHub = (options: HubConnectionOptions): HubConnection => {
  const { origin, signer, readEvent, sockets = openBrowserSocket } = options;
  const clock = options.clock ?? createHubClock();
  const api = createApi({ http: options.http ?? createFetchHttp(origin), signer, clock });
  let live: Live | undefined;
  return {
    origin,
    api,
    signer,
    clock,
    live: () => (live ??= createLive({ origin, signer, clock, sockets, readEvent })),
    close: () => live?.close(),
  };
};

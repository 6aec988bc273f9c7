/** The hub as its edges see it: who is let in, what it tells of itself, and when it stops. */
import { join } from 'node:path';
import { mainNodeId } from '@navisai/protocol';
import type { StoreFeed, StoreKeeper } from '@navisai/store';
import type { FastifyBaseLogger } from 'fastify';
import { type Authenticator, createAuthenticator, importPublicKey } from './authentication/authenticate.ts';
import { openFutureNonces } from './authentication/future-nonces.ts';
import { describeStatus, requireReadable } from './hub-status.ts';
import type { Hub } from './hub.ts';
import type { OriginPolicy } from './http/host-and-origin.ts';
import type { Nodes } from './nodes/nodes.ts';
import type { HostDevice } from './run/host-device.ts';
import type { Devices } from './services/devices.ts';
import { createListeners } from './services/listeners.ts';
import type { Pairing } from './services/pairing/pairing.ts';
import type { Sessions } from './services/sessions.ts';

export interface FaceParts {
  version: string;
  startedAtMs: number;
  now: () => number;
  runFolder: string;
  hubId: string;
  host: HostDevice;
  log: FastifyBaseLogger;
  origins: OriginPolicy;
}

export interface FaceServices {
  keeper: StoreKeeper;
  feed: StoreFeed;
  devices: Devices;
  pairing: Pairing;
  sessions: Sessions;
  nodes: Nodes;
}

export interface HubFace {
  hub: Hub;
  authenticator: Authenticator;
  ready: PromiseWithResolvers<void>;
  /** From now on `status` says `stopping`; everyone who asked to be told is told. */
  beginStop(): void;
}

export const createHubFace = (parts: FaceParts, services: FaceServices): HubFace => {
  const { keeper, feed, devices, sessions, nodes } = services;
  const { host, hubId, log, now, origins } = parts;
  const hostKey = importPublicKey(host.publicKey);
  const authenticator = createAuthenticator({
    hubId,
    startedAtMs: parts.startedAtMs,
    now,
    // The host's own device works also when there is no store to look it up in (I17).
    findDevice: (id) => (id === host.device.id ? { device: host.device, key: hostKey } : devices.find(id)),
    futureNonces: openFutureNonces(join(parts.runFolder, 'future-nonces'), now),
  });
  const stopping = createListeners<void>();
  const ready = Promise.withResolvers<void>();
  let isStopping = false;
  const hub: Hub = {
    instanceId: mainNodeId,
    hubId,
    log,
    machine: nodes.fleet,
    events: feed,
    status: () => describeStatus({ ...parts, ...services, isStopping }),
    async authenticateSocket({ url, headers }) {
      await ready.promise;
      requireReadable(keeper);
      const device = authenticator.authenticateSocket({ url, authorization: headers.authorization });
      devices.seen(device);
      return device;
    },
    checkHostAndOrigin: (headers) => origins.check(headers),
    visibleSession: sessions.visible,
    onDeviceRevoked: devices.onRevoked,
    onStopping: stopping.add,
  };
  const beginStop = (): void => {
    isStopping = true;
    stopping.tell();
  };
  return { hub, authenticator, ready, beginStop };
};

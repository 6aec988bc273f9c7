/** Which limits hold for whom: strict for strangers, generous for devices (I10, I14). */
import { NavisError, type RouteName } from '@navisai/protocol';
import type { FastifyRequest } from 'fastify';
import { createRateLimiter, type RateLimit } from './rate-limit.ts';

/** All requests of one address together, files of the PWA included. */
const perPeer: RateLimit = { burst: 5000, perSecond: 2500 };
/** Several browsers of one house share an address. */
const pairingRequests: RateLimit = { burst: 30, perSecond: 0.5 };
const pairingPolls: RateLimit = { burst: 60, perSecond: 10 };
const perDevice: RateLimit = { burst: 5000, perSecond: 2500 };
/** Of one device at one address: a revoked client that does not stop asking. */
const failures: RateLimit = { burst: 500, perSecond: 5 };

export interface RequestLimits {
  /** Each of these throws NavisError RATE_LIMITED. */
  takePeer(peer: string): void;
  takePublic(route: RouteName, peer: string): void;
  takeDevice(deviceId: string): void;
  /** Runs `authenticate`, counting when it refuses. */
  watchFailures<T>(request: FastifyRequest, authenticate: () => T): T;
  /** Counts `error` if it is a refusal. */
  countRefusal(request: FastifyRequest, error: unknown): void;
}

export const createRequestLimits = (): RequestLimits => {
  const peers = createRateLimiter(perPeer);
  const pairing = createRateLimiter(pairingRequests);
  const polls = createRateLimiter(pairingPolls);
  const devices = createRateLimiter(perDevice);
  const failed = createRateLimiter(failures);
  const countRefusal = (request: FastifyRequest, error: unknown): void => {
    const deviceId = /deviceId="([^"]{1,64})"/.exec(request.headers.authorization ?? '')?.[1] ?? '';
    if (error instanceof NavisError) failed.take(`${request.ip} ${deviceId}`);
  };
  return {
    countRefusal,
    takePeer: (peer) => peers.take(peer),
    takePublic(route, peer) {
      if (route === 'pairingRequest' || route === 'pairingStart') pairing.take(peer);
      if (route === 'pairingStatus') polls.take(peer);
    },
    takeDevice: (deviceId) => devices.take(deviceId),
    watchFailures(request, authenticate) {
      try {
        return authenticate();
      } catch (error) {
        countRefusal(request, error);
        throw error;
      }
    },
  };
};

/** Refuses foreign hosts (DNS rebinding) and foreign origins on every request and upgrade (I11). */
import type { IncomingHttpHeaders } from 'node:http';
import { NavisError } from '@navisai/protocol';

/** Names under which every hub may be reached from its own machine. */
const localNames = ['localhost', 'navis.local', '127.0.0.1', '[::1]'];

export interface OriginPolicy {
  /** Throws NavisError FORBIDDEN. */
  check(headers: IncomingHttpHeaders): void;
  /** The origin to name in `Access-Control-Allow-Origin`, when the request comes from another allowed page. */
  corsOrigin(headers: IncomingHttpHeaders): string | undefined;
}

export interface OriginPolicyParts {
  /** From the configuration: their host names are served, their pages may call. */
  origins: readonly string[];
  /** Addresses beyond this machine that are listened on, by configuration. */
  listen: readonly string[];
  /** Known once the hub listens. */
  port: () => number;
}

export const createOriginPolicy = ({ origins, listen, port }: OriginPolicyParts): OriginPolicy => {
  // As browsers write them: a host that is an address is no way in for DNS rebinding.
  const addresses = listen.map((address) => new URL(`https://${address.includes(':') ? `[${address}]` : address}`));
  const names = new Set([...localNames, ...[...addresses, ...origins.map((origin) => new URL(origin))].map(hostname)]);

  const hostOf = (headers: IncomingHttpHeaders): string => {
    const host = (headers.host ?? '').toLowerCase();
    const name = /^(\[[0-9a-f:]+\]|[a-z0-9.-]+)(?::\d{1,5})?$/.exec(host)?.[1];
    if (name === undefined || !names.has(name))
      throw new NavisError(
        'FORBIDDEN',
        'This host name is not served here: "origins" in config.json names those that are.',
      );
    return host;
  };

  const isOwn = (origin: string, host: string): boolean => {
    if (origin === `https://${host}` || origins.includes(origin) || origin === 'https://navis.local') return true;
    return localNames.some((name) => origin === `https://${name}:${port()}`);
  };

  return {
    check(headers) {
      const host = hostOf(headers);
      const { origin } = headers;
      if (origin !== undefined && !isOwn(origin.toLowerCase(), host))
        throw new NavisError('FORBIDDEN', 'Pages of this origin may not use this hub.');
    },

    corsOrigin(headers) {
      const { origin } = headers;
      return origin === undefined || origin === `https://${headers.host ?? ''}` ? undefined : origin;
    },
  };
};

const hostname = (url: URL): string => url.hostname;

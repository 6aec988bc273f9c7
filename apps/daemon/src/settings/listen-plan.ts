/** Where the hub listens: always on this machine's own address, and where the configuration says (I3). */
import { isIPv6 } from 'node:net';

export interface ListenPlace {
  host: string;
  ipv6Only: boolean;
}

export interface ListenPlan {
  /** Reached by 127.0.0.1, whatever is configured: the CLI of this machine looks there. */
  primary: ListenPlace;
  /** On the same port. */
  others: ListenPlace[];
}

const isIPv4Loopback = (address: string): boolean => address.startsWith('127.');

/** An address that another one covers is left out: it could not be opened beside it. */
export const planListeners = (listen: readonly string[]): ListenPlan => {
  const wanted = [...new Set(listen)];
  const hasAllV4 = wanted.includes('0.0.0.0');
  const hasAllV6 = wanted.includes('::');
  const v4 = wanted.filter((address) => !isIPv6(address) && !hasAllV4 && address !== '127.0.0.1');
  const v6 = wanted.filter((address) => isIPv6(address) && !hasAllV6);
  const others = [...(hasAllV6 ? ['::'] : []), ...v4, ...v6].map((host) => ({ host, ipv6Only: isIPv6(host) }));
  return { primary: { host: hasAllV4 ? '0.0.0.0' : '127.0.0.1', ipv6Only: false }, others };
};

/** Addresses that a certificate has to name: not the wildcards, not this machine's own. */
export const namedAddresses = (listen: readonly string[]): string[] =>
  [...new Set(listen)].filter(
    (address) => address !== '0.0.0.0' && address !== '::' && address !== '::1' && !isIPv4Loopback(address),
  );

/** Which addresses the hub may send notifications to: a browser names them, so nothing near the hub is among them (A2). */
import type { LookupAddress } from 'node:dns';
import { lookup } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { NavisError } from '@navisai/protocol';

/** Loopback, private, link-local, shared, documentation, multicast, and what leads to them by another way. */
const refusedNetworks: readonly [string, number, 'ipv4' | 'ipv6'][] = [
  ['0.0.0.0', 8, 'ipv4'],
  ['10.0.0.0', 8, 'ipv4'],
  ['100.64.0.0', 10, 'ipv4'],
  ['127.0.0.0', 8, 'ipv4'],
  ['169.254.0.0', 16, 'ipv4'],
  ['172.16.0.0', 12, 'ipv4'],
  ['192.0.0.0', 24, 'ipv4'],
  ['192.0.2.0', 24, 'ipv4'],
  ['192.88.99.0', 24, 'ipv4'],
  ['192.168.0.0', 16, 'ipv4'],
  ['198.18.0.0', 15, 'ipv4'],
  ['198.51.100.0', 24, 'ipv4'],
  ['203.0.113.0', 24, 'ipv4'],
  ['224.0.0.0', 3, 'ipv4'],
  ['64:ff9b::', 32, 'ipv6'],
  ['2001::', 23, 'ipv6'],
  ['2001:db8::', 32, 'ipv6'],
  ['2002::', 16, 'ipv6'],
];

export type AddressRule = (address: string) => boolean;

/** IPv6 has one public block, so everything beyond it is refused. */
export const createPublicAddressRule = (): AddressRule => {
  const refused = new BlockList();
  for (const [network, prefix, family] of refusedNetworks) refused.addSubnet(network, prefix, family);
  const global = new BlockList();
  global.addSubnet('2000::', 3, 'ipv6');
  return (address) => {
    const version = isIP(address);
    if (version === 4) return !refused.check(address, 'ipv4');
    return version === 6 && global.check(address, 'ipv6') && !refused.check(address, 'ipv6');
  };
};

/** Throws NavisError INVALID_ARGUMENT for what no push service would be; names are judged when they are looked up. */
export const checkEndpoint = (endpoint: string, isAllowed: AddressRule): URL => {
  const url = URL.parse(endpoint);
  const host = url?.hostname.replace(/^\[|\]$/g, '') ?? '';
  const refuse = (message: string): NavisError =>
    new NavisError('INVALID_ARGUMENT', `endpoint: ${message}`, { field: 'endpoint' });
  if (url === null || url.protocol !== 'https:') throw refuse('must be an https address.');
  if (url.username !== '' || url.password !== '') throw refuse('must carry no name or password.');
  if (isIP(host) !== 0 && !isAllowed(host)) throw refuse('must be a public address.');
  return url;
};

/** Resolves a name for one connection, and refuses it when any of its addresses is not allowed. */
export const guardedLookup =
  (isAllowed: AddressRule): LookupFunction =>
  (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, found: LookupAddress[]) => {
      if (error !== null) return callback(error, '');
      const refused = found.length === 0 || found.some(({ address }) => !isAllowed(address));
      if (refused) return callback(Object.assign(new Error('no public address'), { code: 'EREFUSED' }), '');
      if (options.all === true) return callback(null, found);
      const [first] = found;
      callback(null, first?.address ?? '', first?.family);
    });
  };

/** Where a hub listens for what its configuration says (I3). */
import { isIPv6 } from 'node:net';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { namedAddresses, planListeners } from './listen-plan.ts';

const hostsOf = (listen: string[]): string[] => {
  const { primary, others } = planListeners(listen);
  return [primary, ...others].map(({ host }) => host);
};

test('I3: a hub that listens elsewhere listens on 127.0.0.1 as well, once', () => {
  expect(hostsOf([])).toEqual(['127.0.0.1']);
  expect(hostsOf(['127.0.0.1'])).toEqual(['127.0.0.1']);
  expect(hostsOf(['192.168.1.5', '192.168.1.5'])).toEqual(['127.0.0.1', '192.168.1.5']);
  expect(hostsOf(['0.0.0.0', '192.168.1.5'])).toEqual(['0.0.0.0']);
  expect(hostsOf(['::', 'fe80::1'])).toEqual(['127.0.0.1', '::']);
  expect(hostsOf(['::', '0.0.0.0'])).toEqual(['0.0.0.0', '::']);
  expect(hostsOf(['::1', '10.0.0.1'])).toEqual(['127.0.0.1', '10.0.0.1', '::1']);
});

test('I3: no two places of a plan stand in each other’s way, and 127.0.0.1 is always reached', () => {
  const address = fc.oneof(fc.ipV4(), fc.ipV6(), fc.constantFrom('0.0.0.0', '::', '127.0.0.1', '::1'));
  fc.assert(
    fc.property(fc.array(address, { maxLength: 8 }), (listen) => {
      const { primary, others } = planListeners(listen);
      const hosts = [primary, ...others].map(({ host }) => host);
      expect(['127.0.0.1', '0.0.0.0']).toContain(primary.host);
      expect(new Set(hosts).size).toBe(hosts.length);
      for (const [wildcard, isOfFamily] of [
        ['0.0.0.0', (host: string) => !isIPv6(host)],
        ['::', isIPv6],
      ] as const)
        if (hosts.includes(wildcard)) expect(hosts.filter(isOfFamily)).toEqual([wildcard]);
      for (const { host, ipv6Only } of others) expect(ipv6Only).toBe(isIPv6(host));
    }),
  );
});

test('I3: certificates name addresses that others use, no wildcards', () => {
  expect(namedAddresses(['0.0.0.0', '::', '::1', '127.0.0.9', '10.1.1.1', '10.1.1.1'])).toEqual(['10.1.1.1']);
});

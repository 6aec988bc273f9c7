/** The names that the local certificate holds, and the most that the local CA may ever vouch for (I3). */
import { isIP, isIPv6, SocketAddress } from 'node:net';
import type { X509Certificate } from 'node:crypto';
import { namedAddresses } from '../settings/listen-plan.ts';

export interface CertifiedNames {
  dns: string[];
  ip: string[];
}

/** Names and addresses of this machine. */
export const localNames: CertifiedNames = { dns: ['navis.local', 'localhost'], ip: ['127.0.0.1', '::1'] };

/** The local ones and those that the configuration names. */
export const namesOf = ({ listen, origins }: { listen: readonly string[]; origins: readonly string[] }) => {
  const hosts = origins.map((origin) => new URL(origin).hostname.replace(/^\[|\]$/g, ''));
  const addresses = [...namedAddresses(listen), ...hosts.filter((host) => isIP(host) !== 0)];
  return {
    dns: [...new Set([...localNames.dns, ...hosts.filter((host) => isIP(host) === 0)])],
    ip: [...new Set([...localNames.ip, ...addresses.map(canonical)])],
  };
};

/** One way to write each address. */
const canonical = (address: string): string =>
  new SocketAddress({ address, family: isIPv6(address) ? 'ipv6' : 'ipv4' }).address;

/** Whether the certificate names exactly these. */
export const holdsExactly = (certificate: X509Certificate, names: CertifiedNames): boolean => {
  const count = certificate.subjectAltName?.split(', ').length ?? 0;
  return count === names.dns.length + names.ip.length && names.dns.every(holdsName) && names.ip.every(holdsAddress);

  function holdsName(name: string): boolean {
    return certificate.checkHost(name, { wildcards: false }) !== undefined;
  }
  function holdsAddress(address: string): boolean {
    return certificate.checkIP(address) !== undefined;
  }
};

/** RFC 5280, 4.2.1.10, in DER: permitted names, the loopback network, single addresses. */
export const encodeNameConstraints = (names: CertifiedNames): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(wrap(0x30, wrap(0xa0, subtreesOf(names).flat())));

/** Whether a CA whose constraints were made here permits all of these. */
export const isPermitting = (authority: X509Certificate, names: CertifiedNames): boolean =>
  subtreesOf(names).every((subtree) => authority.raw.includes(Buffer.from(subtree)));

const subtreesOf = ({ dns, ip }: CertifiedNames): number[][] => [
  ...dns.map((name) => wrap(0x30, wrap(0x82, [...Buffer.from(name, 'ascii')]))),
  ...ip.map((address) => wrap(0x30, wrap(0x87, networkOf(address)))),
];

/** Address and mask; of 127.0.0.1 the whole network. */
const networkOf = (address: string): number[] => {
  if (address === '127.0.0.1') return [127, 0, 0, 0, 255, 0, 0, 0];
  const bytes = bytesOf(address);
  return [...bytes, ...bytes.map(() => 255)];
};

const bytesOf = (address: string): number[] => {
  if (!isIPv6(address)) return address.split('.').map(Number);
  // The URL parser writes the dotted end of some addresses in hexadecimal.
  const [head = '', tail] = new URL(`https://[${address}]`).hostname.slice(1, -1).split('::');
  const groups = (text: string): number[] =>
    text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
  const [front, back] = [groups(head), groups(tail ?? '')];
  const zeros = Array.from({ length: 8 - front.length - back.length }, () => 0);
  return [...front, ...zeros, ...back].flatMap((group) => [group >> 8, group & 0xff]);
};

const wrap = (tag: number, content: readonly number[]): number[] => [tag, ...lengthOf(content.length), ...content];

const lengthOf = (length: number): number[] => {
  if (length < 0x80) return [length];
  return length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
};

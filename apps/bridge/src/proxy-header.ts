/** The header that tells the hub who is connected: PROXY protocol, version 2 (I4). */
import { isIPv4, isIPv6 } from 'node:net';

export interface Ends {
  sourceAddress: string;
  sourcePort: number;
  destinationAddress: string;
  destinationPort: number;
}

const signature = Buffer.from('0d0a0d0a000d0a515549540a', 'hex');
const versionAndProxy = 0x21;
const tcp4 = 0x11;
const tcp6 = 0x21;

/** Addresses of IPv4 that are written as IPv6 (`::ffff:1.2.3.4`) become what they are. */
export const encodeProxyHeader = (ends: Ends): Buffer => {
  const source = plain(ends.sourceAddress);
  const destination = plain(ends.destinationAddress);
  const isV4 = isIPv4(source) && isIPv4(destination);
  const addresses = isV4
    ? [...bytesOfV4(source), ...bytesOfV4(destination)]
    : [...bytesOfV6(source), ...bytesOfV6(destination)];
  const ports = Buffer.alloc(4);
  ports.writeUInt16BE(ends.sourcePort, 0);
  ports.writeUInt16BE(ends.destinationPort, 2);
  const body = Buffer.concat([Buffer.from(addresses), ports]);
  const head = Buffer.from([versionAndProxy, isV4 ? tcp4 : tcp6, 0, body.length]);
  return Buffer.concat([signature, head, body]);
};

/** Without the zone (`%eth0`) and without the wrapping of IPv4 in IPv6. */
const plain = (address: string): string => {
  const unscoped = address.replace(/%.*$/, '');
  const inner = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(unscoped)?.[1];
  return inner ?? unscoped;
};

const bytesOfV4 = (address: string): number[] => address.split('.').map(Number);

const bytesOfV6 = (address: string): number[] => {
  if (isIPv4(address)) return [...Array.from({ length: 10 }, () => 0), 0xff, 0xff, ...bytesOfV4(address)];
  if (!isIPv6(address)) throw new TypeError('no IP address');
  const [head = '', tail] = inHexadecimal(address).split('::');
  const front = groupsOf(head);
  const back = tail === undefined ? [] : groupsOf(tail);
  const zeros = Array.from({ length: 8 - front.length - back.length }, () => 0);
  return [...front, ...zeros, ...back].flatMap((group) => [group >> 8, group & 0xff]);
};

/** The dotted end that some addresses have, as two groups. */
const inHexadecimal = (address: string): string => {
  const dotted = /\d+\.\d+\.\d+\.\d+$/.exec(address)?.[0];
  if (dotted === undefined) return address;
  const groups = Buffer.from(bytesOfV4(dotted)).toString('hex');
  return `${address.slice(0, -dotted.length)}${groups.slice(0, 4)}:${groups.slice(4)}`;
};

const groupsOf = (text: string): number[] =>
  text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));

/** Reads the header that the bridge puts before a connection: PROXY protocol, version 2, and nothing else (I4). */
import { SocketAddress } from 'node:net';

export type ProxyHeader =
  | { kind: 'incomplete' }
  | { kind: 'invalid'; reason: string }
  /** `peer` is missing for connections that the bridge opens for itself. */
  | { kind: 'complete'; length: number; peer: string | undefined };

const signature = Buffer.from('0d0a0d0a000d0a515549540a', 'hex');
const fixedBytes = 16;
/** Addresses of IPv6 take 36; the rest is room for extensions, which are skipped. */
const maxBodyBytes = 512;
/** More than this is never needed to tell what `parseProxyHeader` makes of it. */
export const maxHeaderBytes = fixedBytes + maxBodyBytes;

const local = 0x20;
const proxy = 0x21;
const families: Record<number, { bytes: number; family: 'ipv4' | 'ipv6' }> = {
  0x11: { bytes: 4, family: 'ipv4' },
  0x21: { bytes: 16, family: 'ipv6' },
};

/** Never throws, whatever the bytes are. */
export const parseProxyHeader = (bytes: Buffer): ProxyHeader => {
  const begin = bytes.subarray(0, signature.length);
  if (!begin.equals(signature.subarray(0, begin.length))) return invalid('no PROXY protocol');
  const [command, family] = [bytes[12], bytes[13]];
  if (command !== undefined && command !== local && command !== proxy) return invalid('not version 2');
  if (command === proxy && family !== undefined && families[family] === undefined) return invalid('no TCP');
  if (bytes.length < fixedBytes) return { kind: 'incomplete' };
  const bodyBytes = bytes.readUInt16BE(14);
  if (bodyBytes > maxBodyBytes) return invalid('too long');
  const addressing = command === proxy ? families[family ?? 0] : undefined;
  if (addressing !== undefined && bodyBytes < 2 * addressing.bytes + 4) return invalid('too short');
  const length = fixedBytes + bodyBytes;
  if (bytes.length < length) return { kind: 'incomplete' };
  if (addressing === undefined) return { kind: 'complete', length, peer: undefined };
  const source = bytes.subarray(fixedBytes, fixedBytes + addressing.bytes);
  return { kind: 'complete', length, peer: addressOf(source, addressing.family) };
};

const invalid = (reason: string): ProxyHeader => ({ kind: 'invalid', reason });

const addressOf = (bytes: Buffer, family: 'ipv4' | 'ipv6'): string => {
  if (family === 'ipv4') return bytes.join('.');
  const groups = Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(index * 2).toString(16));
  return new SocketAddress({ address: groups.join(':'), family }).address;
};

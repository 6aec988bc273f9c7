/** The header of the bridge: what is understood, what is refused, and that no byte whatever does harm (I4). */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { maxHeaderBytes, parseProxyHeader } from './proxy-header.ts';

const signature = Buffer.from('0d0a0d0a000d0a515549540a', 'hex');

const headerOf = (given: { command?: number; family: number; body: Uint8Array; length?: number }): Buffer => {
  const head = Buffer.from([given.command ?? 0x21, given.family, 0, 0]);
  head.writeUInt16BE(given.length ?? given.body.length, 2);
  return Buffer.concat([signature, head, given.body]);
};

const v4Body = Buffer.from([10, 0, 0, 7, 192, 168, 1, 2, 0x1f, 0x90, 1, 0xbb]);

test('I4: the peer is read from headers of both families; extensions are skipped, bytes behind are left alone', () => {
  const v4 = headerOf({ family: 0x11, body: v4Body });
  expect(parseProxyHeader(Buffer.concat([v4, Buffer.from('hello')]))).toEqual({
    kind: 'complete',
    length: 28,
    peer: '10.0.0.7',
  });
  const withExtension = headerOf({ family: 0x11, body: Buffer.concat([v4Body, Buffer.alloc(20)]) });
  expect(parseProxyHeader(withExtension)).toMatchObject({ kind: 'complete', length: 48, peer: '10.0.0.7' });
  const v6 = Buffer.alloc(36);
  v6.writeUInt16BE(0x2001, 0);
  v6.writeUInt16BE(0xdb8, 2);
  v6[15] = 9;
  expect(parseProxyHeader(headerOf({ family: 0x21, body: v6 }))).toMatchObject({ peer: '2001:db8::9', length: 52 });
  const local = headerOf({ command: 0x20, family: 0, body: Buffer.alloc(0) });
  expect(parseProxyHeader(local)).toEqual({ kind: 'complete', length: 16, peer: undefined });
});

test('I4: what is no header of version 2 over TCP is refused as soon as that can be seen', () => {
  const refused: [Buffer, string][] = [
    [Buffer.from('GET / HTTP/1.1'), 'no PROXY protocol'],
    [Buffer.from([0x16]), 'no PROXY protocol'],
    [Buffer.from('PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n'), 'no PROXY protocol'],
    [headerOf({ command: 0x11, family: 0x11, body: v4Body }), 'not version 2'],
    [headerOf({ command: 0x22, family: 0x11, body: v4Body }), 'not version 2'],
    [headerOf({ family: 0x12, body: v4Body }), 'no TCP'],
    [headerOf({ family: 0x31, body: Buffer.alloc(216) }), 'no TCP'],
    [headerOf({ family: 0x00, body: Buffer.alloc(0) }), 'no TCP'],
    [headerOf({ family: 0x11, body: v4Body.subarray(1) }), 'too short'],
    [headerOf({ family: 0x21, body: v4Body }), 'too short'],
    [headerOf({ family: 0x11, body: v4Body, length: 60_000 }), 'too long'],
  ];
  for (const [bytes, reason] of refused) expect(parseProxyHeader(bytes)).toEqual({ kind: 'invalid', reason });
});

test('I4: a header that comes in pieces is the same header, and never complete before its end', () => {
  const body = fc.uint8Array({ minLength: 12, maxLength: 100 });
  fc.assert(
    fc.property(body, fc.uint8Array({ maxLength: 20 }), (given, behind) => {
      const header = headerOf({ family: 0x11, body: given });
      for (let length = 0; length < header.length; length += 1)
        expect(parseProxyHeader(header.subarray(0, length))).toEqual({ kind: 'incomplete' });
      const whole = parseProxyHeader(Buffer.concat([header, behind]));
      expect(whole).toMatchObject({ kind: 'complete', length: header.length, peer: given.subarray(0, 4).join('.') });
    }),
  );
});

test('I4: no bytes make it throw, and a full buffer is always decided', () => {
  const begun = fc.uint8Array({ maxLength: 600 }).map((bytes) => Buffer.concat([signature, bytes]));
  fc.assert(
    fc.property(
      fc.oneof(
        begun,
        fc.uint8Array({ maxLength: 600 }).map((bytes) => Buffer.from(bytes)),
      ),
      (bytes) => {
        const header = parseProxyHeader(bytes.subarray(0, maxHeaderBytes));
        if (bytes.length >= maxHeaderBytes) expect(header.kind).not.toBe('incomplete');
        if (header.kind === 'complete') expect(header.length).toBeLessThanOrEqual(bytes.length);
      },
    ),
    { numRuns: 500 },
  );
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { defaultDetachKeys, nameOfKey, parseDetachKeys, PrefixKeys, type KeyEvent } from './detach-keys.ts';

const feed = (keys: PrefixKeys, text: string): KeyEvent[] => keys.feed(Buffer.from(text));
const shape = (events: KeyEvent[]): string[] =>
  events.map((event) => (event.kind === 'input' ? `input:${event.bytes.toString()}` : event.kind));
const defaults = () => new PrefixKeys(parseDetachKeys(defaultDetachKeys, 'keys'));

test('issue 2: Ctrl-\\ d detaches, Ctrl-\\ t takes control, Ctrl-\\ twice types it', () => {
  expect(shape(feed(defaults(), 'ls\x1cd'))).toEqual(['input:ls', 'detach']);
  expect(shape(feed(defaults(), '\x1ct'))).toEqual(['takeControl']);
  expect(shape(feed(defaults(), 'a\x1c\x1cb'))).toEqual(['input:a', 'input:\x1c', 'input:b']);
});

test('issue 2: an unknown key after the prefix is swallowed as a whole', () => {
  expect(shape(feed(defaults(), 'a\x1cxb'))).toEqual(['input:a', 'input:b']);
  expect(shape(feed(defaults(), '\x1c\x1b[1;5Cb'))).toEqual(['input:b']);
  expect(shape(feed(defaults(), '\x1cäb'))).toEqual(['input:b']);
});

test('issue 2: prefix and key may come in different chunks', () => {
  const keys = defaults();
  expect(shape(feed(keys, 'x\x1c'))).toEqual(['input:x']);
  expect(shape(feed(keys, 'd'))).toEqual(['detach']);
});

test('issue 2: the prefix is known as well when a program asked for an extended keyboard', () => {
  expect(shape(feed(defaults(), '\x1b[92;5ud'))).toEqual(['detach']);
  expect(shape(feed(defaults(), '\x1b[92;5u\x1b[100u'))).toEqual(['detach']);
  expect(shape(feed(defaults(), '\x1b[27;5;92~d'))).toEqual(['detach']);
});

test('issue 2: detach keys are configurable, and judged', () => {
  expect(parseDetachKeys('ctrl-p,ctrl-q', 'keys')).toEqual({ prefix: '\x10', detach: '\x11' });
  expect(parseDetachKeys('C-a d', 'keys')).toEqual({ prefix: '\x01', detach: 'd' });
  expect(nameOfKey('\x1c')).toBe('Ctrl-\\');
  expect(nameOfKey('\x01')).toBe('Ctrl-a');
  for (const wrong of ['', 'd', 'a b', 'Ctrl-\\', 'Ctrl-\\ d x', 'Ctrl-\\ Ctrl-\\', 'Ctrl-\\ t', 'Ctrl-ä d', '\x1b[2J'])
    expect(() => parseDetachKeys(wrong, 'keys')).toThrow('keys');
});

test('issue 2: without the prefix every byte passes unchanged, however it is cut', () => {
  const bytes = fc.uint8Array().map((array) => Buffer.from(array.map((byte) => (byte === 0x1c ? 0 : byte))));
  fc.assert(
    fc.property(fc.array(bytes), (chunks) => {
      const keys = new PrefixKeys({ prefix: '\x1c', detach: 'd' });
      const passed = chunks
        .flatMap((chunk) => keys.feed(chunk))
        .map((event) => (event.kind === 'input' ? event.bytes : Buffer.from('!')));
      fc.pre(!Buffer.concat(chunks).includes('\x1b[92;5') && !Buffer.concat(chunks).includes('\x1b[27;5;92~'));
      expect(Buffer.concat(passed).equals(Buffer.concat(chunks))).toBe(true);
    }),
  );
});

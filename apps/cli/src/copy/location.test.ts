import fc from 'fast-check';
import { expect, test } from 'vitest';
import { baseName, below, formatLocation, parseLocation } from './location.ts';

test('I12: node:path names a node, a path alone this machine', () => {
  expect(parseLocation('nas:a/b', '<from>')).toEqual({ node: 'nas', path: 'a/b' });
  expect(parseLocation('nas:', '<from>')).toEqual({ node: 'nas', path: '' });
  expect(parseLocation('nas:/a:b', '<from>')).toEqual({ node: 'nas', path: '/a:b' });
  expect(parseLocation('./a:b', '<from>')).toEqual({ node: undefined, path: './a:b' });
  expect(parseLocation('/a:b', '<from>')).toEqual({ node: undefined, path: '/a:b' });
  for (const text of [':x', 'a b:x', 'ü:x', `${'n'.repeat(65)}:x`])
    expect(() => parseLocation(text, '<from>')).toThrow('<from>');
});

test('I12: a location that is formatted is parsed to the same', () => {
  const node = fc.option(fc.stringMatching(/^[A-Za-z0-9._-]{1,64}$/), { nil: undefined });
  const path = fc.string().map((text) => `/${text}`);
  fc.assert(
    fc.property(node, path, (name, place) => {
      const location = { node: name, path: place };
      expect(parseLocation(formatLocation(location), '<to>')).toEqual(location);
    }),
  );
});

test('I12: a copy into a directory keeps the last part of the name', () => {
  expect(baseName('/a/b.txt')).toBe('b.txt');
  expect(baseName('a/b/')).toBe('b');
  for (const path of ['/', '', '.', 'a/..', '~', '~/']) expect(baseName(path)).toBeUndefined();
  expect(below('a', 'b')).toBe('a/b');
  expect(below('/', 'b')).toBe('/b');
});

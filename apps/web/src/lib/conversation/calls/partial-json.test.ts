/** Behaviour of JSON that is still being written. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readPartialJson } from './partial-json.ts';

test('N9: arguments show as far as they came', () => {
  expect(readPartialJson('')).toEqual({});
  expect(readPartialJson('{"action":"run","comm')).toEqual({ action: 'run' });
  expect(readPartialJson('{"action":"run","command":"npm te')).toEqual({ action: 'run', command: 'npm te' });
  expect(readPartialJson('{"edits":[{"find":"a","replace":"b"},{"find":"c')).toEqual({
    edits: [{ find: 'a', replace: 'b' }, { find: 'c' }],
  });
  expect(readPartialJson('{"a":1,"b":')).toEqual({ a: 1 });
  expect(readPartialJson('{"a":"x\\')).toEqual({ a: 'x' });
});

test('N9: no beginning of any object makes it fail, and the whole is the whole', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 })), fc.nat(300), (given, at) => {
      const text = JSON.stringify(given);
      expect(readPartialJson(text)).toEqual(JSON.parse(text));
      expect(typeof readPartialJson(text.slice(0, at))).toBe('object');
    }),
  );
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { labelWords, parseLabelChanges, parseLabels } from './labels.ts';

const key = fc.stringMatching(/^[A-Za-z0-9._/-]{1,64}$/).filter((text) => text !== '__proto__');
const value = fc.stringMatching(/^[a-z0-9 =,-]{1,64}$/);

test('N3: labels that are shown can be typed again', () => {
  fc.assert(
    fc.property(fc.dictionary(key, value, { maxKeys: 32 }), (labels) => {
      expect(parseLabels(labelWords(labels), '--label')).toEqual({ ...labels });
    }),
  );
});

test('N3: k=v sets, k- removes, the last word about a key counts', () => {
  expect(parseLabelChanges(['role=web', 'env-', 'a=b=c', 'x=', 'role-', 'z-=1'], '<changes>')).toEqual({
    role: null,
    env: null,
    a: 'b=c',
    x: '',
    'z-': '1',
  });
});

test('I12: a word that is no label is refused by name', () => {
  for (const word of ['role', '=x', '-', '', 'a b=c', `${'k'.repeat(65)}=v`, `k=${'v'.repeat(65)}`, 'k=a\x1b[2J'])
    expect(() => parseLabels([word], '--label')).toThrow('--label');
  expect(() => parseLabelChanges(['__proto__=x'], '<changes>')).toThrow('key');
  expect(() =>
    parseLabels(
      Array.from({ length: 33 }, (_, index) => `k${index}=v`),
      '--label',
    ),
  ).toThrow('32');
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CommandError } from '../output/command-error.ts';
import { formatSelector, matches, parseSelector, type Term } from './selector.ts';

const key = fc.stringMatching(/^[A-Za-z0-9._/-]{1,64}$/).filter((text) => text !== 'all');
const value = fc.stringMatching(/^[A-Za-z0-9 .=!/-]{0,40}$/).map((text) => text.trim());
const term: fc.Arbitrary<Term> = fc.oneof(
  fc.record({ kind: fc.constant('exists' as const), key }),
  fc.record({ kind: fc.constantFrom('equals' as const, 'differs' as const), key, value }),
);

const holds = (text: string, labels: Record<string, string>): boolean => matches(parseSelector(text, '--on'), labels);

test('N5: k=v, k!=v, k and commas choose by labels; all means every node', () => {
  const web = { role: 'web', env: 'prod' };
  for (const text of ['all', ' all ', 'role=web', 'role', 'env!=test', 'role=web,env=prod', 'gpu!=1', 'role , env'])
    expect([text, holds(text, web)]).toEqual([text, true]);
  for (const text of ['role=db', 'gpu', 'env!=prod', 'role=web,env!=prod', 'role=', 'toString', 'constructor'])
    expect([text, holds(text, web)]).toEqual([text, false]);
});

test('N5: what is formatted parses to the same terms', () => {
  fc.assert(
    fc.property(fc.array(term, { maxLength: 10 }), (terms) => {
      expect(parseSelector(formatSelector(terms), '--on')).toEqual(terms);
    }),
  );
});

test('N5: k=v and k!=v are opposites of each other, and every part narrows', () => {
  fc.assert(
    fc.property(fc.dictionary(key, value), key, value, fc.array(term), (labels, k, v, terms) => {
      const one: Term = { kind: 'equals', key: k, value: v };
      expect(matches([one], labels)).toBe(!matches([{ ...one, kind: 'differs' }], labels));
      if (matches([...terms, one], labels)) expect(matches(terms, labels)).toBe(true);
    }),
  );
});

test('I12: any text is a selector or a usage error that names the flag', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      try {
        parseSelector(text, '--on');
      } catch (error) {
        expect(error).toBeInstanceOf(CommandError);
        expect((error as Error).message).toMatch(/^--on has /);
      }
    }),
  );
  for (const text of ['', ',', 'a,', '=x', '!=x', 'a b', 'ä=1', 'x'.repeat(65)])
    expect(() => parseSelector(text, '--on')).toThrow('--on');
});

/** A disk that takes nothing is told of in the same words wherever that is met (I17, T3). */
import { expect, test } from 'vitest';
import { diskRefusal } from './disk-words.ts';

test('I17: a full disk and a used-up quota are full; everything else is told by its name', () => {
  const failure = (code: string): Error => Object.assign(new Error('x'), { code });
  expect(['ENOSPC', failure('ENOSPC'), failure('EDQUOT')].map(diskRefusal)).toEqual(
    Array.from({ length: 3 }, () => 'the disk is full'),
  );
  expect(diskRefusal(failure('EIO'))).toBe('the disk refused it: EIO');
  for (const nameless of [new Error('x'), undefined, '', { code: 5 }])
    expect(diskRefusal(nameless)).toBe('the disk refused it: unknown');
});

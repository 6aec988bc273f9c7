/** Globs mean what a shell means by them, and none hangs. */
import { expect, test } from 'vitest';
import { compileGlob } from './glob.ts';

const matches = (glob: string, relativePath: string): boolean =>
  compileGlob(glob, 'pattern').matches({ name: relativePath.split('/').at(-1) ?? '', relativePath });

test('P5: a glob without a slash is about the name, one with a slash about the path', () => {
  const cases: [string, string[], string[]][] = [
    ['*.ts', ['a.ts', 'src/b.ts', '.ts'], ['a.tsx', 'ts']],
    ['?.c', ['a.c', 'é.c'], ['ab.c', '.c']],
    ['[a-c]x', ['ax', 'bx'], ['dx', 'x']],
    ['[!a]x', ['bx'], ['ax']],
    ['[]]x', [']x'], ['ax']],
    ['{a,b*}.{c,d}', ['a.c', 'bb.d'], ['c.c', 'a.e']],
    ['src/*.ts', ['src/a.ts'], ['a.ts', 'src/x/a.ts', 'other/src/a.ts']],
    ['./src/*.ts', ['src/a.ts'], []],
    ['src/**/*.ts', ['src/a.ts', 'src/x/y/a.ts'], ['lib/a.ts']],
    ['**/test/*', ['test/a', 'x/test/a'], ['x/test/y/a']],
    ['src/**', ['src/a', 'src/a/b', 'src'], ['lib']],
    [String.raw`\*.x`, ['*.x'], ['a.x']],
    ['a+b(c).$^|', ['a+b(c).$^|'], ['aab(c).$^|']],
    ['a,b', ['a,b'], ['a']],
    ['x}', ['x}'], ['x']],
  ];
  for (const [glob, yes, no] of cases) {
    for (const path of yes) expect(matches(glob, path), `${glob} ${path}`).toBe(true);
    for (const path of no) expect(matches(glob, path), `${glob} ${path}`).toBe(false);
  }
});

test('P5: what cannot be a glob is refused by name, and a hostile one takes linear time', () => {
  expect(() => compileGlob('{a', 'include')).toThrow(
    expect.objectContaining({ code: 'INVALID_ARGUMENT', field: 'include' }),
  );
  const startedAt = performance.now();
  expect(matches(`${'*a'.repeat(100)}b`, 'a'.repeat(4000))).toBe(false);
  expect(performance.now() - startedAt).toBeLessThan(5000);
});

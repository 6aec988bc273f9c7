import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkExactVersions, checkLockfile } from './lockfile.ts';

let folder = '';
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'lockfile-'))));
afterAll(() => rmSync(folder, { recursive: true }));

function problems(packages: Record<string, object>): string[] {
  writeFileSync(join(folder, 'package-lock.json'), JSON.stringify({ packages }));
  return checkLockfile(join(folder, 'package-lock.json'));
}

test('a lockfile without hosts and with every platform is right', () => {
  expect(
    problems({
      '': { optionalDependencies: { a: '1.0.0' } },
      'node_modules/a': {
        version: '1.0.0',
        integrity: 'sha512-x',
        optionalDependencies: { b: '1.0.0', c: '1.0.0', d: '^1.0.0' },
      },
      'node_modules/d': { version: '1.0.1', integrity: 'sha512-x' },
      'node_modules/a/node_modules/b': { version: '1.0.0', integrity: 'sha512-x' },
      'node_modules/c': { version: '1.0.0', integrity: 'sha512-x' },
      'node_modules/@navisai/link': { link: true, resolved: 'packages/link' },
    }),
  ).toEqual([]);
});

test('a registry host, a missing checksum and a missing platform are named', () => {
  expect(
    problems({
      'node_modules/a': { resolved: 'https://registry.example/a.tgz', integrity: 'sha512-x' },
      'node_modules/b': {},
      'node_modules/c': { integrity: 'sha512-x', optionalDependencies: { 'c-darwin-arm64': '2.0.0' } },
      'node_modules/c-darwin-arm64': { version: '1.0.0', integrity: 'sha512-x' },
    }),
  ).toEqual([
    'node_modules/a names a registry host',
    'node_modules/b has no checksum',
    'node_modules/c lacks c-darwin-arm64 2.0.0, which other platforms need',
  ]);
});

test('ranges of versions are refused, exact ones and exact aliases pass', () => {
  const path = join(folder, 'package.json');
  const dependencies = { a: '1.0.0', b: '1.2.0-beta.15', c: 'npm:typescript@7.0.2', d: '^1.0.0', e: 'latest' };
  writeFileSync(path, JSON.stringify({ dependencies }));
  expect(checkExactVersions([path]).map((problem) => problem.split(': ')[1])).toEqual([
    'd is not pinned exactly',
    'e is not pinned exactly',
  ]);
});

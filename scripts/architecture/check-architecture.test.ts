import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { checkArchitecture } from './check-architecture.ts';

const opening = '/** A file. */\n';
const packageFiles = {
  'package.json': JSON.stringify({ name: 'navis', devDependencies: { vitest: '1.0.0' } }),
  'packages/protocol/package.json': JSON.stringify({
    name: '@navisai/protocol',
    exports: { '.': './src/index.ts' },
    dependencies: { zod: '4.0.0' },
  }),
  'packages/protocol/src/index.ts': `${opening}export const a = 1;\n`,
  'packages/link/package.json': JSON.stringify({
    name: '@navisai/link',
    exports: { '.': './src/index.ts', './node': './src/node/index.ts' },
  }),
  'packages/link/src/index.ts': `${opening}import { a } from '@navisai/protocol';\nexport const b = a;\n`,
  'packages/link/src/node/index.ts': `${opening}import { connect } from 'node:net';\nexport const c = connect;\n`,
  'packages/testkit/package.json': JSON.stringify({ name: '@navisai/testkit', exports: { '.': './src/index.ts' } }),
  'packages/testkit/src/index.ts': `${opening}export const hub = 1;\n`,
};

let root = '';

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'architecture-'));
  write(packageFiles);
});
afterEach(() => rmSync(root, { recursive: true }));

function write(files: Record<string, string>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
}

function failures(files: Record<string, string>): string[] {
  write(files);
  return checkArchitecture(root)
    .filter(({ kind }) => kind === 'failure')
    .map(({ path, message }) => `${path}: ${message}`);
}

function warnings(files: Record<string, string>): string[] {
  write(files);
  return checkArchitecture(root)
    .filter(({ kind }) => kind === 'warning')
    .map(({ message }) => message);
}

const lines = (count: number): string => opening + '// a line\n'.repeat(count - 1);

test('a tree that follows the arrows has no findings', () => {
  expect(failures({})).toEqual([]);
  expect(warnings({})).toEqual([]);
});

test.each([
  ['import', `import { b } from '@navisai/link';`],
  ['type import', `import type { b } from '@navisai/link';`],
  ['re-export', `export { b } from '@navisai/link';`],
  ['dynamic import', `export const b = () => import('@navisai/link');`],
  ['import type', `export type B = typeof import('@navisai/link');`],
])('a wrong arrow fails when drawn by %s', (_, statement) => {
  const found = failures({ 'packages/protocol/src/wrong.ts': `${opening}${statement}\n` });
  expect(found).toEqual([
    'packages/protocol/src/wrong.ts: imports packages/link: no arrow leads from packages/protocol to it',
  ]);
});

test('only tests may import the testkit', () => {
  const statement = `${opening}import { hub } from '@navisai/testkit';\nexport const d = hub;\n`;
  expect(failures({ 'packages/link/src/d.test.ts': statement })).toEqual([]);
  expect(failures({ 'packages/link/src/d.ts': statement })).toHaveLength(1);
});

test('other packages are reached by their public face only', () => {
  const found = failures({
    'packages/link/src/deep.ts': `${opening}import { a } from '@navisai/protocol/src/a.ts';\nexport const d = a;\n`,
    'packages/link/src/relative.ts': `${opening}import { a } from '../../protocol/src/index.ts';\nexport const d = a;\n`,
  });
  expect(found).toEqual([
    'packages/link/src/deep.ts: imports packages/protocol at ./src/a.ts, which is no public face of it',
    'packages/link/src/relative.ts: imports ../../protocol/src/index.ts: other rooms are reached by their package name only',
  ]);
});

test('Node.js and undeclared packages stay out of rooms that do not name them', () => {
  const found = failures({
    'packages/link/src/file.ts': `${opening}import { readFile } from 'node:fs';\nexport const d = readFile;\n`,
    'packages/link/src/zod.ts': `${opening}import { z } from 'zod';\nexport const d = z;\n`,
    'packages/link/src/zod.test.ts': `import { test } from 'vitest';\ntest('x', () => undefined);\n`,
    'packages/protocol/src/zod.ts': `${opening}import { z } from 'zod/mini';\nexport const d = z;\n`,
  });
  expect(found).toEqual([
    'packages/link/src/file.ts: imports node:fs: packages/link runs without Node.js outside src/node/',
    'packages/link/src/zod.ts: imports zod, which packages/link/package.json does not name',
  ]);
});

test('import cycles fail, also those of types and of a file with itself', () => {
  const found = failures({
    'packages/link/src/one.ts': `${opening}import type { Two } from './two.ts';\nexport type One = Two;\n`,
    'packages/link/src/two.ts': `${opening}export type Two = import('./three.ts').Three;\n`,
    'packages/link/src/three.ts': `${opening}export type { One as Three } from './one.ts';\n`,
    'packages/link/src/self.ts': `${opening}export * from './self.ts';\n`,
  });
  expect(found).toEqual([
    'packages/link/src/one.ts: import cycle: packages/link/src/one.ts ↔ packages/link/src/three.ts ↔ packages/link/src/two.ts',
    'packages/link/src/self.ts: import cycle: packages/link/src/self.ts',
  ]);
});

test('a file warns above its aim and fails above twice its aim', () => {
  expect(warnings({ 'packages/link/src/long.ts': lines(300) })).toEqual([]);
  expect(warnings({ 'packages/link/src/long.ts': lines(301) })).toEqual(['the file has 301 lines, the aim is 300']);
  expect(failures({ 'packages/link/src/long.ts': lines(600) })).toEqual([]);
  expect(failures({ 'packages/link/src/long.ts': lines(601) })).toHaveLength(1);
  expect(failures({ 'apps/web/src/lib/long.svelte': lines(400) })).toHaveLength(1);
  expect(failures({ 'apps/web/src/lib/long.svelte': lines(401) })).toHaveLength(2);
});

test('a function fails above twice its aim, tests are judged without their group', () => {
  const body = '  call();\n'.repeat(79);
  expect(failures({ 'packages/link/src/f.ts': `${opening}export function f() {\n${body}}\n` })).toEqual([
    'packages/link/src/f.ts: f (line 2) has 81 lines, the aim is 40',
  ]);
  expect(failures({ 'packages/link/src/f.ts': `${opening}export const f = () => {\n${body.slice(10)}};\n` })).toEqual(
    [],
  );
  expect(failures({ 'packages/link/src/f.test.ts': `describe('x', () => {\n${body}});\n` })).toEqual([]);
  const suite = `export const suite = () => {\n  test('x', () => undefined);\n${body}};\n`;
  expect(failures({ 'packages/link/src/f.suite.ts': suite })).toEqual([]);
  expect(failures({ 'packages/link/src/f.test.ts': `test('x', () => {\n${body}});\n` })).toHaveLength(1);
});

test('a file fails above twice the imports aim, re-exports not counted', () => {
  const imports = (count: number): string =>
    Array.from({ length: count }, (_, index) => `import './file-${index}.ts';\n`).join('');
  expect(warnings({ 'packages/link/src/many.ts': opening + imports(15) })).toEqual([]);
  expect(warnings({ 'packages/link/src/many.ts': opening + imports(16) })).toHaveLength(1);
  expect(failures({ 'packages/link/src/many.ts': opening + imports(31) })).toHaveLength(1);
  expect(
    failures({ 'packages/link/src/many.ts': opening + imports(31).replaceAll('import', 'export * from') }),
  ).toEqual([]);
});

test('names and the opening sentence are checked', () => {
  const found = failures({
    'packages/link/src/helpers.ts': opening,
    'packages/link/src/CamelCase.ts': opening,
    'packages/link/src/silent.ts': 'export const a = 1;\n',
    'packages/stray/src/index.ts': opening,
  });
  expect(found).toEqual([
    'packages/link/src/CamelCase.ts: its name is not kebab-case',
    'packages/link/src/helpers.ts: "helpers" says nothing about what is inside',
    'packages/link/src/silent.ts: does not open with a sentence that says what it is for',
    'packages/stray/src/index.ts: belongs to no room of the arrow table',
  ]);
});

test('imports in the scripts of a component count', () => {
  const found = failures({
    'apps/web/package.json': JSON.stringify({ name: '@navisai/web' }),
    'apps/web/src/lib/page.svelte': `<script lang="ts">\n  import { b } from '@navisai/link';\n</script>\n<p>{b}</p>\n`,
  });
  expect(found).toEqual(['apps/web/src/lib/page.svelte: imports packages/link: no arrow leads from apps/web to it']);
});

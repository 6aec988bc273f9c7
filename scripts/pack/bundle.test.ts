import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bundle } from './bundle.ts';

let root = '';

beforeAll(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'bundle-')));
  write({
    'apps/daemon/package.json': {
      name: '@navisai/daemon',
      dependencies: { '@navisai/machine': '1.0.0', greeter: '1.2.3' },
    },
    'apps/daemon/src/main.ts': `
      import { polite } from 'greeter';
      import { startHost, greeting, nativePart } from '@navisai/machine';
      const lazy: string = (await import('./commands/lazy.ts')).lazy;
      if (process.argv[2] === 'native') await nativePart();
      const web = new URL('../../web/build/', import.meta.url);
      console.log([startHost(), polite(greeting()), lazy, web.pathname.split('/').at(-2)].join(' '));`,
    'apps/daemon/src/commands/lazy.ts': `export const lazy = 'lazy';`,
    'packages/machine/package.json': {
      name: '@navisai/machine',
      type: 'module',
      exports: { '.': './src/index.ts' },
      dependencies: { '@lydell/node-pty': '1.2.0-beta.15' },
    },
    'packages/machine/src/index.ts': `export * from './hosts/start.ts';`,
    'packages/machine/src/hosts/start.ts': `
      import { execFileSync } from 'node:child_process';
      import { readFileSync } from 'node:fs';
      import { fileURLToPath } from 'node:url';
      export const nativePart = (): unknown => import('@lydell/node-pty');
      export const startHost = (): string =>
        execFileSync(process.execPath, [fileURLToPath(new URL('../pty-host/main.ts', import.meta.url))], { encoding: 'utf8' }).trim();
      export const greeting = (): string => readFileSync(new URL('greeting.txt', import.meta.url), 'utf8');`,
    'packages/machine/src/hosts/greeting.txt': 'hello',
    'packages/machine/src/pty-host/main.ts': `import { name } from './name.ts'; console.log(name satisfies string);`,
    'packages/machine/src/pty-host/name.ts': `export const name: string = 'host';`,
    'node_modules/greeter/package.json': { name: 'greeter', version: '1.2.3', license: 'MIT', main: 'index.js' },
    'node_modules/greeter/index.js': `exports.polite = (text) => text + ', please';`,
    'node_modules/greeter/LICENSE': 'Do what you like.',
    'packages/store/package.json': { name: '@navisai/store', dependencies: { kysely: '0.29.9' } },
  });
  mkdirSync(join(root, 'node_modules/@navisai'), { recursive: true });
  symlinkSync(join(root, 'packages/machine'), join(root, 'node_modules/@navisai/machine'));
});
afterAll(() => rmSync(root, { recursive: true }));

function write(files: Record<string, string | object>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), typeof content === 'string' ? content : JSON.stringify(content));
  }
}

test('I12: a bundle runs from an empty folder with its hosts, assets, lazy parts and dependencies', async () => {
  const elsewhere = realpathSync(mkdtempSync(join(tmpdir(), 'bundle-')));
  const outputFolder = join(elsewhere, 'node_modules/@navisai/daemon/dist');
  const { dependencies, notices } = await bundle({
    root,
    entry: 'apps/daemon/src/main.ts',
    outputFolder,
    folders: { 'apps/web/build': 'web' },
  });
  writeFileSync(join(outputFolder, '../package.json'), '{"type":"module"}');
  const output = execFileSync(process.execPath, [join(outputFolder, 'main.js')], { encoding: 'utf8' });
  expect(output).toBe('host hello, please lazy web\n');
  expect(readdirSync(outputFolder)).toContain('machine-pty-host-main.js');
  expect(dependencies).toEqual({ '@lydell/node-pty': '1.2.0-beta.15' });
  expect(notices).toBe('greeter 1.2.3 (MIT)\n\nDo what you like.\n');
  rmSync(elsewhere, { recursive: true });
});

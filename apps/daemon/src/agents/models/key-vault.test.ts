import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { newTestHome } from '../../hub-bench.fixture.ts';
import { openKeyVault } from './key-vault.ts';

test('A8: a sealed key opens again, for its place only, and its master key is private', () => {
  using home = newTestHome();
  const folder = join(home.path, 'keys');
  const sealed = openKeyVault(folder).seal('sk-123', 'https://api.example.com');
  expect(sealed).not.toContain('sk-123');
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  expect(statSync(join(folder, 'models.key')).mode & 0o777).toBe(0o600);
  const vault = openKeyVault(folder);
  const opened = vault.open(sealed, 'https://api.example.com');
  expect(opened?.reveal()).toBe('sk-123');
  expect([JSON.stringify({ opened }), String(opened), inspect(opened)].join()).not.toContain('sk-123');
  expect(vault.open(sealed, 'https://evil.example.com')).toBeUndefined();
});

test('A8: any key survives, and whatever is no sealed key opens nothing', () => {
  using home = newTestHome();
  const vault = openKeyVault(home.path);
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string(), (key, place) => {
      expect(vault.open(vault.seal(key || 'k', place), place)?.reveal()).toBe(key || 'k');
    }),
    { numRuns: 50 },
  );
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(vault.open(text, 'p')).toBeUndefined();
    }),
    { numRuns: 50 },
  );
});

test('A8: without its master key nothing opens, and a new one is made for the next key', () => {
  using home = newTestHome();
  const vault = openKeyVault(home.path);
  const file = join(home.path, 'models.key');
  const sealed = vault.seal('sk-123', 'p');
  const master = readFileSync(file, 'utf8');
  rmSync(file);
  expect(vault.open(sealed, 'p')).toBeUndefined();
  writeFileSync(file, 'not a key');
  expect(vault.open(sealed, 'p')).toBeUndefined();
  expect(vault.open(vault.seal('sk-456', 'p'), 'p')?.reveal()).toBe('sk-456');
  writeFileSync(file, master);
  expect(vault.open(sealed, 'p')?.reveal()).toBe('sk-123');
});

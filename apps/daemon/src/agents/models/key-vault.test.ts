import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { newTestHome } from '../../hub-bench.fixture.ts';
import { type KeyVault, openKeyVault } from './key-vault.ts';
import type { Keyring } from './keyring/keyring.types.ts';

const vaultIn = (folder: string, keyring?: Keyring): KeyVault => openKeyVault({ folder, account: 'hub', keyring });
const read = async (vault: KeyVault, sealed: string, place = 'p'): Promise<string> => {
  const opened = await vault.open(sealed, place);
  return opened.state === 'open' ? opened.key.reveal() : opened.state;
};

/** One that a test locks and unlocks; the real ones are tested in their folder. */
const newKeyring = () => {
  const kept = new Map<string, string>();
  const state = { isOpen: true, isFull: false };
  const keyring: Keyring = {
    name: 'a keyring',
    isOpen: async () => state.isOpen,
    find: async (account) => kept.get(account),
    async keep(account, secret) {
      if (state.isFull) throw new Error('full');
      kept.set(account, secret);
    },
  };
  return { keyring, kept, state };
};

test('A8: a sealed key opens again, for its place only, and its master key is private', async () => {
  using home = newTestHome();
  const folder = join(home.path, 'keys');
  const sealed = await vaultIn(folder).seal('sk-123', 'https://api.example.com');
  expect(sealed).not.toContain('sk-123');
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  expect(statSync(join(folder, 'models.key')).mode & 0o777).toBe(0o600);
  const vault = vaultIn(folder);
  const opened = await vault.open(sealed, 'https://api.example.com');
  expect(await read(vault, sealed, 'https://api.example.com')).toBe('sk-123');
  expect([JSON.stringify({ opened }), inspect(opened)].join()).not.toContain('sk-123');
  expect(await read(vault, sealed, 'https://evil.example.com')).toBe('lost');
  expect(await vault.place()).toEqual({ kept: 'file', where: join(folder, 'models.key') });
});

test('A8: any key survives, and whatever is no sealed key opens nothing', async () => {
  using home = newTestHome();
  const vault = vaultIn(home.path);
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'binary' }), fc.string(), async (key, place) => {
      expect(await read(vault, await vault.seal(key || 'k', place), place)).toBe(key || 'k');
    }),
    { numRuns: 50 },
  );
  await fc.assert(
    fc.asyncProperty(fc.string(), async (text) => {
      expect(await read(vault, text)).toBe('lost');
      expect(await read(vault, `keyring.${text}`)).toBe('locked');
    }),
    { numRuns: 50 },
  );
});

test('A8: without its master key nothing opens, and a new one is made for the next key', async () => {
  using home = newTestHome();
  const vault = vaultIn(home.path);
  const file = join(home.path, 'models.key');
  const sealed = await vault.seal('sk-123', 'p');
  const master = readFileSync(file, 'utf8');
  rmSync(file);
  expect(await read(vault, sealed)).toBe('lost');
  writeFileSync(file, 'not a key');
  expect(await read(vault, sealed)).toBe('lost');
  expect(await read(vault, await vault.seal('sk-456', 'p'))).toBe('sk-456');
  writeFileSync(file, master);
  expect(await read(vault, sealed)).toBe('sk-123');
});

test('A8: with a keyring no file is made, and keys that a file opens stay readable', async () => {
  using home = newTestHome();
  const file = join(home.path, 'models.key');
  const { keyring, kept } = newKeyring();
  const sealed = await vaultIn(home.path, keyring).seal('sk-123', 'p');
  expect(existsSync(file)).toBe(false);
  expect(kept.size).toBe(1);
  expect(await read(vaultIn(home.path, keyring), sealed)).toBe('sk-123');
  const older = await vaultIn(home.path).seal('sk-old', 'p');
  const both = vaultIn(home.path, keyring);
  expect([await read(both, sealed), await read(both, older)]).toEqual(['sk-123', 'sk-old']);
  expect(await read(both, await both.seal('sk-new', 'p'))).toBe('sk-new');
  expect([...kept.values()]).toHaveLength(1);
  expect(await both.place()).toEqual({ kept: 'keyring', where: 'a keyring' });
});

test('A8: a locked keyring loses nothing: its keys wait, new ones go to the file, and what was in use goes on', async () => {
  using home = newTestHome();
  const { keyring, kept, state } = newKeyring();
  const first = vaultIn(home.path, keyring);
  const sealed = await first.seal('sk-123', 'p');
  state.isOpen = false;
  expect(await read(first, sealed)).toBe('sk-123');
  const vault = vaultIn(home.path, keyring);
  expect(await read(vault, sealed)).toBe('locked');
  const meanwhile = await vault.seal('sk-456', 'p');
  expect(await read(vaultIn(home.path), meanwhile)).toBe('sk-456');
  state.isOpen = true;
  expect([await read(vault, sealed), await read(vault, meanwhile)]).toEqual(['sk-123', 'sk-456']);
  kept.clear();
  expect(await read(vaultIn(home.path, keyring), sealed)).toBe('lost');
  state.isFull = true;
  expect(await vaultIn(home.path, keyring).seal('sk-789', 'p')).not.toContain('keyring.');
});

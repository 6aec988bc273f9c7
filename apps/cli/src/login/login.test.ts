/** Addresses, links, fingerprints and the file of known hubs: what is understood, what is refused and never repeated (I12, I14). */
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { chooseHub } from '../hub/choose-hub.ts';
import { type KnownHub, readKnownHubs, writeKnownHubs } from '../hub/known-hubs.ts';
import { fingerprintRows, parseFingerprint } from '../trust/fingerprint.ts';
import { loginLink, parseLoginTarget, parseToken } from './login-target.ts';

const token = 'abcdefghijklmnopqrstuv';
const fingerprint = '0123456789abcdef'.repeat(4);

test('I14: a link carries origin, token and fingerprint; an address alone is enough to begin', () => {
  const link = loginLink(`https://navis.local/pair#${token}`, fingerprint);
  expect(parseLoginTarget(link)).toEqual({ origin: 'https://navis.local', token, fingerprint });
  expect(parseToken(link)).toEqual({ token, fingerprint });
  expect(parseToken(token)).toEqual({ token, fingerprint: undefined });
  expect(parseToken('nonsense')).toBeUndefined();
  expect(parseLoginTarget(`https://navis.local:8443/pair#${token}`)).toMatchObject({ token, fingerprint: undefined });
  for (const address of ['navis.local', 'https://navis.local', ' https://NAVIS.local/ ', 'https://navis.local/pair'])
    expect(parseLoginTarget(address)).toEqual({
      origin: 'https://navis.local',
      token: undefined,
      fingerprint: undefined,
    });
});

test('I9, I14: whatever else is given is wrong usage, and a token is never repeated', () => {
  for (const text of [
    '',
    'http://navis.local',
    'ftp://x',
    'https://',
    'https://user:pass@navis.local',
    'https://navis.local/?x=1',
    'https://navis.local/terminal/1',
    `https://navis.local/pair#${token}x`,
    `https://navis.local/other#${token}`,
    `https://navis.local/pair#${token}.short`,
  ]) {
    expect(() => parseLoginTarget(text), text).toThrow(
      expect.objectContaining({ facts: expect.objectContaining({ exitCode: 2 }) as object }) as Error,
    );
    expect(() => parseLoginTarget(text)).not.toThrow(token);
  }
  fc.assert(
    fc.property(fc.string(), (text) => {
      try {
        expect(parseLoginTarget(text).origin).toMatch(/^https:\/\//);
      } catch (error) {
        expect(error).toMatchObject({ name: 'CommandError' });
      }
    }),
  );
});

test('I14: fingerprints are compared however they are grouped', () => {
  expect(fingerprintRows(fingerprint)[0]).toBe('0123 4567 89AB CDEF 0123 4567 89AB CDEF');
  expect(parseFingerprint(fingerprintRows(fingerprint).join(' '), '--fingerprint')).toBe(fingerprint);
  expect(parseFingerprint(fingerprint.toUpperCase().replaceAll(/(..)(?=.)/g, '$1:'), '--fingerprint')).toBe(
    fingerprint,
  );
  for (const text of ['', 'xyz', fingerprint.slice(1), `${fingerprint}0`])
    expect(() => parseFingerprint(text, '--fingerprint')).toThrow('64 hexadecimal digits');
});

const hub: KnownHub = {
  name: 'home',
  origin: 'https://navis.local',
  hubId: 'h',
  deviceId: 'd_1234',
  privateKey: 'k',
  publicKey: 'p',
  ca: undefined,
};

test('I12: known hubs are kept privately; named, default and local ones are told apart; a damaged file is not overwritten', async () => {
  const home = mkdtempSync(join(tmpdir(), 'nl-'));
  const file = join(home, 'hubs.json');
  expect(await chooseHub({ home, hubName: undefined })).toBeUndefined();
  await expect(chooseHub({ home, hubName: 'home' })).rejects.toMatchObject({ facts: { exitCode: 5 } });
  await writeKnownHubs(home, { default: 'home', hubs: [hub, { ...hub, name: 'other' }] });
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(await chooseHub({ home, hubName: undefined })).toMatchObject({ name: 'home' });
  expect(await chooseHub({ home, hubName: 'other' })).toMatchObject({ name: 'other' });
  expect(await chooseHub({ home, hubName: 'local' })).toBeUndefined();
  for (const text of [
    '',
    '{',
    '[]',
    '{"hubs":{}}',
    '{"hubs":[{"name":"x"}]}',
    JSON.stringify({ hubs: [{ ...hub, origin: 'http://x' }] }),
  ]) {
    writeFileSync(file, text);
    await expect(readKnownHubs(home)).rejects.toMatchObject({ facts: { exitCode: 2 } });
  }
  await writeKnownHubs(home, { default: undefined, hubs: [] });
  expect(await readKnownHubs(home)).toEqual({ default: undefined, hubs: [] });
  rmSync(home, { recursive: true });
});

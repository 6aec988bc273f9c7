import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parseAuthority } from './authority.ts';
import { findTool } from './run-tool.ts';
import { addTrustOf, checkTrustOf, removeTrustOf, type TrustRequest } from './trust.ts';

const hasTools = findTool('certutil') !== undefined && findTool('openssl') !== undefined;

let folder = '';
let request: TrustRequest;
const database = (): string => join(folder, '.pki', 'nssdb');
const firefox = (): string => join(folder, '.mozilla', 'firefox', 'abc.default');

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'navis-trust-'));
  const home = join(folder, 'navis');
  mkdirSync(join(home, 'certs'), { recursive: true });
  request = {
    home,
    userFolder: folder,
    hubName: undefined,
    insideTerminalId: undefined,
    isWsl: false,
    isWithSystem: false,
    platform: 'linux',
    isRoot: false,
  };
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A CA as the hub makes one: each with a subject of its own. */
let made = 0;
const makeAuthority = (isAuthority = true): void => {
  const file = join(request.home, 'certs', 'navis.local-ca.crt');
  const constraint = `basicConstraints=critical,CA:${isAuthority ? 'TRUE' : 'FALSE'}`;
  const args = [
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-subj',
    `/CN=Test CA ${(made += 1)}`,
  ];
  execFileSync('openssl', [...args, '-addext', constraint, '-keyout', '/dev/null', '-out', file], { stdio: 'ignore' });
};
const nicknames = (path: string): string =>
  spawnSync('certutil', ['-L', '-d', `sql:${path}`], { encoding: 'utf8' }).stdout;
const states = (outcomes: { state: string }[]): string[] => outcomes.map(({ state }) => state);

test.skipIf(!hasTools)(
  'issue 2: trust writes every database, checks it, and does nothing the second time',
  async () => {
    makeAuthority();
    mkdirSync(firefox(), { recursive: true });
    execFileSync('certutil', ['-N', '-d', `sql:${firefox()}`, '--empty-password']);
    expect(states((await checkTrustOf(request)).outcomes)).toEqual(['skipped', 'absent']);
    const { authority, outcomes } = await addTrustOf(request);
    expect(states(outcomes)).toEqual(['added', 'added']);
    for (const path of [database(), firefox()])
      expect(nicknames(path)).toMatch(new RegExp(`${authority.nickname}\\s+C,,`));
    expect(states((await addTrustOf(request)).outcomes)).toEqual(['already', 'already']);
    expect(states((await checkTrustOf(request)).outcomes)).toEqual(['already', 'already']);
  },
);

test.skipIf(!hasTools)(
  'issue 2: --remove undoes exactly that: the database that was made goes, the one of others stays',
  async () => {
    makeAuthority();
    mkdirSync(firefox(), { recursive: true });
    execFileSync('certutil', ['-N', '-d', `sql:${firefox()}`, '--empty-password']);
    await addTrustOf(request);
    expect(states(await removeTrustOf(request))).toEqual(['removed', 'removed']);
    expect(existsSync(join(folder, '.pki'))).toBe(false);
    expect(existsSync(join(firefox(), 'cert9.db'))).toBe(true);
    expect(nicknames(firefox())).not.toContain('Navis');
    expect(existsSync(join(request.home, 'trust.json'))).toBe(false);
    expect(states(await removeTrustOf(request))).toEqual(['absent', 'absent']);
  },
);

test.skipIf(!hasTools)('issue 2: a database into which somebody else put something stays', async () => {
  makeAuthority();
  await addTrustOf(request);
  const other = join(folder, 'other.crt');
  const args = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', '/CN=Other'];
  execFileSync('openssl', [...args, '-keyout', '/dev/null', '-out', other], { stdio: 'ignore' });
  execFileSync('certutil', ['-A', '-d', `sql:${database()}`, '-n', 'Other', '-t', 'C,,', '-a', '-i', other]);
  await removeTrustOf(request);
  expect(nicknames(database())).toContain('Other');
  expect(nicknames(database())).not.toContain('Navis');
});

test.skipIf(!hasTools)(
  'issue 2: the CA of before a renewal is taken out too, the CA of another home is not',
  async () => {
    makeAuthority();
    const { authority: earlier } = await addTrustOf(request);
    makeAuthority();
    const { authority: present } = await addTrustOf(request);
    const otherHome = { ...request, home: join(folder, 'other-navis') };
    mkdirSync(join(otherHome.home, 'certs'), { recursive: true });
    const kept = request;
    request = otherHome;
    makeAuthority();
    const { authority: foreign } = await addTrustOf(otherHome);
    request = kept;
    await removeTrustOf(request);
    const left = nicknames(database());
    expect(left).toContain(foreign.nickname);
    expect(left).not.toContain(earlier.nickname);
    expect(left).not.toContain(present.nickname);
  },
);

test.skipIf(!hasTools)('issue 2: what is no CA is never trusted', async () => {
  makeAuthority(false);
  await expect(addTrustOf(request)).rejects.toThrow('does not hold the certificate of a CA');
  expect(() => parseAuthority({ pem: 'nonsense', path: 'x.crt' })).toThrow('x.crt does not hold');
  expect(existsSync(database())).toBe(false);
});

test('issue 2: without a certificate trust says how to get one', async () => {
  await expect(addTrustOf(request)).rejects.toThrow('the hub makes it when it starts');
  expect(await removeTrustOf(request)).toEqual([]);
});

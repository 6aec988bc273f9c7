/** Puts the CA of one home into every trust store that may be written, or takes it out of all of them. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Environment } from '../environment.ts';
import { readLocalAuthority } from '../hub/home.ts';
import { CommandError } from '../output/command-error.ts';
import { parseAuthority, type Authority } from './authority.ts';
import { createLinuxSystemStore } from './linux-system-store.ts';
import { createMacosKeychain } from './macos-keychain.ts';
import { createNssStore, findNssDatabases } from './nss-store.ts';
import type { TrustOutcome, TrustStore } from './trust-store.types.ts';
import { TrustRecord } from './trust-record.ts';

export interface TrustRequest extends Environment {
  /** The system's store too (keychain, `/etc`); the browsers' own stores in any case. */
  isWithSystem?: boolean;
  platform?: NodeJS.Platform;
  isRoot?: boolean;
}

export interface TrustReport {
  authority: Authority;
  outcomes: TrustOutcome[];
}

/** What the stores say now; changes nothing. Throws a CommandError when there is no CA yet. */
export const checkTrustOf = async (request: TrustRequest): Promise<TrustReport> => {
  const authority = await authorityOf(request.home);
  const stores = storesOf(request, new TrustRecord(request.home));
  return { authority, outcomes: await Promise.all(stores.map((store) => store.check(authority))) };
};

/** Throws a CommandError when there is no CA yet. */
export const authorityOf = async (home: string): Promise<Authority> => {
  const local = await readLocalAuthority(home);
  if (local === undefined) throw noAuthority(home);
  return parseAuthority(local);
};

/** Throws a CommandError when there is no CA yet. */
export const addTrustOf = async (request: TrustRequest): Promise<TrustReport> => {
  const authority = await authorityOf(request.home);
  const record = new TrustRecord(request.home);
  record.noteAuthority(authority.fingerprint, authority.pem);
  const outcomes: TrustOutcome[] = [];
  for (const store of storesOf(request, record)) outcomes.push(await store.add(authority));
  return { authority, outcomes };
};

/** Takes out the present CA and every earlier one of this home; only them. */
export const removeTrustOf = async (request: TrustRequest): Promise<TrustOutcome[]> => {
  const record = new TrustRecord(request.home);
  const local = await readLocalAuthority(request.home);
  const folder = mkdtempSync(join(tmpdir(), 'navis-trust-'));
  try {
    const authorities = distinct([
      ...(local === undefined ? [] : [parseAuthority(local)]),
      ...record.authorities.map((pem, index) => parseEarlier(pem, join(folder, `${index}.crt`))),
    ]);
    const outcomes: TrustOutcome[] = [];
    for (const authority of authorities) {
      const results: TrustOutcome[] = [];
      for (const store of storesOf(request, record)) results.push(await store.remove(authority));
      if (results.every(({ state }) => state !== 'failed')) record.forgetAuthority(authority.fingerprint);
      outcomes.push(...results);
    }
    return merged(outcomes);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

const storesOf = (request: TrustRequest, record: TrustRecord): TrustStore[] => {
  const { userFolder, isWithSystem = true, platform = process.platform } = request;
  const { isRoot = process.geteuid?.() === 0 } = request;
  const system = platform === 'darwin' ? createMacosKeychain({ userFolder, isRoot }) : createLinuxSystemStore(isRoot);
  const databases = findNssDatabases(userFolder, platform).map((database) => createNssStore(database, record));
  return isWithSystem ? [system, ...databases] : databases;
};

/** Tools want a file. */
const parseEarlier = (pem: string, path: string): Authority => {
  writeFileSync(path, pem, { mode: 0o600 });
  return parseAuthority({ pem, path });
};

const distinct = (authorities: readonly Authority[]): Authority[] => [
  ...new Map(authorities.toReversed().map((authority) => [authority.fingerprint, authority])).values(),
];

const weight = { failed: 3, removed: 2, added: 2, already: 1, skipped: 1, absent: 0 } as const;

/** One outcome per store: the weightiest, when several CAs were taken out of it. */
const merged = (outcomes: readonly TrustOutcome[]): TrustOutcome[] => {
  const byLocation = new Map<string, TrustOutcome>();
  for (const outcome of outcomes) {
    const known = byLocation.get(outcome.location);
    if (known === undefined || weight[outcome.state] > weight[known.state]) byLocation.set(outcome.location, outcome);
  }
  return [...byLocation.values()];
};

const noAuthority = (home: string): CommandError =>
  new CommandError(`There is no certificate in ${home} yet: the hub makes it when it starts.`, {
    code: 'NOT_FOUND',
    exitCode: 5,
    affects: 'Nothing was changed.',
    remedy: 'navisai up, then: navisai trust',
  });

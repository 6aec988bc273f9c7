/** Trust stores of Firefox, Chromium and Chrome on Linux: NSS databases, written through `certutil`. */
import { existsSync, globSync, mkdirSync, rmdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Authority } from './authority.ts';
import { findTool, runTool } from './run-tool.ts';
import type { TrustOutcome, TrustState, TrustStore } from './trust-store.types.ts';
import type { TrustRecord } from './trust-record.ts';

export interface NssDatabase {
  title: string;
  folder: string;
}

/** Below the person's own folder; what a browser has not made yet is not there, except the first. */
const databasePatterns: readonly { title: string; pattern: string }[] = [
  { title: 'Chromium and Chrome', pattern: '.local/share/pki/nssdb' },
  { title: 'Chromium (snap)', pattern: 'snap/*/current/.pki/nssdb' },
  { title: 'Chromium or Chrome (flatpak)', pattern: '.var/app/*/data/pki/nssdb' },
  { title: 'Firefox', pattern: '.mozilla/firefox/*' },
  { title: 'Firefox', pattern: '.config/mozilla/firefox/*' },
  { title: 'Firefox (snap)', pattern: 'snap/firefox/common/.mozilla/firefox/*' },
  { title: 'Firefox (flatpak)', pattern: '.var/app/org.mozilla.firefox/.mozilla/firefox/*' },
  { title: 'Firefox', pattern: 'Library/Application Support/Firefox/Profiles/*' },
];

/** Databases that exist, and on Linux the one that Chromium and Chrome read, which is made when it is missing. */
export const findNssDatabases = (userFolder: string, platform: NodeJS.Platform): NssDatabase[] => {
  const found = databasePatterns.flatMap(({ title, pattern }) =>
    globSync(`${pattern}/cert9.db`, { cwd: userFolder }).map((file) => ({
      title,
      folder: join(userFolder, dirname(file)),
    })),
  );
  const own = { title: 'Chromium and Chrome', folder: join(userFolder, '.pki', 'nssdb') };
  return platform === 'linux' || existsSync(join(own.folder, 'cert9.db')) ? [own, ...found] : found;
};

/** Trusted to vouch for servers, for nothing else. */
const trustFlags = 'C,,';

export const createNssStore = (database: NssDatabase, record: TrustRecord): TrustStore => {
  const { title, folder } = database;
  const at = ['-d', `sql:${folder}`];
  const outcome = (state: TrustState, facts: Partial<TrustOutcome> = {}): TrustOutcome => ({
    title,
    location: folder,
    state,
    ...facts,
  });
  const exists = (): boolean => existsSync(join(folder, 'cert9.db'));

  return {
    async check(authority) {
      const certutil = findTool('certutil');
      if (certutil === undefined) return outcome('skipped', missingTool());
      if (!exists()) return outcome('skipped');
      return outcome((await isTrusted(certutil, at, authority)) ? 'already' : 'absent');
    },

    async add(authority) {
      const certutil = findTool('certutil');
      if (certutil === undefined) return outcome('failed', missingTool());
      if (exists() && (await isTrusted(certutil, at, authority))) return outcome('already');
      const made = exists() ? { isSuccess: true, output: '' } : await makeDatabase(certutil, folder, record);
      if (!made.isSuccess) return outcome('failed', { detail: made.output, remedy: byHand(authority) });
      const added = await runTool(certutil, [
        '-A',
        ...at,
        '-n',
        authority.nickname,
        '-t',
        trustFlags,
        '-a',
        '-i',
        authority.path,
      ]);
      if (await isTrusted(certutil, at, authority)) return outcome('added');
      return outcome('failed', { detail: added.output, remedy: byHand(authority) });
    },

    async remove(authority) {
      if (!exists()) return outcome('absent');
      const certutil = findTool('certutil');
      if (certutil === undefined) return outcome('failed', missingTool());
      if (!(await holds(certutil, at, authority))) {
        await removeMadeDatabase(certutil, folder, record);
        return outcome('absent');
      }
      const deleted = await runTool(certutil, ['-D', ...at, '-n', authority.nickname]);
      if (await holds(certutil, at, authority))
        return outcome('failed', { detail: deleted.output, remedy: `Remove "${authority.nickname}" in the browser` });
      await removeMadeDatabase(certutil, folder, record);
      return outcome('removed');
    },
  };
};

const makeDatabase = async (certutil: string, folder: string, record: TrustRecord) => {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    return { isSuccess: false, output: error instanceof Error ? error.message : String(error) };
  }
  const made = await runTool(certutil, ['-N', '-d', `sql:${folder}`, '--empty-password']);
  if (made.isSuccess) record.noteMade(folder);
  return made;
};

/** A database that was made here goes again when nobody else has put anything into it. */
const removeMadeDatabase = async (certutil: string, folder: string, record: TrustRecord): Promise<void> => {
  if (!record.hasMade(folder)) return;
  const listed = await runTool(certutil, ['-L', '-d', `sql:${folder}`, '-h', 'all']);
  const names = listed.output.split('\n').filter((line) => /\s[A-Za-z]*,[A-Za-z]*,[A-Za-z]*\s*$/.test(line));
  const isEmpty = listed.isSuccess && names.every((line) => /SSL,S\/MIME/.test(line));
  if (!isEmpty) return;
  for (const file of ['cert9.db', 'key4.db', 'pkcs11.txt']) rmSync(join(folder, file), { force: true });
  removeIfEmpty(folder);
  removeIfEmpty(dirname(folder));
  record.forgetMade(folder);
};

const removeIfEmpty = (folder: string): void => {
  try {
    rmdirSync(folder);
  } catch {
    // Somebody else has something in it.
  }
};

const holds = async (certutil: string, at: readonly string[], authority: Authority): Promise<boolean> => {
  const shown = await runTool(certutil, ['-L', ...at, '-n', authority.nickname, '-a']);
  return shown.isSuccess && bodyOf(shown.output) === bodyOf(authority.pem);
};

const isTrusted = async (certutil: string, at: readonly string[], authority: Authority): Promise<boolean> => {
  if (!(await holds(certutil, at, authority))) return false;
  const listed = await runTool(certutil, ['-L', ...at]);
  const line = listed.output.split('\n').find((one) => one.startsWith(authority.nickname));
  return line !== undefined && /\sCT?,/.test(line);
};

/** The base64 of a PEM text. */
const bodyOf = (pem: string): string =>
  /-----BEGIN CERTIFICATE-----([^-]*)-----END CERTIFICATE-----/.exec(pem)?.[1]?.replaceAll(/\s/g, '') ?? '';

const byHand = ({ path }: Authority): string =>
  `Import ${path} in the browser's settings, under certificates, as an authority for websites.`;

const missingTool = (): Partial<TrustOutcome> => ({
  detail: 'the program certutil is not installed',
  remedy: `${installCommand()}, then: navisai trust`,
});

const installCommand = (): string => {
  const managers: [string, string][] = [
    ['apt-get', 'sudo apt-get install libnss3-tools'],
    ['dnf', 'sudo dnf install nss-tools'],
    ['pacman', 'sudo pacman -S nss'],
    ['zypper', 'sudo zypper install mozilla-nss-tools'],
    ['apk', 'sudo apk add nss-tools'],
    ['brew', 'brew install nss'],
  ];
  const known = managers.find(([manager]) => findTool(manager) !== undefined);
  return known?.[1] ?? "install NSS's tools (certutil)";
};

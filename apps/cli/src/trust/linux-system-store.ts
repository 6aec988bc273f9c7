/** The trust store of a Linux system, which needs root: a folder of anchors, and a tool that makes bundles of it. */
import { existsSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Authority } from './authority.ts';
import { findTool, runTool } from './run-tool.ts';
import type { TrustOutcome, TrustState, TrustStore } from './trust-store.types.ts';

interface Mechanism {
  folder: string;
  tool: string;
  args: readonly string[];
}

/** Debian and its kin, Alpine; Fedora and its kin; Arch; SUSE. The first whose folder and tool are there counts. */
const mechanisms: readonly Mechanism[] = [
  { folder: '/usr/local/share/ca-certificates', tool: 'update-ca-certificates', args: [] },
  { folder: '/etc/pki/ca-trust/source/anchors', tool: 'update-ca-trust', args: ['extract'] },
  { folder: '/etc/ca-certificates/trust-source/anchors', tool: 'trust', args: ['extract-compat'] },
  { folder: '/etc/pki/trust/anchors', tool: 'update-ca-certificates', args: [] },
];

/** Where the tools write what programs read. */
const bundles = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
  '/etc/ssl/ca-bundle.pem',
];

const debianLinks = '/etc/ssl/certs';

const title = 'system store';

export const createLinuxSystemStore = (isRoot: boolean): TrustStore => {
  const mechanism = mechanisms.find(({ folder, tool }) => existsSync(folder) && findTool(tool) !== undefined);
  const outcome = (state: TrustState, facts: Partial<TrustOutcome> = {}): TrustOutcome => ({
    title,
    location: mechanism?.folder ?? '-',
    state,
    ...facts,
  });
  if (mechanism === undefined) {
    const unknown = async (): Promise<TrustOutcome> =>
      outcome('skipped', { detail: 'this system has none that is known' });
    return { check: unknown, add: unknown, remove: unknown };
  }
  const { folder, tool, args } = mechanism;
  const fileOf = ({ fileName }: Authority): string => join(folder, `${fileName}.crt`);
  const update = () => runTool(findTool(tool) ?? tool, args);

  return {
    // Browsers do not read it, so its absence is nothing to warn about.
    check: async (authority) => outcome(isInBundles(authority) ? 'already' : 'skipped'),

    async add(authority) {
      const file = fileOf(authority);
      if (isInBundles(authority)) return outcome('already');
      if (!isRoot)
        return outcome('skipped', {
          detail: 'only root may write it; browsers do not need it, curl and others do',
          remedy: `sudo cp ${authority.path} ${file} && sudo ${[tool, ...args].join(' ')}`,
        });
      return addAsRoot({ authority, file, update, outcome });
    },

    async remove(authority) {
      const file = fileOf(authority);
      if (!existsSync(file) && !isInBundles(authority)) return outcome('absent');
      if (!isRoot)
        return outcome('failed', {
          detail: 'only root may write it',
          remedy: `sudo rm ${file} && sudo ${[tool, ...args].join(' ')}`,
        });
      const updated = await withdraw(file, update);
      return isInBundles(authority) ? outcome('failed', { detail: updated.output }) : outcome('removed');
    },
  };
};

interface RootAddition {
  authority: Authority;
  file: string;
  update(): Promise<{ output: string }>;
  outcome(state: TrustState, facts?: Partial<TrustOutcome>): TrustOutcome;
}

const addAsRoot = async ({ authority, file, update, outcome }: RootAddition): Promise<TrustOutcome> => {
  try {
    writeFileSync(file, authority.pem, { mode: 0o644 });
  } catch (error) {
    return outcome('failed', { detail: error instanceof Error ? error.message : String(error) });
  }
  const updated = await update();
  if (isInBundles(authority)) return outcome('added');
  await withdraw(file, update);
  return outcome('failed', { detail: updated.output });
};

/** Debian's tool leaves links that lead nowhere: one to the file, and one to that by the hash of its subject. */
const withdraw = async (file: string, update: () => Promise<{ output: string }>): Promise<{ output: string }> => {
  rmSync(file, { force: true });
  const updated = await update();
  const name = basename(file).replace(/\.crt$/, '.pem');
  for (const link of listFolder(debianLinks)) {
    const path = join(debianLinks, link);
    const target = readLink(path);
    if (target === file || target === name) rmSync(path, { force: true });
  }
  return updated;
};

const listFolder = (path: string): string[] => (existsSync(path) ? readdirSync(path) : []);

const readLink = (path: string): string | undefined => {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
};

const isInBundles = ({ pem }: Authority): boolean =>
  bundles.some((bundle) => {
    try {
      return readFileSync(bundle, 'utf8').includes(pem.trim());
    } catch {
      return false;
    }
  });

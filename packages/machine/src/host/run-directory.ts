/** Where host sockets live: a short path in a directory that only this user can enter, and the token beside the state. */
import { createHash, randomBytes } from 'node:crypto';
import {
  chmodSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A Unix socket's path has 104 bytes on macOS, 108 on Linux; the rest is for the socket's name. */
const maxDirectoryBytes = 76;
const tokenBytes = 32;

/** The directory for the sockets of one `stateDirectory`; `runtimeDirectory` is `$XDG_RUNTIME_DIR`. */
export const runDirectoryFor = (stateDirectory: string, runtimeDirectory?: string): string => {
  const hash = createHash('sha256').update(stateDirectory).digest('hex').slice(0, 12);
  const name = `navis-${ownUserId()}-${hash}`;
  const parents = [runtimeDirectory ?? '', tmpdir(), '/tmp'].filter((parent) => parent !== '');
  const path = parents.map((parent) => join(parent, name)).find(({ length }) => length <= maxDirectoryBytes);
  if (path === undefined) throw new Error('No directory has a path short enough for sockets.');
  return path;
};

/** Makes `path` if it is missing and refuses one that another user owns or can enter. */
export const prepareRunDirectory = (path: string): void => {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  const facts = lstatSync(path);
  if (!facts.isDirectory()) throw new Error(`${path} is not a directory.`);
  if (facts.uid !== ownUserId()) throw new Error(`${path} belongs to another user.`);
  if ((facts.mode & 0o077) !== 0) chmodSync(path, 0o700);
};

/** When no host is left: sockets of killed ones go with it. What else lies there is not ours, and stays. */
export const removeRunDirectory = (path: string): void => {
  try {
    for (const name of readdirSync(path)) if (name.endsWith('.sock')) rmSync(join(path, name), { force: true });
    rmdirSync(path);
  } catch {
    // Gone already, or not empty.
  }
};

/** The secret shared by hubs and hosts of one state directory, made on first use; two first users get the same one. */
export const readOrCreateToken = (path: string): Buffer => {
  try {
    return readToken(path);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
  const fresh = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
  writeFileSync(fresh, randomBytes(tokenBytes).toString('hex'), { mode: 0o600, flag: 'wx' });
  try {
    linkSync(fresh, path);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  } finally {
    rmSync(fresh, { force: true });
  }
  return readToken(path);
};

const readToken = (path: string): Buffer => {
  const facts = lstatSync(path);
  if (!facts.isFile() || facts.uid !== ownUserId()) throw new Error(`${path} is not this user's own file.`);
  if ((facts.mode & 0o077) !== 0) throw new Error(`${path} can be read by others; it must have mode 0600.`);
  const token = Buffer.from(readFileSync(path, 'utf8').trim(), 'hex');
  if (token.length !== tokenBytes) throw new Error(`${path} holds no token.`);
  return token;
};

const ownUserId = (): number => process.getuid?.() ?? 0;

/** Which directory a command starts in (T5): named errors, never a silent fallback. */
import { constants } from 'node:fs';
import { access, readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { NavisError } from '@navisai/protocol';

export interface WorkingDirectoryRequest {
  /** As the caller wrote it; relative paths and `~` start at `home`, which is also the default. */
  requested?: string | undefined;
  home: string;
  /** Where `~name` is looked up. */
  passwordFile?: string;
}

/** A dead network mount answers never. */
const deadlineMs = 5000;

/** The absolute path, checked to be a directory that can be entered and listed. Rejects with NavisError WORKING_DIR. */
export const resolveWorkingDirectory = async (request: WorkingDirectoryRequest): Promise<string> => {
  const { requested, home } = request;
  const path = requested === undefined ? home : resolve(home, await expandHome(requested, request));
  if (path.includes('\0')) throw refused(path, 'is not a possible path');
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(refused(path, 'does not answer')), deadlineMs);
  });
  try {
    await Promise.race([check(path), deadline]);
    return path;
  } finally {
    clearTimeout(timer);
  }
};

const refused = (path: string, why: string): NavisError =>
  new NavisError('WORKING_DIR', `working_dir: ${path} ${why}. Nothing was started.`, { field: 'working_dir' });

const check = async (path: string): Promise<void> => {
  try {
    // The final dot makes one question of three: it exists, is a directory, may be entered and listed.
    await access(join(path, '/').concat('.'), constants.R_OK | constants.X_OK);
  } catch (error) {
    throw refused(path, await reasonFor(path, error));
  }
};

const reasonFor = async (path: string, error: unknown): Promise<string> => {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const facts = await stat(path).catch(() => null);
  if (facts !== null && !facts.isDirectory()) return 'is not a directory';
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'does not exist';
  if (code === 'EACCES' || code === 'EPERM') return 'may not be entered or read by this user';
  if (code === 'ENAMETOOLONG') return 'is too long for a path';
  if (code === 'ELOOP') return 'is a loop of links';
  return 'cannot be used';
};

/** `~`, `~/x` and `~name/x` as a shell expands them. */
const expandHome = async (path: string, { home, passwordFile }: WorkingDirectoryRequest): Promise<string> => {
  const match = /^~([^/]*)(\/.*)?$/s.exec(path);
  if (match === null) return path;
  const [, user = '', rest = ''] = match;
  const start = user === '' ? home : await homeOf(user, passwordFile);
  if (start === undefined) throw refused(path, `names a user who does not exist`);
  return start + rest;
};

const homeOf = async (user: string, passwordFile = '/etc/passwd'): Promise<string | undefined> => {
  const lines = await readFile(passwordFile, 'utf8').catch(() => '');
  return lines
    .split('\n')
    .map((line) => line.split(':'))
    .find(([name]) => name === user)?.[5];
};

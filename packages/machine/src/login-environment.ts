/**
 * The environment that a command finds (T1, T29): what the user's login shell sets up, captured once with nothing of the
 * hub's own environment, so that no secret of the hub can reach a child.
 */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { accessSync, constants } from 'node:fs';
import { userInfo } from 'node:os';
import { basename } from 'node:path';
import type { Program } from './guard.types.ts';

export interface LoginEnvironment {
  variables: Readonly<Record<string, string>>;
  /** Why it is not what a login would give, for `metadata.warnings`. */
  warnings: readonly string[];
  /** Absolute path of the login shell. */
  shell: string;
  home: string;
}

/** The person whose commands run here. */
export interface Account {
  name: string;
  home: string;
  shell: string;
  language: string;
}

const captureDeadlineMs = 5000;
const maxEnvironmentBytes = 1024 * 1024;
const systemPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const defaultLanguage = 'C.UTF-8';

/** `home` and `language` are the program's own HOME and LANG; the rest is what the system knows of the user. */
export const currentAccount = (own: { home: string; language?: string | undefined }): Account => {
  const { name, shell } = systemAccount();
  return { name, shell, home: own.home, language: own.language || defaultLanguage };
};

const systemAccount = (): { name: string; shell: string } => {
  try {
    const { username, shell } = userInfo();
    return { name: username, shell: usableShell(shell) };
  } catch {
    // No entry for this user id, as in some containers.
    return { name: String(process.getuid?.() ?? 'user'), shell: usableShell(null) };
  }
};

/** Shells of accounts that nobody logs in to, and C shells, which take no command with `-l`, are replaced. */
const usableShell = (shell: string | null): string => {
  const isUnusable = shell === null || /^(nologin|false|true|sync|t?csh)?$/.test(basename(shell));
  return [...(isUnusable ? [] : [shell]), '/bin/bash', '/usr/bin/bash'].find(isExecutable) ?? '/bin/sh';
};

const isExecutable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

export interface CaptureOptions {
  deadlineMs?: number;
  /** A profile may hold what a command wrote there, so it is read inside of the sandbox too (N12). */
  confine?: (program: Program) => Promise<Program>;
  /** Ends the login shell; the capture is over when that has ended, or by the deadline. */
  signal?: AbortSignal;
}

/** Asks the login shell once; never rejects: without an answer it is a plain environment with a warning. */
export const captureLoginEnvironment = async (
  account: Account,
  options: CaptureOptions = {},
): Promise<LoginEnvironment> => {
  const { shell, home } = account;
  const plain = plainEnvironment(account);
  try {
    const captured = withoutSecrets(await askShell(account, options));
    return { variables: { ...plain, ...captured, TERM: 'dumb' }, warnings: [], shell, home };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const warning = `The login environment could not be read (${why}); commands get a plain one.`;
    return { variables: plain, warnings: [warning], shell, home };
  }
};

const plainEnvironment = ({ name, home, shell, language }: Account): Record<string, string> => ({
  HOME: home,
  USER: name,
  LOGNAME: name,
  SHELL: shell,
  PATH: systemPath,
  LANG: language,
  TERM: 'dumb',
});

const askShell = async (
  account: Account,
  { deadlineMs = captureDeadlineMs, confine = (program) => Promise.resolve(program), signal }: CaptureOptions,
): Promise<Record<string, string>> => {
  const marker = `navis-${randomBytes(16).toString('hex')}`;
  const text = `printf '%s\\n' ${marker}; /usr/bin/env -0; printf '%s\\n' ${marker}`;
  const environment = plainEnvironment(account);
  const shell = { file: account.shell, args: ['-l', '-c', text], workingDirectory: '/', environment };
  const program = await confine(shell);
  signal?.throwIfAborted();
  return new Promise((resolve, reject) => {
    const child = spawn(program.file, program.args, {
      cwd: '/',
      env: program.environment,
      stdio: ['ignore', 'pipe', 'ignore'],
      detached: true,
    });
    let output = Buffer.alloc(0);
    const finish = (outcome: Record<string, string> | Error): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', stop);
      child.stdout.destroy();
      endGroup(child.pid, outcome instanceof Error ? 'SIGKILL' : 'SIGHUP');
      if (outcome instanceof Error) reject(outcome);
      else resolve(outcome);
    };
    // Answered by `close`, when the shell has ended.
    const stop = (): void => {
      child.stdout.destroy();
      endGroup(child.pid, 'SIGKILL');
    };
    signal?.addEventListener('abort', stop);
    const timer = setTimeout(() => finish(new Error(`no answer within ${deadlineMs} ms`)), deadlineMs);
    child.on('error', (error) => finish(error));
    child.on('close', () => finish(new Error('the login shell ended without an answer')));
    // Resolved by the marker, not by the end: what a profile leaves running may hold the pipe.
    child.stdout.on('data', (chunk: Buffer) => {
      output = Buffer.concat([output, chunk]);
      const variables = parseCaptured(output, marker);
      if (variables !== null) finish(variables);
      else if (output.length > maxEnvironmentBytes) finish(new Error('the answer is too long'));
    });
  });
};

/** The variables between the two marker lines, or `null` while the second is missing. */
export const parseCaptured = (output: Buffer, marker: string): Record<string, string> | null => {
  const start = output.indexOf(`${marker}\n`);
  if (start < 0) return null;
  const from = start + marker.length + 1;
  const end = output.indexOf(`${marker}\n`, from);
  if (end < 0) return null;
  const entries = output.toString('utf8', from, end).split('\0');
  return Object.fromEntries(
    entries.flatMap((entry) => {
      const equals = entry.indexOf('=');
      return equals < 1 ? [] : [[entry.slice(0, equals), entry.slice(equals + 1)]];
    }),
  );
};

/** Belong to the capturing shell itself, not to the login. */
const ownVariables = new Set(['_', 'PWD', 'OLDPWD', 'SHLVL']);

/** T29: also when a profile exports them. */
const withoutSecrets = (variables: Record<string, string>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(variables).filter(
      ([name]) => !ownVariables.has(name) && name !== 'NODE_API_KEY' && !name.startsWith('NAVIS_'),
    ),
  );

const endGroup = (pid: number | undefined, signal: NodeJS.Signals): void => {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // It has ended by itself.
  }
};

/** T1: captured once, never sourced again per command; disposed, it leaves no shell behind and answers with a plain one. */
export class LoginCapture implements AsyncDisposable {
  readonly #account: Account;
  readonly #confine: CaptureOptions['confine'];
  readonly #abort = new AbortController();
  #captured: Promise<LoginEnvironment> | undefined;

  constructor(account: Account, { confine }: Pick<CaptureOptions, 'confine'>) {
    this.#account = account;
    this.#confine = confine;
  }

  environment(): Promise<LoginEnvironment> {
    const options = { confine: this.#confine, signal: this.#abort.signal };
    return (this.#captured ??= captureLoginEnvironment(this.#account, options));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#abort.abort();
    await this.#captured;
  }
}

/**
 * Asks Git about a directory whose content nobody vouches for: no hooks, no pager, no monitor, no other program of a
 * configuration that could be avoided, and all of it inside of what hides Navis's own state (A7, I18).
 */
import { spawn } from 'node:child_process';
import { maxProjectDiffBytes } from '@navisai/protocol';
import type { GitSummary, ProjectDetail } from '@navisai/protocol';
import type { Program } from '../guard.types.ts';
import { findProgram } from '../tools/find-program.ts';
import type { TerminalContext } from '../tools/terminal/terminal-context.types.ts';
import { parseGitStatus, parseNumbers } from './git-status.ts';
import type { GitStatus } from './git-status.ts';

export interface Git {
  /** `null` when it is not installed, does not answer, or does not take the directory for its own. */
  summary(path: string): Promise<GitSummary | null>;
  changes(
    path: string,
  ): Promise<{ git: GitSummary; files: ProjectDetail['files']; diff: string; isTruncated: boolean } | null>;
}

const deadlineMs = 10_000;
const maxAnswerBytes = 4 * 1024 * 1024;

const safeOptions = [
  '--no-pager',
  '--literal-pathspecs',
  ...[
    'core.fsmonitor=false',
    'core.hooksPath=/dev/null',
    'core.pager=cat',
    'core.editor=false',
    'core.sshCommand=false',
    'diff.external=',
    'protocol.allow=never',
    'submodule.recurse=false',
    // What a person sets for their own eyes: it is read here, and status and diff must name the same files.
    'diff.relative=false',
    'diff.renames=true',
    'status.renames=true',
    'diff.orderFile=/dev/null',
    'diff.suppressBlankEmpty=false',
  ].flatMap((setting) => ['-c', setting]),
];
const statusArguments = 'status --porcelain=v2 --branch -z --untracked-files=normal --ignore-submodules=all'.split(' ');
const diffArguments =
  'diff --no-ext-diff --no-textconv --no-color --ignore-submodules=all --src-prefix=a/ --dst-prefix=b/'.split(' ');
/** Of a repository without any commit. */
const emptyTree = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';

export const createGit = (context: Pick<TerminalContext, 'guard' | 'environment'>): Git => {
  const status = async (path: string): Promise<GitStatus | null> => {
    const text = await ask(context, path, statusArguments);
    return text === null ? null : parseGitStatus(text.toString());
  };
  const numbers = async (path: string, base: string) =>
    parseNumbers(String((await ask(context, path, [...diffArguments, '--numstat', base, '--'])) ?? ''));
  return {
    async summary(path) {
      const told = await status(path);
      if (told === null) return null;
      return { ...told.summary, ...(await numbers(path, baseOf(told))) };
    },
    async changes(path) {
      const told = await status(path);
      if (told === null) return null;
      const base = baseOf(told);
      const all = (await ask(context, path, [...diffArguments, base, '--'])) ?? Buffer.alloc(0);
      const diff = all.subarray(0, maxProjectDiffBytes).toString();
      const isTruncated = told.isTruncated || all.length > maxProjectDiffBytes;
      return { git: { ...told.summary, ...(await numbers(path, base)) }, files: told.files, diff, isTruncated };
    },
  };
};

const baseOf = ({ summary }: GitStatus): string => (summary.commit === null ? emptyTree : 'HEAD');

const ask = async (
  { guard, environment }: Pick<TerminalContext, 'guard' | 'environment'>,
  path: string,
  words: readonly string[],
): Promise<Buffer | null> => {
  const { variables } = await environment();
  const file = findProgram(variables, ['git']);
  if (file === null) return null;
  const program = await guard.confine({
    file,
    args: [...safeOptions, ...words],
    workingDirectory: path,
    environment: { ...variables, GIT_OPTIONAL_LOCKS: '0', GIT_TERMINAL_PROMPT: '0', GIT_PAGER: 'cat', LC_ALL: 'C' },
  });
  return answerOf(program);
};

/** `null` when it fails or takes too long; what is longer than the bound is cut there. */
const answerOf = ({ file, args, workingDirectory, environment }: Program): Promise<Buffer | null> =>
  new Promise((resolve) => {
    // A group of its own, so that nothing of it stays.
    const child = spawn(file, args, {
      cwd: workingDirectory,
      env: environment,
      stdio: ['ignore', 'pipe', 'ignore'],
      detached: true,
    });
    const pieces: Buffer[] = [];
    let bytes = 0;
    const finish = (answer: Buffer | null): void => {
      clearTimeout(timer);
      child.stdout.destroy();
      resolve(answer);
    };
    const stop = (answer: Buffer | null): void => {
      endGroup(child.pid);
      finish(answer);
    };
    const timer = setTimeout(() => stop(null), deadlineMs);
    child.on('error', () => finish(null));
    child.stdout.on('data', (piece: Buffer) => {
      pieces.push(piece);
      bytes += piece.length;
      if (bytes > maxAnswerBytes) stop(Buffer.concat(pieces).subarray(0, maxAnswerBytes));
    });
    child.on('close', (code) => finish(code === 0 ? Buffer.concat(pieces) : null));
  });

const endGroup = (pid: number | undefined): void => {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
};

/** A throw-away home: `$NAVIS_HOME` and `$HOME` of one test, removed with everything that still runs in it. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findMarked } from './process-marks.ts';
import { until } from './until.ts';

export interface TestHome extends AsyncDisposable {
  /** Occurs in the environment of everything that the test starts. */
  readonly mark: string;
  /** `$NAVIS_HOME`. */
  readonly home: string;
  /** `$HOME` of the person. */
  readonly userHome: string;
  /** What a program that belongs to this test is started with. */
  environment(more?: Record<string, string>): Record<string, string>;
  /** Rejects, naming them, when processes of this test still run after a grace time; they are ended then. */
  checkLeaks(): Promise<void>;
}

/** On a busy machine what ends takes its time. */
const defaultLeakGraceMs = 25_000;
/** Shared by all tests: a new home would compile everything, and write it down when the hub ends, which takes a second. */
const compiledCode =
  process.env['NODE_COMPILE_CACHE'] ?? fileURLToPath(new URL('../../../.cache/compile', import.meta.url));

export const createTestHome = async ({ leakGraceMs = defaultLeakGraceMs } = {}): Promise<TestHome> => {
  // Short: host sockets live below it, and their paths may have about 100 characters.
  const mark = await mkdtemp(join(tmpdir(), 'nv-'));
  const home = join(mark, 'navis');
  const userHome = join(mark, 'user');
  await mkdir(userHome);
  const checkLeaks = async (): Promise<void> => {
    const isEmpty = async () => (await findMarked(mark)).length === 0;
    await until('no process is left', isEmpty, leakGraceMs).catch(() => undefined);
    const left = await findMarked(mark);
    for (const { pid } of left) endProcess(pid);
    if (left.length > 0)
      throw new Error(`left behind: ${left.map(({ pid, command }) => `${pid} ${command}`).join('; ')}`);
  };
  return {
    mark,
    home,
    userHome,
    environment: (more = {}) => ({
      PATH: process.env['PATH'] ?? '/usr/bin:/bin',
      HOME: userHome,
      NAVIS_HOME: home,
      SHELL: '/bin/bash',
      LANG: 'C.UTF-8',
      NODE_COMPILE_CACHE: compiledCode,
      ...more,
    }),
    checkLeaks,
    [Symbol.asyncDispose]: async () => {
      try {
        await checkLeaks();
      } finally {
        await rm(mark, { recursive: true, force: true, maxRetries: 5 });
      }
    },
  };
};

const endProcess = (pid: number): void => {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Gone by itself.
  }
};

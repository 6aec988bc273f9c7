/** The node as a real process with a throw-away home. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createTestHome, findMarked, programFile, type TestHome, until } from '@navisai/testkit';

export interface NodeProcess {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly printed: string;
  readonly isRunning: boolean;
  readonly exitCode: number | null;
  says(text: string): Promise<void>;
  /** Resolves with its exit code. */
  ended(): Promise<number | null>;
}

export interface NodePlace extends AsyncDisposable, Pick<TestHome, 'home' | 'userHome' | 'mark'> {
  start(words: readonly string[], environment?: Record<string, string>): NodeProcess;
  /** Starts, and resolves with what it printed when it has ended. */
  run(
    words: readonly string[],
    environment?: Record<string, string>,
  ): Promise<{ code: number | null; printed: string }>;
}

/** For a start and an end; on a busy machine a node takes tens of seconds to load. */
const deadlineMs = 60_000;

/** Ends everything that runs in it; fails when something was left behind. */
export const createNodePlace = async (): Promise<NodePlace> => {
  const place = await createTestHome();
  const started: NodeProcess[] = [];
  const start: NodePlace['start'] = (words, environment = {}) => {
    const process = startProcess(place, words, environment);
    started.push(process);
    return process;
  };
  const run: NodePlace['run'] = async (words, environment) => {
    const process = start(words, environment);
    return { code: await process.ended(), printed: process.printed };
  };
  mkdirSync(join(place.home, 'node'), { recursive: true, mode: 0o700 });
  return {
    home: place.home,
    userHome: place.userHome,
    mark: place.mark,
    start,
    run,
    async [Symbol.asyncDispose]() {
      try {
        for (const process of started) if (process.isRunning) process.child.kill('SIGKILL');
        for (const process of started) await process.ended();
        // A node that was refused started none.
        if ((await findMarked(place.mark)).length > 0) await run(['--end-hosts']);
      } finally {
        await place[Symbol.asyncDispose]();
      }
    },
  };
};

const startProcess = (place: TestHome, words: readonly string[], environment: Record<string, string>): NodeProcess => {
  const child = spawn(process.execPath, [programFile('node'), '--home', place.home, ...words], {
    env: place.environment(environment),
    cwd: place.userHome,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => (printed += text));
  let isClosed = false;
  child.on('close', () => (isClosed = true));
  const isRunning = (): boolean => child.exitCode === null && child.signalCode === null;
  return {
    child,
    pid: child.pid ?? 0,
    get printed() {
      return printed;
    },
    get isRunning() {
      return isRunning();
    },
    get exitCode() {
      return child.exitCode;
    },
    says: async (text) => {
      await until(
        () => `the node does not say ${JSON.stringify(text)}:\n${printed}`,
        () => printed.includes(text) || (isClosed && Promise.reject(new Error(`the node ended:\n${printed}`))),
        deadlineMs,
      );
    },
    ended: async () => {
      await until(
        () => `the node does not end:\n${printed}`,
        () => isClosed,
        deadlineMs,
      );
      return child.exitCode;
    },
  };
};

/** Starts a program on a PTY and makes sure that it really runs. */
import { accessSync, constants, readFileSync, statSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { HostError } from './host-error.ts';
import type { LoadedPty } from './native-pty.ts';
import { Pty, type PtyExit, type PtyListener, type PtySpawn } from './pty.ts';

/** The child says this itself, on the terminal, when it cannot become the program. */
const failures = /^(execvp|chdir|setuid|setgid)\([23]\) failed\.?:? ?(.*)/;
const execDeadlineMs = 1000;
const execPollMs = 1;

export interface ProgramListener extends PtyListener {
  /** Before any byte. */
  onStart(pty: Pty): void;
}

/** Rejects with SPAWN_FAILED, and then nothing was started or everything of it has ended. */
export const startProgram = async (spawn: PtySpawn, listener: ProgramListener, native: LoadedPty): Promise<void> => {
  checkDirectory(spawn.workingDirectory);
  checkProgram(spawn);
  const start = new ProgramStart(listener);
  let pty: Pty;
  try {
    pty = new Pty(spawn, start, native);
  } catch (error) {
    throw failed(error instanceof Error ? error.message : String(error));
  }
  await start.confirm(pty);
};

/** Holds back what comes before it is sure that the program runs. */
class ProgramStart implements PtyListener {
  readonly #listener: ProgramListener;
  #early: Buffer[] | null = [];
  #exit: PtyExit | null = null;

  constructor(listener: ProgramListener) {
    this.#listener = listener;
  }

  onData(bytes: Buffer): void {
    if (this.#early === null) this.#listener.onData(bytes);
    else this.#early.push(Buffer.from(bytes));
  }

  onExit(exit: PtyExit): void {
    this.#exit = exit;
    if (this.#early === null) this.#listener.onExit(exit);
  }

  async confirm(pty: Pty): Promise<void> {
    const expiresAt = performance.now() + execDeadlineMs;
    await setImmediate();
    while (this.#exit === null && !runsProgram(pty.pid) && performance.now() < expiresAt) await setTimeout(execPollMs);
    const early = Buffer.concat(this.#early ?? []);
    const failure = this.#exit?.exitCode === 1 ? failures.exec(early.toString().trim()) : null;
    if (failure !== null) throw failed(failure[2] ?? early.toString());
    this.#early = null;
    this.#listener.onStart(pty);
    if (early.length > 0) this.#listener.onData(early);
    if (this.#exit !== null) this.#listener.onExit(this.#exit);
  }
}

/** Before exec the child is a copy of this process, with the same command line; after its end it has none. */
const runsProgram = (pid: number): boolean => {
  const own = commandLine('self');
  const other = commandLine(String(pid));
  // Without /proc there is nothing to wait for.
  return own === null || (other !== null && other !== '' && other !== own);
};

const commandLine = (pid: string): string | null => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1');
  } catch {
    return null;
  }
};

const checkDirectory = (path: string): void => {
  try {
    if (!statSync(path).isDirectory()) throw new Error('not a directory');
    accessSync(path, constants.X_OK);
  } catch {
    throw failed(`${path} is not a directory that can be entered.`);
  }
};

const checkProgram = ({ file, environment, workingDirectory }: PtySpawn): void => {
  const folders = (environment.PATH ?? '').split(delimiter);
  const candidates = file.includes('/')
    ? [resolve(workingDirectory, file)]
    : folders.map((folder) => join(folder, file));
  if (!candidates.some(isProgram)) throw failed(`${file} was not found or is no program.`);
};

const isProgram = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
};

const failed = (reason: string): HostError =>
  new HostError('SPAWN_FAILED', `The command could not be started: ${reason}`);

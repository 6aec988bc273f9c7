/** Starts the hub as a process of its own and waits until it answers. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, openSync, closeSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { HubStatus } from '@navisai/protocol';
import { hubEnvironment } from '../environment.ts';
import { CommandError } from '../output/command-error.ts';
import { daemonEntry } from './daemon-entry.ts';
import { homeFiles, readLocalAuthority, readRunningHub } from './home.ts';
import { probeHub } from './probe.ts';

export interface StartedHub {
  pid: number;
  port: number;
  origin: string;
  notices: string[];
  status: HubStatus;
  /** Printed by the hub while it started: warnings for the person. */
  remarks: string;
}

export interface StartRequest {
  home: string;
  /** Beats the configuration. */
  port?: number | undefined;
}

/** From the start of the process to its first answer: less than one second (S2), but half a minute was seen on a machine with twenty times the work it can do. */
const startDeadlineMs = 60_000;
const pollMs = 15;
const probeTimeoutMs = 2_000;
/** How much of what the hub said is shown when it does not start. */
const shownOutputBytes = 4096;

interface Failure {
  reason: string;
  exitCode: number | null;
}

/** Of CONFLICT in the error table: the port is taken, or another hub of this home was faster. */
export const conflictExitCode = 6;

/** Rejects with a CommandError that carries what the hub itself said. */
export const startHub = async (start: StartRequest): Promise<StartedHub> => {
  const outputPath = prepareOutputFile(start.home);
  const child = spawnHub(start, outputPath);
  const end = performance.now() + startDeadlineMs;
  const failed = failureOf(child);
  try {
    for (;;) {
      const answer = await Promise.race([failed, delay(pollMs).then(() => askOwn(start.home, child))]);
      if (answer !== undefined && 'reason' in answer) throw await startError(answer, outputPath);
      if (answer !== undefined) return { ...answer, remarks: await readTail(outputPath) };
      if (performance.now() > end) {
        child.kill('SIGTERM');
        const reason = `it did not answer within ${startDeadlineMs / 1000} seconds and was ended`;
        throw await startError({ reason, exitCode: null }, outputPath);
      }
    }
  } finally {
    child.removeAllListeners();
    child.unref();
  }
};

const failureOf = (child: ChildProcess): Promise<Failure> =>
  new Promise((resolve) => {
    child.once('error', ({ message }) => resolve({ reason: message, exitCode: null }));
    child.once('exit', (exitCode, signal) =>
      resolve({ reason: `it ended with ${signal ?? `code ${exitCode}`}`, exitCode }),
    );
  });

/** Answers of a hub that is not this child (an older one that still stops) do not count. */
const askOwn = async (home: string, child: ChildProcess): Promise<Omit<StartedHub, 'remarks'> | undefined> => {
  const running = await readRunningHub(home);
  if (running === undefined || running.pid !== child.pid) return undefined;
  const ca = (await readLocalAuthority(home))?.pem;
  const probe = await probeHub({ port: running.port, ca, timeoutMs: probeTimeoutMs });
  return probe.kind === 'answered' ? { ...running, status: probe.status } : undefined;
};

const spawnHub = ({ home, port }: StartRequest, outputPath: string): ChildProcess => {
  const file = openSync(outputPath, 'w', 0o600);
  try {
    return spawn(process.execPath, [daemonEntry(), ...(port === undefined ? [] : [`--port=${port}`])], {
      cwd: home,
      detached: true,
      stdio: ['ignore', file, file],
      env: hubEnvironment(home),
    });
  } finally {
    closeSync(file);
  }
};

/** What the hub prints before (and besides) its log. */
const prepareOutputFile = (home: string): string => {
  const folder = join(home, homeFiles.logFolder);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new CommandError(`The folder ${folder} cannot be made: ${reason}`, {
      code: 'INTERNAL',
      exitCode: 1,
      affects: 'The hub was not started.',
      remedy: 'Correct the permissions, or choose another folder with NAVIS_HOME.',
    });
  }
  return join(folder, 'start.log');
};

/** What the hub itself said, and its own exit code: both are those of the error table. */
const startError = async ({ reason, exitCode }: Failure, outputPath: string): Promise<CommandError> => {
  const said = (await readTail(outputPath)).trim();
  return new CommandError(said === '' ? `The hub did not start: ${reason}.` : `The hub did not start:\n${said}`, {
    code: exitCode === conflictExitCode ? 'CONFLICT' : 'HUB_UNREACHABLE',
    exitCode: exitCode === null || exitCode === 0 ? 3 : exitCode,
    affects: 'No hub is running; terminals of an earlier one go on.',
    remedy: 'navisai doctor',
  });
};

const readTail = async (path: string): Promise<string> => {
  await using file = await open(path, 'r');
  const { size } = await file.stat();
  const start = Math.max(0, size - shownOutputBytes);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(size - start), 0, size - start, start);
  return buffer.subarray(0, bytesRead).toString('utf8');
};

/** What tests of terminals need: throw-away hosts, a reader that asserts continuity, a hub in a process of its own. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { hostsDirectory } from './host/host-record.ts';
import { runDirectoryFor } from './host/run-directory.ts';
import { createPtyHosts, type PtyHostsOptions } from './pty-hosts.ts';
import type { ExitState, PtyHosts, PtyOpenRequest } from './pty-hosts.types.ts';

export interface TestPlace extends AsyncDisposable {
  stateDirectory: string;
  problems: string[];
  /** Another hub on the same state; hosts stay when it is disposed. */
  hub(options?: Partial<PtyHostsOptions>): Promise<PtyHosts>;
}

/** At the end everything that was started for the place is ended. */
export const createTestPlace = (): TestPlace => {
  const stateDirectory = mkdtempSync(join(tmpdir(), 'navis-pty-'));
  const problems: string[] = [];
  const hubs: PtyHosts[] = [];
  const hub = async (options: Partial<PtyHostsOptions> = {}): Promise<PtyHosts> => {
    const hosts = createPtyHosts({ stateDirectory, onProblem: (message) => void problems.push(message), ...options });
    hubs.push(hosts);
    await hosts.start();
    return hosts;
  };
  return {
    stateDirectory,
    problems,
    hub,
    async [Symbol.asyncDispose]() {
      for (const one of hubs.splice(0)) await one[Symbol.asyncDispose]();
      await (await hub()).shutdown();
      rmSync(stateDirectory, { recursive: true, force: true });
      rmSync(runDirectoryFor(stateDirectory), { recursive: true, force: true });
    },
  };
};

let lastTerminal = 0;

export const openRequest = (script: string, changes: Partial<PtyOpenRequest> = {}): PtyOpenRequest => {
  lastTerminal += 1;
  return {
    terminalId: `t_test${process.pid}x${lastTerminal}`,
    sessionId: 's_test',
    name: `terminal-${lastTerminal}`,
    description: 'a test',
    command: script,
    file: 'bash',
    args: ['--norc', '-c', script],
    workingDirectory: tmpdir(),
    environment: { PATH: process.env.PATH ?? '', HOME: tmpdir(), LANG: 'C.UTF-8', PS1: '$ ' },
    columns: 80,
    rows: 24,
    background: true,
    keepAlive: false,
    labels: {},
    ...changes,
  };
};

export interface Reading {
  text(): string;
  bytes(): Buffer;
  readonly offset: number;
  readonly skipped: { from: number; to: number }[];
  readonly exit: ExitState | null;
  close(): void;
  acknowledge(): void;
}

export interface ReadOptions {
  from?: number;
  windowBytes?: number;
  paces?: boolean;
  /** `false`: the reader stalls once its window is used up. */
  acknowledges?: boolean;
  keeps?: boolean;
}

/** Throws where bytes are missing, doubled or out of order. */
export const readTerminal = (hosts: PtyHosts, terminalId: string, options: ReadOptions = {}): Reading => {
  const { from = 0, windowBytes = 256 * 1024, paces = false, acknowledges = true, keeps = true } = options;
  const chunks: Buffer[] = [];
  const state = { offset: from, skipped: [] as { from: number; to: number }[], exit: null as ExitState | null };
  const subscription = hosts.subscribe(
    { terminalId, from, windowBytes, paces },
    {
      onOutput: ({ offset, bytes }) => {
        if (offset !== state.offset) throw new Error(`expected offset ${state.offset}, got ${offset}`);
        if (state.exit !== null) throw new Error('output after the exit');
        if (keeps) chunks.push(Buffer.from(bytes));
        state.offset += bytes.length;
        if (acknowledges) subscription.acknowledge(state.offset);
      },
      onSkipped: (range) => {
        if (range.from !== state.offset) throw new Error(`expected a skip from ${state.offset}, got ${range.from}`);
        state.skipped.push(range);
        state.offset = range.to;
      },
      onExit: (exit) => {
        state.exit = exit;
      },
    },
  );
  return {
    text: () => Buffer.concat(chunks).toString(),
    bytes: () => Buffer.concat(chunks),
    get offset() {
      return state.offset;
    },
    get skipped() {
      return state.skipped;
    },
    get exit() {
      return state.exit;
    },
    close: () => subscription.close(),
    acknowledge: () => subscription.acknowledge(state.offset),
  };
};

/** PIDs of the hosts that have a record. */
export const hostIds = (stateDirectory: string): string[] =>
  readdirSync(hostsDirectory(stateDirectory)).filter((name) => name.endsWith('.json'));

/** A hub in a process of its own, to be killed; it answers each line of JSON with one. */
export interface HubProcess {
  process: ChildProcess;
  ask(request: unknown): Promise<unknown>;
}

export const startHubProcess = async (stateDirectory: string): Promise<HubProcess> => {
  const script = fileURLToPath(new URL('./pty-hosts-process.fixture.ts', import.meta.url));
  const child = spawn(process.execPath, [script, stateDirectory], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout });
  await once(lines, 'line');
  const ask = async (request: unknown): Promise<unknown> => {
    child.stdin.write(`${JSON.stringify(request)}\n`);
    const [line] = (await once(lines, 'line')) as [string];
    return JSON.parse(line);
  };
  return { process: child, ask };
};

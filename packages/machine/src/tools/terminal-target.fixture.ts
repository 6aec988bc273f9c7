/** What the behavioural suite of the tool `terminal` runs against: a machine here, later a node elsewhere. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { newId } from '@navisai/protocol';
import type { ApprovalsMode, CallAuthority, ToolResult } from '@navisai/protocol';
import { testOwner } from '../authority/test-owner.fixture.ts';
import { createMachine } from '../create-machine.ts';
import type { MachineOptions } from '../machine-options.types.ts';
import type { Machine, MachineEvent } from '../machine.types.ts';

export interface TerminalTarget extends AsyncDisposable {
  machine: Machine;
  nodeId: string;
  /** HOME of the commands, thrown away afterwards. */
  home: string;
  events: MachineEvent[];
  /** A session of its own for each test; of what `origin` its calls are by default. */
  session(id?: string, origin?: CallOptions['origin']): SessionOfTest;
  /** The program that serves the machine ends without a goodbye to its hosts and starts again. */
  restart(): Promise<void>;
}

export interface SessionOfTest {
  id: string;
  /** A call of the tool `terminal`, or of another. */
  call(input: unknown, options?: CallOptions): Promise<ToolResult>;
  run(command: string, more?: Record<string, unknown>): Promise<ToolResult>;
  open(name: string, command: string, more?: Record<string, unknown>): Promise<ToolResult>;
  /** Opens an interactive shell and answers with a function that runs commands inside it. */
  shell(
    name: string,
    command: string,
  ): Promise<(command: string, more?: Record<string, unknown>) => Promise<ToolResult>>;
}

export interface CallOptions {
  tool?: string;
  callId?: string;
  /** Default: a person's, which nothing masks (A7). */
  origin?: 'person' | 'agent';
  isUnmasked?: boolean;
  approvals?: ApprovalsMode;
  authority?: CallAuthority;
}

/** Known before the target is made. */
export interface TargetTraits {
  /** Programs run inside of a sandbox (N12): the PID told is the sandbox's, and dash ends without its own exit code. */
  isSandboxed: boolean;
}

export type MakeTarget = (options?: Partial<MachineOptions>) => Promise<TerminalTarget>;

export const makeLocalTarget: MakeTarget = async (options = {}) => {
  const home = realpathSync(mkdtempSync(join(tmpdir(), 'navis-terminal-')));
  const unexpected: unknown[] = [];
  const events: MachineEvent[] = [];
  const all: MachineOptions = {
    stateDirectory: join(home, '.navis'),
    home,
    // Sockets go away with the rest.
    runtimeDirectory: home,
    nodeId: 'main',
    owner: () => testOwner.owner,
    onUnexpected: (error) => void unexpected.push(error),
    ...options,
  };
  const begin = async (): Promise<Machine> => {
    const machine = createMachine(all);
    machine.onEvent((event) => void events.push(event));
    await machine.start();
    return machine;
  };
  const target = {
    machine: await begin(),
    nodeId: all.nodeId,
    home,
    events,
    session: (id = newId('session'), origin?: CallOptions['origin']) =>
      sessionOf(() => target.machine, id, { usualOrigin: origin, nodeId: all.nodeId }),
    async restart() {
      await target.machine[Symbol.asyncDispose]();
      target.machine = await begin();
    },
    async [Symbol.asyncDispose]() {
      await target.machine.shutdown();
      await target.machine[Symbol.asyncDispose]();
      rmSync(home, { recursive: true, force: true });
      if (unexpected.length > 0) throw new AggregateError(unexpected, 'unexpected failures');
    },
  };
  return target;
};

/** Calls the tool in one session of whichever machine is there. */
export const sessionOf = (
  machine: () => Machine,
  id: string,
  { usualOrigin = 'person', nodeId = 'main' }: { usualOrigin?: CallOptions['origin']; nodeId?: string } = {},
): SessionOfTest => {
  const session: SessionOfTest = {
    id,
    call(input, options = {}) {
      const {
        tool = 'terminal',
        callId = newId('call'),
        origin = usualOrigin,
        isUnmasked,
        approvals,
        authority,
      } = options;
      const call = { tool, arguments: input, sessionId: id, callId, userId: 'u_test0' };
      // Nothing asks here, except where a test says so; what is unmasked is approved always.
      const given =
        authority ?? (isUnmasked === true ? testOwner.approve({ ...call, nodeId }, { isUnmasked }) : undefined);
      return machine().execute({ ...call, origin, isUnmasked, approvals: approvals ?? 'never', authority: given });
    },
    run: (command, more = {}) => session.call({ action: 'run', command, ...more }),
    open: (name, command, more = {}) =>
      session.call({ action: 'open', terminal_name: name, description: 'test', command, ...more }),
    async shell(name, command) {
      await session.open(name, command, { background: true });
      return (text, more = {}) => session.run(text, { terminal_name: name, ...more });
    },
  };
  return session;
};

/** Polls until the condition holds; fails by its deadline. */
export const until = async (
  what: string,
  condition: () => boolean | Promise<boolean>,
  deadlineMs = 25_000,
): Promise<void> => {
  const startedAt = performance.now();
  while (!(await condition())) {
    if (performance.now() - startedAt > deadlineMs) throw new Error(`not within ${deadlineMs} ms: ${what}`);
    await delay(20);
  }
};

/** PIDs of processes with `marker` among their arguments. */
export const processesWith = (marker: string): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter(
      (pid) => read(`/proc/${pid}/cmdline`).split('\0').includes(marker) && !/ Z /.test(read(`/proc/${pid}/stat`)),
    )
    .map(Number);

const read = (path: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
};

/** A duration for `sleep` that no other process has: finds what a test has started. */
let lastMark = Date.now() % 100_000;
export const newMark = (): string => `9${(lastMark += 1)}.${process.pid}`;

export const hasProgram = (name: string): boolean =>
  ['/bin', '/usr/bin', '/usr/local/bin'].some((place) => existsSync(join(place, name)));

/** Floods of terminal output over each path, counted to the byte. */
import { spawn } from 'node:child_process';
import type WebSocket from 'ws';
import type { BenchHub } from './bench-hub.ts';
import { within } from './measure.ts';
import type { BareHop } from './peers/bare-path.ts';

const line = 'navis 0123456789 abcdefghijklmnopqrstuvwxyz ABCDEFGHIJKLMNOPQRSTUVWXYZ 0123456789';
const floodDeadlineMs = 120_000;

/** A shell command that waits for Enter and then prints `lines` lines; the PTY turns each newline into two bytes. */
export const floodCommand = (lines: number): string =>
  `stty -echo; read start; yes '${line}' | head -n ${lines}; read end`;
export const floodBytes = (lines: number): number => lines * (line.length + 2);

/** Milliseconds until every byte of the flood has arrived; throws when some are missing. */
export type Flood = () => Promise<number>;

const count = (expected: number) => {
  const done = Promise.withResolvers<void>();
  let received = 0;
  return {
    add(bytes: number): void {
      received += bytes;
      if (received >= expected) done.resolve();
    },
    all: () => within(floodDeadlineMs, `a flood of ${expected} bytes, of which ${received} came,`, done.promise),
  };
};

export const navisFlood =
  (hub: BenchHub, lines: number): Flood =>
  async () => {
    const terminal = await hub.openTerminal(floodCommand(lines));
    const connection = await hub.connect();
    const counter = count(floodBytes(lines));
    const inControl = Promise.withResolvers<void>();
    const view = connection.live().viewTerminal(
      { terminalId: terminal.terminalId, control: 'always', snapshot: false, windowBytes: 4 * 1024 * 1024 },
      {
        onReset: () => undefined,
        onBytes: ({ bytes }) => counter.add(bytes.length),
        onSkipped: ({ from, to }) => {
          throw new Error(`bytes ${from} to ${to} were skipped`);
        },
        onControl: ({ isMine }) => (isMine ? inControl.resolve() : undefined),
      },
    );
    await within(10_000, 'taking control', inControl.promise);
    const start = performance.now();
    view.input('\r');
    await counter.all();
    const elapsed = performance.now() - start;
    view.close();
    connection.close();
    await hub.closeTerminal(terminal);
    return elapsed;
  };

export const bareFlood =
  (hop: BareHop, lines: number): Flood =>
  async () => {
    const socket: WebSocket = await hop.connect(floodCommand(lines));
    const counter = count(floodBytes(lines));
    socket.on('message', (data: Buffer) => counter.add(data.length));
    await settle();
    const start = performance.now();
    socket.send('\r');
    await counter.all();
    const elapsed = performance.now() - start;
    socket.terminate();
    return elapsed;
  };

export const sshFlood =
  (sshArguments: string[], lines: number): Flood =>
  async () => {
    const child = spawn('ssh', ['-tt', ...sshArguments, floodCommand(lines)], { stdio: ['pipe', 'pipe', 'ignore'] });
    const counter = count(floodBytes(lines));
    child.stdout.on('data', (data: Buffer) => counter.add(data.length));
    await settle();
    const start = performance.now();
    child.stdin.write('\r');
    await counter.all();
    const elapsed = performance.now() - start;
    child.kill('SIGKILL');
    return elapsed;
  };

/** The peers have no way to say that the shell waits for Enter. */
const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 400));

/** One kept connection into which a key is typed and on which its echo comes back. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { spawn as spawnPty } from '@lydell/node-pty';
import { within } from '../measure.ts';
import type { BareHop } from './bare-path.ts';

export interface EchoPath extends AsyncDisposable {
  write(text: string): void;
  /** Called with every piece of output. */
  onData(listener: (data: Buffer) => void): void;
}

const echoDeadlineMs = 10_000;

/** Milliseconds from writing one character to its arrival. */
export const keyToEcho = async (path: EchoPath, key: string): Promise<number> => {
  const start = performance.now();
  const arrived = new Promise<void>((resolve) => path.onData((data) => (data.includes(key) ? resolve() : undefined)));
  path.write(key);
  await within(echoDeadlineMs, 'the echo', arrived);
  return performance.now() - start;
};

const fromPty = (file: string, args: string[], kill: () => void): EchoPath => {
  const terminal = spawnPty(file, args, { encoding: null, cols: 120, rows: 40 });
  let listener: (data: Buffer) => void = () => undefined;
  terminal.onData((data) => listener(data as unknown as Buffer));
  return {
    write: (text) => terminal.write(text),
    onData: (next) => (listener = next),
    async [Symbol.asyncDispose]() {
      kill();
      terminal.kill('SIGKILL');
    },
  };
};

/** `cat` on a PTY of this process: the kernel's own limit. */
export const rawPtyEcho = async (): Promise<EchoPath> => settled(fromPty('/bin/cat', [], () => undefined));

export const tmuxEcho = async (): Promise<EchoPath> => {
  const socket = `navis-bench-${process.pid}`;
  const path = fromPty(
    'tmux',
    ['-L', socket, '-f', '/dev/null', 'new-session', 'cat'],
    () => void spawn('tmux', ['-L', socket, 'kill-server']),
  );
  return settled(path);
};

export const sshEcho = async (sshArguments: string[]): Promise<EchoPath> => {
  const child = spawn('ssh', ['-tt', ...sshArguments, 'cat'], { stdio: ['pipe', 'pipe', 'ignore'] });
  let listener: (data: Buffer) => void = () => undefined;
  child.stdout.on('data', (data: Buffer) => listener(data));
  return settled({
    write: (text) => void child.stdin.write(text),
    onData: (next) => (listener = next),
    async [Symbol.asyncDispose]() {
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    },
  });
};

export const bareHopEcho = async (hop: BareHop): Promise<EchoPath> => {
  const socket = await hop.connect('cat');
  let listener: (data: Buffer) => void = () => undefined;
  socket.on('message', (data: Buffer) => listener(data));
  return settled({
    write: (text) => socket.send(text),
    onData: (next) => (listener = next),
    async [Symbol.asyncDispose]() {
      socket.terminate();
    },
  });
};

/** Waits until the first key comes back, so that start-up is not measured. */
const settled = async (path: EchoPath): Promise<EchoPath> => {
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const echoed = await Promise.race([
      keyToEcho(path, '~').then(() => true),
      new Promise<false>((resolve) => setTimeout(resolve, 200, false)),
    ]).catch(() => false);
    if (echoed) return path;
  }
  throw new Error('the echo path did not come up');
};

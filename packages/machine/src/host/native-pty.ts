/** The native part of node-pty, used directly: its JavaScript loses bytes at the exit and spins when a program does not read. */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { ReadTurns } from './read-turns.ts';

export interface NativeTerminal {
  /** The master, non-blocking. */
  fd: number;
  pid: number;
  /** Path of the slave. */
  pty: string;
}

export interface NativePty {
  /** Arguments in the order of the native function; `environment` holds `NAME=value` entries. */
  fork(
    ...spawn: [
      file: string,
      args: string[],
      environment: string[],
      workingDirectory: string,
      columns: number,
      rows: number,
      userId: number,
      groupId: number,
      utf8: boolean,
      helperPath: string,
      onExit: (exitCode: number, signal: number) => void,
    ]
  ): NativeTerminal;
  resize(fd: number, columns: number, rows: number, ...pixels: [width: number, height: number]): void;
}

export interface LoadedPty {
  native: NativePty;
  /** The small program that macOS needs to start others on a PTY. */
  helperPath: string;
  /** Shared by all PTYs: what was read is used up before anything else is read. */
  readBuffer: Buffer;
  turns: ReadTurns;
}

const packageName = '@lydell/node-pty';
const readBytes = 64 * 1024;

export const loadNativePty = (): LoadedPty => {
  const require = createRequire(import.meta.url);
  const { native } = require(packageName) as { native: NativePty };
  const platform = `${process.platform}-${process.arch}`;
  const fromLibrary = createRequire(require.resolve(packageName));
  const library = dirname(fromLibrary.resolve(`${packageName}-${platform}`));
  const helperPath = join(library, '..', 'prebuilds', platform, 'spawn-helper');
  return { native, helperPath, readBuffer: Buffer.allocUnsafeSlow(readBytes), turns: new ReadTurns() };
};

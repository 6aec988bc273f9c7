/** The exit codes that tell a script how a tool call went. */
import { constants } from 'node:os';
import { errorTable, isErrorCode, type ToolResult } from '@navisai/protocol';

/** 0 only on success; else by the error table, never 0. */
export const toolExitCode = ({ success, error }: ToolResult): number => {
  if (success) return 0;
  return isErrorCode(error?.code) ? errorTable[error.code].exit : 1;
};

/** The exit code of the command itself where it ended by itself; 128 + number for a signal, as shells report it. */
export const commandExitCode = (result: ToolResult): number => {
  if (result.error !== undefined && !ownEnds.has(result.error.code)) return toolExitCode(result);
  return endExitCode({ exitCode: result.metadata.exit_code ?? null, signal: result.metadata.signal ?? null });
};

/** Ends that the command chose itself, so its own code is what a script wants to see. */
const ownEnds: ReadonlySet<string> = new Set(['NON_ZERO_EXIT', 'KILLED_BY_SIGNAL']);

export const endExitCode = (end: { exitCode: number | null; signal: string | null }): number => {
  if (end.exitCode !== null) return end.exitCode;
  return end.signal === null ? 0 : 128 + (constants.signals[end.signal as NodeJS.Signals] ?? 0);
};

export const isOwnEnd = (result: ToolResult): boolean => result.success || ownEnds.has(result.error?.code ?? '');

/** Failures of commands that did run and may have printed something. */
const ranThough: ReadonlySet<string> = new Set(['timeout', 'CANCELLED', 'INTERRUPTED']);

export const hasRun = (result: ToolResult): boolean => isOwnEnd(result) || ranThough.has(result.error?.code ?? '');

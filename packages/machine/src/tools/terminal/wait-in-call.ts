/** The parameter `wait_for` of an action: what to wait for, and what became of it (T30). */
import { waitForSeconds } from '@navisai/protocol';
import type { ToolMetadata, ToolResult, WaitFor } from '@navisai/protocol';
import { compilePattern } from '../../pattern-search.ts';
import type { TerminalRecord } from '../../pty-hosts.types.ts';
import { waitForOutput } from '../../wait-for.ts';
import type { WaitOutcome, WaitRequest } from '../../wait-for.ts';
import { failed, succeeded } from './call-result.ts';
import type { Invocation, TerminalContext } from './terminal-context.types.ts';

export interface PreparedWait {
  wait: WaitRequest['wait'];
  timeoutMs: number;
}

/** Throws INVALID_ARGUMENT for a bad pattern, before anything is started. `boundSeconds` is the call's own timeout. */
export const prepareWait = (waitFor: WaitFor | undefined, boundSeconds?: number): PreparedWait | undefined => {
  if (waitFor === undefined) return undefined;
  const { pattern, timeout, ...rest } = waitFor;
  const seconds = Math.min(timeout ?? boundSeconds ?? waitForSeconds.default, boundSeconds ?? Infinity);
  const wait = { ...rest, pattern: pattern === undefined ? undefined : compilePattern(pattern) };
  return { wait, timeoutMs: seconds * 1000 };
};

export const waitInCall = (
  { hosts }: TerminalContext,
  { signal }: Invocation,
  { record, prepared, from }: { record: TerminalRecord; prepared: PreparedWait; from: number },
): Promise<WaitOutcome> => waitForOutput({ hosts, terminalId: record.terminalId, from, ...prepared, signal });

/** `output` is what the action shows anyway; the facts of the wait go with it. */
export const waited = (outcome: WaitOutcome, output: string, metadata: ToolMetadata): ToolResult => {
  const { matched, timedOut, exit } = outcome;
  const facts = {
    output,
    metadata: {
      ...metadata,
      wait: { matched, timed_out: timedOut },
      ...(exit === null ? {} : { exit_code: exit.exitCode, signal: exit.signal }),
    },
  };
  if (timedOut)
    return failed('timeout', {
      ...facts,
      message: 'The wait ran out before what was waited for came. The terminal goes on.',
    });
  if (matched === null)
    return failed('TERMINAL_EXITED', { ...facts, message: 'The program ended before what was waited for came.' });
  return succeeded(output, facts.metadata);
};

export const waitInWords = ({ matched, timedOut }: WaitOutcome): string => {
  if (timedOut) return 'wait: timed out';
  const words = { pattern: 'the pattern matched', idle: 'the output fell silent', exit: 'the program ended' } as const;
  return `wait: ${matched === null ? 'the program ended first' : words[matched]}`;
};

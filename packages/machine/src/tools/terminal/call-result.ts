/** Tool results: success, failures that carry output, and errors made of anything thrown. */
import { errorTable, NavisError, toErrorBody } from '@navisai/protocol';
import type { ErrorCode, ToolMetadata, ToolResult } from '@navisai/protocol';

export interface EndFacts {
  exitCode: number | null;
  signal: string | null;
}

export const succeeded = (output: string, metadata: ToolMetadata = {}): ToolResult => ({
  success: true,
  output,
  metadata,
});

export const failed = (
  code: ErrorCode,
  facts: { message?: string; output?: string; metadata?: ToolMetadata } = {},
): ToolResult => ({
  success: false,
  output: facts.output ?? '',
  error: { code, message: facts.message ?? errorTable[code].message },
  metadata: facts.metadata ?? {},
});

/** Success for exit code 0, else a failure that still carries the output (T3). */
export const ended = (end: EndFacts, output: string, metadata: ToolMetadata = {}): ToolResult => {
  const facts = { output, metadata: { ...metadata, exit_code: end.exitCode, signal: end.signal } };
  if (end.signal !== null)
    return failed('KILLED_BY_SIGNAL', { ...facts, message: `The command was ended by ${end.signal}.` });
  if (end.exitCode === 0) return succeeded(output, facts.metadata);
  const message =
    end.exitCode === null ? 'How the command ended is not known.' : `The command ended with exit code ${end.exitCode}.`;
  return failed('NON_ZERO_EXIT', { ...facts, message });
};

export const failedBy = (error: unknown, metadata: ToolMetadata = {}): ToolResult => {
  const { field, ...body } = toErrorBody(error);
  const details = error instanceof NavisError ? error.details : undefined;
  return {
    success: false,
    output: '',
    error: field === undefined ? body : { ...body, field },
    metadata: { ...metadata, ...details },
  };
};

/** A result as a person reads it in the conversation. */
import type { ToolResult } from '@navisai/protocol';

export const outputOf = ({ output, success, error, metadata }: ToolResult): string => {
  const { exit_code: exitCode, signal } = metadata;
  const remarks: string[] = [];
  if (typeof signal === 'string') remarks.push(`[ended by ${signal}]`);
  else if (typeof exitCode === 'number' && exitCode !== 0) remarks.push(`[exit code ${exitCode}]`);
  else if (!success) remarks.push(`[${error?.message ?? 'failed'}]`);
  return [output.trimEnd(), ...remarks].filter((part) => part !== '').join('\n');
};

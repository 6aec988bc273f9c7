/** A result as the model reads it: bounded, and with its end said in words. */
import type { ToolResult } from '@navisai/protocol';
import type { ToolAnswer } from '../agent.types.ts';
import { shortenMiddle } from './shorten-middle.ts';

/** Characters of one result. */
export const maxAnswerCharacters = 64 * 1024;
/** Of it, what an error and warnings may take. */
const maxRemarkCharacters = 4096;

export interface EndedCall {
  callId: string;
  tool: string;
  result: ToolResult;
}

export const toolAnswer = ({ callId, tool, result }: EndedCall): ToolAnswer => {
  const remarks = shortenMiddle(remarksOf(result).join('\n'), { max: maxRemarkCharacters, callId });
  const room = maxAnswerCharacters - remarks.length - 1;
  const output = shortenMiddle(result.output, { max: room, callId });
  const text = [output, remarks].filter((one) => one !== '').join('\n');
  return { callId, tool, output: text === '' ? '(no output)' : text, success: result.success };
};

const remarksOf = ({ success, error, metadata }: ToolResult): string[] => {
  const remarks: string[] = [];
  if (error !== undefined) {
    const field = error.field === undefined ? '' : ` (${error.field})`;
    remarks.push(`[Failed: ${error.message}${field} (${error.code})]`);
  } else if (!success) remarks.push('[Failed.]');
  const { exit_code: exitCode, signal, warnings } = metadata;
  if (typeof signal === 'string') remarks.push(`[Ended by the signal ${signal}.]`);
  else if (typeof exitCode === 'number' && (exitCode !== 0 || !success)) remarks.push(`[Exit code ${exitCode}.]`);
  for (const warning of warnings ?? []) remarks.push(`[Note: ${warning}]`);
  return remarks;
};

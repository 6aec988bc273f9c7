/** Once any of an answer was passed on, it cannot be asked for again: it would be told twice. */
import type { ModelError, ModelEvent } from '../agent.types.ts';

export const isContent = ({ type }: ModelEvent): boolean =>
  type === 'text' || type === 'thinking' || type === 'tool_call_piece' || type === 'tool_call';

/** The first line of what happened, as a sentence of a notice. */
export const inOneLine = ({ message }: ModelError): string => {
  const line = (message.split('\n', 1)[0] ?? '').slice(0, 300).trimEnd();
  return /[.!?…]$/.test(line) ? line : `${line}.`;
};

/** What the loop says, as the stream shows it. */
import { type AgentEvent, toolAnswer } from '@navisai/agent';
import type { Piece } from './run-stream.ts';

type Saying = Extract<AgentEvent, { type: 'delta' | 'call_delta' | 'result' }>;

/** Characters of an answer that the stream shows. */
const maxShown = 64 * 1024;

export const toPiece = (event: Saying): Piece => {
  if (event.type === 'delta') return { part: event.part, kind: event.kind, text: event.text };
  const { part, callId, tool } = event;
  if (event.type === 'call_delta') return { part, kind: 'tool_call', callId, tool, text: event.text };
  const { output, success } = toolAnswer(event);
  return { part, kind: 'tool_result', callId, tool, success, text: output.slice(0, maxShown) };
};

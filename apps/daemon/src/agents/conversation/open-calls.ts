/** Calls that have no result are made by the next run: no result may be lost while its call stays (N7). */
import { type AgentMessage, type ToolAnswer, unansweredCalls } from '@navisai/agent';
import { newId } from '@navisai/protocol';
import type { KeptMessage, NewMessage, StoreWriter } from '@navisai/store';
import type { KeptBody } from './agent-messages.ts';

export type OpenCall = ReturnType<typeof unansweredCalls>[number];

export const openCallsOf = (kept: readonly KeptMessage[]): OpenCall[] => unansweredCalls(withoutPersons(kept));

/** By the id of their calls. */
export const answersIn = (kept: readonly KeptMessage[]): Map<string, ToolAnswer> => {
  const results = withoutPersons(kept).flatMap((message) => (message.role === 'tool' ? message.results : []));
  return new Map(results.map((answer) => [answer.callId, answer]));
};

export const answersMessage = (
  results: ToolAnswer[],
  { sessionId, at }: Pick<NewMessage, 'sessionId' | 'at'>,
): NewMessage => ({
  id: newId('message'),
  sessionId,
  thread: '',
  kind: 'message',
  body: { message: { role: 'tool', results } } satisfies KeptBody,
  text: null,
  seq: null,
  runId: null,
  isWaiting: false,
  at,
});

/**
 * Sets a message and what came after it aside; false when it is not there. What is said before the results of calls stands
 * before them: of calls that stay, the results do too.
 */
export const setAsideFrom = async (
  { conversations }: StoreWriter,
  { sessionId, messageId, at }: { sessionId: string; messageId: string; at: string },
): Promise<boolean> => {
  const answers = answersIn(await conversations.outline(sessionId));
  if (!(await conversations.setAside(sessionId, messageId))) return false;
  const open = openCallsOf(await conversations.context(sessionId, ''));
  const results = open.flatMap(({ callId }) => answers.get(callId) ?? []);
  if (results.length > 0) await conversations.addMessage(answersMessage(results, { sessionId, at }));
  return true;
};

const withoutPersons = (kept: readonly KeptMessage[]): Exclude<AgentMessage, { role: 'user' }>[] =>
  kept.flatMap(({ body }) => {
    const given = body as KeptBody;
    const messages = 'messages' in given ? given.messages : [given.message];
    return messages.filter((message) => message.role !== 'user');
  });

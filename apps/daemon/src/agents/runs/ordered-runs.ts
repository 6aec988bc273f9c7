/** Runs that another service orders: what they are told, and what became of them (N8, A5). */
import type { AgentMessage } from '@navisai/agent';
import { newId, type Session } from '@navisai/protocol';
import type { NewMessage, RunRecord } from '@navisai/store';
import type { Actor, RunOutcome } from '../agents.types.ts';
import { personBody } from '../conversation/agent-messages.ts';
import type { LiveRunParts } from './live-run.types.ts';
import { orderOf } from './run-order.ts';
import { textOf } from './said.ts';

interface Task {
  session: Session;
  actor: Pick<Actor, 'requester'>;
  task: string;
  thread: string;
  runId: string;
}

/** In the conversation itself a task is shown as said; that of a sub-agent stands in the call that started it. */
export const addTask = async (
  { feed, now }: Pick<LiveRunParts, 'feed' | 'now'>,
  { session, actor, task, thread, runId }: Task,
): Promise<void> => {
  const id = newId('message');
  const message: NewMessage = {
    id,
    sessionId: session.id,
    thread,
    kind: 'message',
    body: personBody(task, []),
    runId,
    text: thread === '' ? task : null,
    seq: null,
    isWaiting: false,
    at: new Date(now()).toISOString(),
  };
  const { kind, name } = actor.requester;
  const author = { kind: kind === 'recall' || kind === 'mcp' ? kind : ('agent' as const), name };
  const stream = session.id;
  // What begins the run is on disk after it.
  await feed.apply(async ({ conversations, appendEvents }) => {
    if (thread !== '') return void (await conversations.addMessage(message));
    const data = { messageId: id, author, text: task, attachments: [], replaces: null };
    const [said] = await appendEvents([{ stream, sessionId: stream, type: 'message', data }]);
    await conversations.addMessage({ ...message, seq: said?.seq ?? null });
  });
};

/** Of a run that is over, or that another process left without an end. */
export const outcomeOf = async (
  { keeper, messages }: Pick<LiveRunParts, 'keeper' | 'messages'>,
  run: RunRecord,
): Promise<RunOutcome> => {
  const kept = await keeper.store.read.conversations.context(run.sessionId, orderOf(run)?.thread ?? run.id);
  const said = (await messages.read(kept)).findLast(
    (message): message is Extract<AgentMessage, { role: 'assistant' }> =>
      message.role === 'assistant' && textOf(message) !== '',
  );
  const reason = run.state === 'running' || run.state === 'waiting' ? 'interrupted' : run.state;
  return { runId: run.id, reason, answer: said === undefined ? '' : textOf(said), error: run.error };
};

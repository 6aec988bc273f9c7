/** What a command of a conversation shows and leaves: a stream of its own, and a note for the next run (A4, N9). */
import { defaultProfileId, mainNodeId, newId, type RunEndReason } from '@navisai/protocol';
import type { NewEvent, NewMessage, StoreFeed } from '@navisai/store';
import { nodeOfSession, type SettingsParts } from '../runs/run-order.ts';
import { noUsage } from '../runs/run-rows.ts';
import type { SessionRuns } from '../runs/session-runs.ts';
import type { CommandOrder } from './act-on-command.ts';
import { personBody } from './agent-messages.ts';

export interface CommandStreamParts extends SettingsParts {
  feed: StoreFeed;
  now: () => number;
  instanceId: string;
  runs: SessionRuns;
}

/** Of an output that the next run reads. */
const maxRemembered = 16 * 1024;

/** The call of a command is known by its stream, also after a restart. */
export const callOf = (streamId: string): string => streamId.replace(/^[^_]*/, 'c');

/** The stream of a command, so that viewers see it like a run. */
export const startStream = async (parts: CommandStreamParts, { session, streamId }: CommandOrder): Promise<void> => {
  const profile = session.agent?.profile ?? defaultProfileId;
  const { feed, now, instanceId } = parts;
  // What needs a node that cannot be told says so itself.
  const nodeId = (await nodeOfSession(session, parts).catch(() => null)) ?? mainNodeId;
  const data = { streamId, parent: null, continues: null, profile, model: null, nodeId, depth: 0 };
  await feed.transaction(async ({ conversations, appendEvents }) => {
    const [started] = await appendEvents([{ stream: session.id, sessionId: session.id, type: 'stream_start', data }]);
    const startSeq = started?.seq ?? 0;
    await conversations.startRun({
      id: streamId,
      sessionId: session.id,
      kind: 'command',
      parent: null,
      state: 'running',
      profile,
      model: null,
      nodeId,
      instanceId,
      order: null,
      startSeq,
      startedAt: new Date(now()).toISOString(),
      endedAt: null,
      usage: noUsage,
      error: null,
    });
  });
};

export interface CommandEnd {
  text: string;
  reason: RunEndReason;
}

export interface CommandShown {
  streamId: string;
  sessionId: string;
  /** As the person wrote it. */
  text: string;
}

/** The next run reads what was done, within bounds. */
export const endStream = async (
  parts: Pick<CommandStreamParts, 'feed' | 'now' | 'runs'>,
  shown: CommandShown,
  { text, reason }: CommandEnd,
): Promise<void> => {
  const { streamId, sessionId } = shown;
  const stream = sessionId;
  const endedAt = new Date(parts.now()).toISOString();
  const notice = { streamId, kind: 'command' as const, text: text.slice(0, maxNotice) };
  const last = { streamId, reason, usage: noUsage, error: null, canContinue: false };
  const events: NewEvent[] = [
    { stream, sessionId, type: 'stream_notice', data: notice },
    { stream, sessionId, type: 'stream_end', data: last },
  ];
  const told = `[I did this myself in our conversation: ${shorten(shown.text)}\nIt answered:]\n${shorten(text)}`;
  await parts.feed.transaction(async ({ conversations, appendEvents }) => {
    await appendEvents(events);
    await conversations.changeRun(streamId, { state: reason, endedAt });
    const note: NewMessage = {
      id: newId('message'),
      sessionId,
      thread: '',
      kind: 'note',
      body: personBody(told, []),
      text: null,
      seq: null,
      runId: streamId,
      isWaiting: parts.runs.current(sessionId) !== undefined,
      at: endedAt,
    };
    await conversations.addMessage(note);
  });
};

/** Of the schema. */
const maxNotice = 64 * 1024;

const shorten = (text: string): string => {
  if (text.length <= maxRemembered) return text;
  const half = maxRemembered / 2;
  return `${text.slice(0, half)}\n[${text.length - maxRemembered} characters left out]\n${text.slice(-half)}`;
};

/** Of a command whose hub left: how it ended is known at its machine only. */
export const interruptedText = (streamId: string): string =>
  [
    '[interrupted: the hub was restarted before this had answered. What it began at its machine may have ended or go on.',
    `If it ran a command, what that wrote is at navis://output/${callOf(streamId)}: ask the agent to read it there, or`,
    'look yourself, before you do it again.]',
  ].join(' ');

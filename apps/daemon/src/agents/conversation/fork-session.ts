/** A new conversation with what another holds, or held before one of its messages (A3). */
import { type ToolAnswer, toolAnswer } from '@navisai/agent';
import { type AgentSettings, NavisError, newId, type Session } from '@navisai/protocol';
import type { KeptMessage, NewEvent, StoreFeed, StoreKeeper, StoreWriter } from '@navisai/store';
import { noUsage } from '../runs/run-rows.ts';
import { answersIn, answersMessage, type OpenCall, openCallsOf } from './open-calls.ts';

export interface ForkParts {
  keeper: StoreKeeper;
  feed: StoreFeed;
  instanceId: string;
  now: () => number;
}

const pageRows = 500;
const maxTitle = 200;
/** What belongs to a conversation; terminals stay with the session they are in. */
const copied: ReadonlySet<string> = new Set([
  'message',
  'stream_start',
  'stream_delta',
  'stream_notice',
  'plan',
  'stream_end',
  'tool_started',
  'tool_call',
]);

/** Rejects NavisError CONFLICT for a session without an agent, NOT_FOUND when the message is not in it. */
export const forkSession = async (
  { keeper, feed, instanceId, now }: ForkParts,
  from: Session,
  before: string | undefined,
): Promise<Session> => {
  const { agent } = from;
  if (agent === undefined) throw new NavisError('CONFLICT', 'This session has no agent: there is nothing to fork.');
  const messages = await messagesBefore(keeper, from, before);
  const events = await eventsBefore(keeper, from, messages.endSeq);
  const id = newId('session');
  const createdAt = new Date(now()).toISOString();
  return feed.transaction(async (writer) => {
    const settings: AgentSettings = { ...agent, forkedFrom: from.id };
    const title = `${from.title} (fork)`.slice(0, maxTitle);
    const { kind, userId } = from;
    await writer.sessions.create({ id, kind, title, userId, instanceId, createdAt, agent: settings });
    for (const content of await writer.conversations.contents(from.id))
      await writer.conversations.addContent({ ...content, sessionId: id });
    const session = await writer.sessions.get(id);
    if (session === undefined) throw new NavisError('NOT_FOUND');
    const data = { change: 'created' as const, session: { ...session, seq: 1 } };
    await writer.appendEvents([{ stream: id, sessionId: id, type: 'session.update', data }]);
    const places = await copyEvents(writer, { to: id, events, ids: messages.ids });
    await copyMessages(writer, { to: id, messages, places });
    if (messages.results.length > 0)
      await writer.conversations.addMessage(answersMessage(messages.results, { sessionId: id, at: createdAt }));
    return (await writer.sessions.get(id)) ?? session;
  });
};

interface CopiedMessages {
  kept: KeptMessage[];
  /** What they are called in the fork. */
  ids: ReadonlyMap<string, string>;
  /** Of the calls that have none in what is kept. */
  results: ToolAnswer[];
  endSeq: number;
}

const messagesBefore = async (
  keeper: StoreKeeper,
  { id }: Session,
  before: string | undefined,
): Promise<CopiedMessages> => {
  const { conversations } = keeper.store.read;
  const outline = await conversations.outline(id);
  const end = outline.findIndex((message) => message.id === before);
  if (before !== undefined && end < 0)
    throw new NavisError('NOT_FOUND', 'There is no such message in this conversation.');
  const kept = before === undefined ? await conversations.context(id, '') : outline.slice(0, end);
  const endSeq = outline[end]?.seq ?? Number.MAX_SAFE_INTEGER;
  const known = answersIn(outline);
  const results = openCallsOf(kept).map((call) => known.get(call.callId) ?? answeredElsewhere(call));
  const ids = new Map(kept.map((message) => [message.id, newId('message')]));
  return { kept, ids, results, endSeq };
};

/** In the new conversation it would be another call, and be made again. */
const answeredElsewhere = ({ callId, tool }: OpenCall): ToolAnswer => {
  const message =
    'This call belongs to the conversation that was forked, and how it ends is told there. It was not made again. Look before doing so.';
  const error = { code: 'INTERRUPTED', message } as const;
  return toolAnswer({ callId, tool, result: { success: false, output: '', error, metadata: {} } });
};

/** With its place in the log that it is from; 0 for none. */
interface CopiedEvent {
  event: NewEvent;
  place: number;
}

/** Rows of the log; a stream that has no end in them gets one. */
const eventsBefore = async (keeper: StoreKeeper, { id }: Session, endSeq: number): Promise<CopiedEvent[]> => {
  const events: CopiedEvent[] = [];
  const open = new Set<string>();
  for (let after = 0; ;) {
    const page = await keeper.store.read.readEvents({ stream: id, after, limit: pageRows });
    for (const { event, seq = 0 } of page.events) {
      after = seq;
      if (seq >= endSeq || !copied.has(event.type)) continue;
      const { seq: _seq, ...data } = event.data as { seq?: number; streamId?: string };
      if (event.type === 'stream_start') open.add(data.streamId ?? '');
      if (event.type === 'stream_end') open.delete(data.streamId ?? '');
      events.push({ event: { stream: id, sessionId: id, type: event.type, data } as unknown as NewEvent, place: seq });
    }
    if (page.events.length < pageRows || after >= endSeq) break;
  }
  const ends = Array.from(open, (streamId): CopiedEvent => {
    const data = { streamId, reason: 'interrupted' as const, usage: noUsage, error: null, canContinue: false };
    return { event: { stream: id, sessionId: id, type: 'stream_end', data }, place: 0 };
  });
  return [...events, ...ends];
};

interface EventsToCopy {
  to: string;
  events: readonly CopiedEvent[];
  ids: CopiedMessages['ids'];
}

/** The places in the fork's log, by those in its source's. */
const copyEvents = async (
  { appendEvents }: StoreWriter,
  { to, events, ids }: EventsToCopy,
): Promise<Map<number, number>> => {
  const renamed = events.map(({ event }) => ({ ...event, data: withIds(event, ids), stream: to, sessionId: to }));
  const appended = await appendEvents(renamed as NewEvent[]);
  return new Map(events.map(({ place }, at) => [place, appended[at]?.seq ?? 0]));
};

const withIds = ({ type, data }: NewEvent, ids: CopiedMessages['ids']): object => {
  if (type !== 'message') return data;
  const { messageId, replaces } = data as { messageId: string; replaces: string | null };
  return { ...data, messageId: ids.get(messageId) ?? messageId, replaces: ids.get(replaces ?? '') ?? replaces };
};

interface MessagesToCopy {
  to: string;
  messages: CopiedMessages;
  places: ReadonlyMap<number, number>;
}

const copyMessages = async (
  { conversations }: StoreWriter,
  { to, messages, places }: MessagesToCopy,
): Promise<void> => {
  for (const { id, kind, body, text, at, seq } of messages.kept)
    await conversations.addMessage({
      id: messages.ids.get(id) ?? newId('message'),
      sessionId: to,
      thread: '',
      kind,
      body,
      text,
      at,
      seq: seq === null ? null : (places.get(seq) ?? null),
      runId: null,
      isWaiting: false,
    });
};

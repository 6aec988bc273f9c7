/** Writes event logs of conversations for tests: rows with `seq`, live pieces without. */
import { newId } from '@navisai/protocol';
import type { EventData, EventType, HubEvent, Usage } from '@navisai/protocol';

const sessionId = newId('session');
const epoch = Date.parse('2026-01-01T10:00:00.000Z');
export const usage: Usage = {
  inputTokens: 1200,
  outputTokens: 80,
  cachedInputTokens: 0,
  modelMs: 900,
  durationMs: 2000,
  turns: 2,
};

type Data<T extends EventType> = Omit<EventData<T>, 'seq'>;

/** Makes rows one after the other. */
export const createLog = () => {
  const rows: HubEvent[] = [];
  const timestamp = (): string => new Date(epoch + rows.length * 1000).toISOString();
  const add = <T extends EventType>(type: T, data: Data<T>): HubEvent => {
    const event = { type, sessionId, data: { ...data, seq: rows.length + 1 }, timestamp: timestamp() };
    rows.push(event as unknown as HubEvent);
    return event as unknown as HubEvent;
  };
  return {
    rows,
    add,
    live: (data: EventData<'stream_delta'>): HubEvent => ({
      type: 'stream_delta',
      sessionId,
      data,
      timestamp: timestamp(),
    }),
    say: (text: string, more: Partial<Data<'message'>> = {}): string => {
      const messageId = more.messageId ?? newId('message');
      const author = { kind: 'person', name: 'phone' } as const;
      add('message', { author, text, attachments: [], replaces: null, ...more, messageId });
      return messageId;
    },
    start: (more: Partial<Data<'stream_start'>> = {}): string => {
      const streamId = more.streamId ?? newId('run');
      const facts = {
        parent: null,
        continues: null,
        profile: 'developer',
        model: 'test/one',
        nodeId: 'main',
        depth: 0,
      };
      add('stream_start', { ...facts, ...more, streamId });
      return streamId;
    },
    end: (streamId: string, more: Partial<Data<'stream_end'>> = {}) =>
      add('stream_end', { reason: 'completed', usage, error: null, canContinue: false, ...more, streamId }),
    call: (streamId: string, part: number, given: { callId: string; tool?: string; text?: string }) =>
      add('stream_delta', {
        streamId,
        part,
        kind: 'tool_call',
        offset: 0,
        text: given.text ?? '{"action":"run","command":"ls"}',
        callId: given.callId,
        tool: given.tool ?? 'terminal',
      }),
  };
};

export type ConversationLog = ReturnType<typeof createLog>;

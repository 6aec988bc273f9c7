/** Writes rows into the log of a session as the hub does, for pages that are to show much. */
import { join } from 'node:path';
import { openSqliteStore } from '@navisai/store';
import type { NewEvent } from '@navisai/store';
import { newId } from '@navisai/protocol';
import type { EventData, EventType } from '@navisai/protocol';

type Data<T extends EventType> = Omit<EventData<T>, 'seq'>;

export class EventWriter {
  readonly #sessionId: string;
  readonly #rows: NewEvent[] = [];

  constructor(sessionId: string) {
    this.#sessionId = sessionId;
  }

  get count(): number {
    return this.#rows.length;
  }

  add<T extends EventType>(type: T, data: Data<T>): this {
    this.#rows.push({ type, data, stream: this.#sessionId, sessionId: this.#sessionId } as unknown as NewEvent);
    return this;
  }

  say(text: string, more: Partial<Data<'message'>> = {}): string {
    const messageId = newId('message');
    const author = { kind: 'person', name: 'phone' } as const;
    this.add('message', { messageId, author, text, attachments: [], replaces: null, ...more });
    return messageId;
  }

  start(more: Partial<Data<'stream_start'>> = {}): string {
    const streamId = newId('run');
    const facts = {
      parent: null,
      continues: null,
      profile: 'developer',
      model: 'ollama/qwen3:8b',
      nodeId: 'main',
      depth: 0,
    };
    this.add('stream_start', { streamId, ...facts, ...more });
    return streamId;
  }

  part(
    streamId: string,
    part: number,
    given: Pick<Data<'stream_delta'>, 'kind' | 'text'> & Partial<Data<'stream_delta'>>,
  ) {
    return this.add('stream_delta', { streamId, part, offset: 0, ...given });
  }

  /** A call as an agent makes it; without an answer it still runs. */
  call(
    streamId: string,
    part: number,
    given: { tool: string; arguments: object; answer?: string; success?: boolean; exitCode?: number; tookMs?: number },
  ): string {
    const callId = newId('call');
    const { tool, answer, success = true } = given;
    const text = JSON.stringify(given.arguments);
    this.part(streamId, part, { kind: 'tool_call', text, callId, tool });
    const facts = { callId, tool, nodeId: 'main' };
    const summary = text.slice(0, 500);
    this.add('tool_started', { ...facts, action: null, summary, userId: 'u_owner', origin: 'agent' });
    if (answer === undefined) return callId;
    const exitCode = given.exitCode ?? (success ? 0 : 1);
    const durationMs = given.tookMs ?? 240;
    this.add('tool_call', { ...facts, success, error: success ? null : 'EXIT_CODE', exitCode, durationMs });
    this.part(streamId, part + 1, { kind: 'tool_result', text: answer, callId, tool, success });
    return callId;
  }

  end(streamId: string, more: Partial<Data<'stream_end'>> = {}): this {
    const usage = {
      inputTokens: 18_240,
      outputTokens: 1_312,
      cachedInputTokens: 9_000,
      modelMs: 21_000,
      durationMs: 34_500,
      turns: 6,
    };
    return this.add('stream_end', { streamId, reason: 'completed', usage, error: null, canContinue: false, ...more });
  }

  /** Keeps everything in the store of a hub; pages that are open do not hear of it. */
  async write(home: string): Promise<void> {
    await using store = await openSqliteStore({ file: join(home, 'store', 'navis.db') });
    for (let from = 0; from < this.#rows.length; from += 500)
      await store.appendEvents(this.#rows.slice(from, from + 500));
  }
}

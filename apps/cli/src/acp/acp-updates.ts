/** The events of a conversation as the updates that editors know (I19). */
import type { SessionUpdate, ToolKind } from '@agentclientprotocol/sdk';
import type { EventData, HubEvent } from '@navisai/protocol';

interface ShownCall {
  tool: string;
  argumentsText: string;
  isShown: boolean;
}

const maxTitleLength = 200;
const kinds: Readonly<Record<string, ToolKind>> = {
  terminal: 'execute',
  remote_terminal: 'execute',
  code_exec: 'execute',
  ssh_exec: 'execute',
  'filesystem.read': 'read',
  'filesystem.list': 'search',
  'filesystem.find': 'search',
  'filesystem.grep': 'search',
  'filesystem.diff': 'read',
  'filesystem.write': 'edit',
  'filesystem.edit': 'edit',
  'filesystem.copy': 'move',
  'filesystem.move': 'move',
  'filesystem.delete': 'delete',
};

/** Pieces may come twice, live and kept: each is told once. */
export class AcpUpdates {
  readonly #shown = new Map<string, number>();
  readonly #calls = new Map<string, ShownCall>();
  readonly #nested = new Set<string>();

  take(event: HubEvent): SessionUpdate[] {
    switch (event.type) {
      case 'stream_start':
        if (event.data.parent !== null) this.#nested.add(event.data.streamId);
        return [];
      case 'stream_delta':
        return this.#delta(event.data);
      case 'tool_started':
        return this.#started(event.data);
      case 'plan':
        return [{ sessionUpdate: 'plan', entries: event.data.entries.map(toPlanEntry) }];
      case 'stream_notice':
        return [textUpdate('agent_thought_chunk', `${event.data.text}\n`)];
      default:
        return [];
    }
  }

  /** What was said by the person, for a conversation that is loaded again. */
  said({ text }: EventData<'message'>): SessionUpdate {
    return { sessionUpdate: 'user_message_chunk', content: { type: 'text', text } };
  }

  #delta(delta: EventData<'stream_delta'>): SessionUpdate[] {
    const key = `${delta.streamId}/${delta.part}`;
    const shown = this.#shown.get(key) ?? 0;
    const fresh = delta.text.slice(Math.max(0, shown - delta.offset));
    const isRepeat = this.#shown.has(key) && fresh === '';
    this.#shown.set(key, Math.max(shown, delta.offset + delta.text.length));
    if (isRepeat) return [];
    if (delta.kind === 'tool_call') return this.#arguments(delta, fresh);
    if (delta.kind === 'tool_result') return this.#result(delta);
    if (this.#nested.has(delta.streamId)) return [];
    return [textUpdate(delta.kind === 'text' ? 'agent_message_chunk' : 'agent_thought_chunk', fresh)];
  }

  #arguments({ callId, tool }: EventData<'stream_delta'>, fresh: string): SessionUpdate[] {
    if (callId === undefined) return [];
    const call = this.#calls.get(callId) ?? { tool: tool ?? '', argumentsText: '', isShown: false };
    call.argumentsText += fresh;
    this.#calls.set(callId, call);
    return [];
  }

  #started({ callId, tool, action, summary }: EventData<'tool_started'>): SessionUpdate[] {
    const call = this.#calls.get(callId) ?? { tool, argumentsText: '', isShown: false };
    if (call.isShown) return [];
    this.#calls.set(callId, { ...call, isShown: true });
    const title = `${tool}${action === null ? '' : ` ${action}`}: ${summary}`.slice(0, maxTitleLength);
    const kind = kinds[`${tool}.${action}`] ?? kinds[tool] ?? 'other';
    const rawInput = parse(call.argumentsText);
    return [{ sessionUpdate: 'tool_call', toolCallId: callId, title, kind, status: 'in_progress', rawInput }];
  }

  #result({ callId, tool, text, success }: EventData<'stream_delta'>): SessionUpdate[] {
    if (callId === undefined) return [];
    const call = this.#calls.get(callId);
    this.#calls.delete(callId);
    const ended = {
      status: success === false ? ('failed' as const) : ('completed' as const),
      content: [{ type: 'content' as const, content: { type: 'text' as const, text } }],
    };
    if (call?.isShown === true) return [{ sessionUpdate: 'tool_call_update', toolCallId: callId, ...ended }];
    const title = call?.tool ?? tool ?? 'tool';
    return [{ sessionUpdate: 'tool_call', toolCallId: callId, title, kind: 'other', ...ended }];
  }
}

const textUpdate = (sessionUpdate: 'agent_message_chunk' | 'agent_thought_chunk', text: string): SessionUpdate => ({
  sessionUpdate,
  content: { type: 'text', text },
});

const toPlanEntry = ({ content, status, priority = 'medium' }: EventData<'plan'>['entries'][number]) => ({
  content,
  status,
  priority,
});

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

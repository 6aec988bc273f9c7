/** The events of a conversation as the updates that editors know (I19). */
import type { SessionUpdate, ToolKind } from '@agentclientprotocol/sdk';
import { type CallItem, ConversationChanges, type ItemChange } from '@navisai/client';
import type { EventData, HubEvent } from '@navisai/protocol';
import { howItEnded } from '../chat/how-it-ended.ts';
import { printableLines } from '../output/printable.ts';

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

type Change<Kind extends ItemChange['kind']> = Extract<ItemChange, { kind: Kind }>;

export class AcpUpdates {
  readonly #changes = new ConversationChanges();

  /** What the person says is not told: the editor said it. */
  take(event: HubEvent): SessionUpdate[] {
    const change = this.#changes.take(event);
    switch (change?.kind) {
      case 'text':
      case 'thinking':
        return this.#text(change);
      case 'call':
        return this.#call(change);
      case 'plan':
        return [{ sessionUpdate: 'plan', entries: change.item.entries.map(toPlanEntry) }];
      case 'notice':
        return [textUpdate('agent_thought_chunk', `${change.item.text}\n`)];
      case 'end':
        return this.#end(change);
      default:
        return [];
    }
  }

  /** What was said by the person, for a conversation that is loaded again. */
  said({ text }: EventData<'message'>): SessionUpdate {
    return { sessionUpdate: 'user_message_chunk', content: { type: 'text', text } };
  }

  #text({ kind, before, item, isNested }: Change<'text'> | Change<'thinking'>): SessionUpdate[] {
    const fresh = item.body.text.slice(before?.body.text.length ?? 0);
    if (isNested || fresh === '') return [];
    return [textUpdate(kind === 'text' ? 'agent_message_chunk' : 'agent_thought_chunk', fresh)];
  }

  /** Why it did not complete, as the last words of the run. */
  #end({ item: { reason, error }, isNested }: Change<'end'>): SessionUpdate[] {
    if (isNested || reason === null || reason === 'completed' || reason === 'stopped') return [];
    return [textUpdate('agent_message_chunk', `\n\n${printableLines(howItEnded({ reason, error }))}\n`)];
  }

  #call({ before, item }: Change<'call'>): SessionUpdate[] {
    if (item.result !== null && (before?.result ?? null) === null) return [this.#result(item, item.result.text)];
    if (item.started !== null && (before?.started ?? null) === null && item.result === null)
      return [this.#started(item, item.started)];
    return [];
  }

  #started(item: CallItem, { tool, action, summary }: EventData<'tool_started'>): SessionUpdate {
    const title = `${tool}${action === null ? '' : ` ${action}`}: ${summary}`.slice(0, maxTitleLength);
    const kind = kinds[`${tool}.${action}`] ?? kinds[tool] ?? 'other';
    const rawInput = parse(item.arguments.text);
    return { sessionUpdate: 'tool_call', toolCallId: item.callId, title, kind, status: 'in_progress', rawInput };
  }

  #result({ callId, tool, started, success }: CallItem, text: string): SessionUpdate {
    const ended = {
      status: success === false ? ('failed' as const) : ('completed' as const),
      content: [{ type: 'content' as const, content: { type: 'text' as const, text } }],
    };
    if (started !== null) return { sessionUpdate: 'tool_call_update', toolCallId: callId, ...ended };
    return { sessionUpdate: 'tool_call', toolCallId: callId, title: tool || 'tool', kind: 'other', ...ended };
  }
}

export const textUpdate = (
  sessionUpdate: 'agent_message_chunk' | 'agent_thought_chunk',
  text: string,
): SessionUpdate => ({
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

/** What an ACP agent tells while it works, as the events of a run (I19, N9). */
import type { Diff, SessionUpdate, ToolCallContent, ToolCallUpdate } from '@agentclientprotocol/sdk';
import type { AgentEvent } from '@navisai/agent';
import { fileDiff } from '@navisai/machine';
import type { ToolResult } from '@navisai/protocol';

type Kind = 'text' | 'thinking';

interface ShownCall {
  callId: string;
  tool: string;
  title: string;
  content: ToolCallContent[];
  rawInput: unknown;
  isEnded: boolean;
}

/** Calls of one prompt that are remembered; further ones are not shown. */
const maxCalls = 2_000;
/** Of what was said in one prompt, this much is kept in one message; all of it was shown. */
const maxSaidCharacters = 1024 * 1024;

/** One for each prompt: parts count from 0 within a run. */
export class AcpEvents {
  readonly #newCallId: () => string;
  readonly #calls = new Map<string, ShownCall>();
  #parts = 0;
  #open: { kind: Kind; part: number } | undefined;
  #text = '';

  constructor(newCallId: () => string) {
    this.#newCallId = newCallId;
  }

  /** What the agent said so far in this prompt. */
  get text(): string {
    return this.#text;
  }

  /** The id under which a call of the agent is shown. */
  callIdOf(toolCallId: string): string | undefined {
    return this.#calls.get(toolCallId)?.callId;
  }

  take(update: SessionUpdate): AgentEvent[] {
    switch (update.sessionUpdate) {
      case 'agent_message_chunk':
        return this.#piece('text', update.content.type === 'text' ? update.content.text : `[${update.content.type}]`);
      case 'agent_thought_chunk':
        return this.#piece('thinking', update.content.type === 'text' ? update.content.text : '');
      case 'tool_call':
      case 'tool_call_update':
        return this.#call(update);
      default:
        return [];
    }
  }

  /** What is still open when the prompt ends. */
  end(reason: string): AgentEvent[] {
    return [...this.#calls.values()].filter(({ isEnded }) => !isEnded).flatMap((call) => this.#result(call, reason));
  }

  #piece(kind: Kind, text: string): AgentEvent[] {
    if (text === '') return [];
    if (this.#open?.kind !== kind) this.#open = { kind, part: this.#nextPart() };
    if (kind === 'text' && this.#text.length < maxSaidCharacters)
      this.#text = this.#text.length + text.length < maxSaidCharacters ? this.#text + text : `${this.#text}\n[…]`;
    return [{ type: 'delta', part: this.#open.part, kind, text }];
  }

  #call(update: ToolCallUpdate): AgentEvent[] {
    const known = this.#calls.get(update.toolCallId);
    if (known === undefined && this.#calls.size >= maxCalls) return [];
    const call = known ?? this.#learn(update);
    if (update.content !== undefined && update.content !== null) call.content = update.content;
    if (update.rawInput !== undefined) call.rawInput = update.rawInput;
    if (update.title !== undefined && update.title !== null) call.title = update.title;
    const events = known === undefined ? this.#begin(call) : [];
    const hasEnded = update.status === 'completed' || update.status === 'failed';
    if (hasEnded && !call.isEnded) events.push(...this.#result(call, update.status === 'failed' ? 'failed' : null));
    return events;
  }

  #learn({ toolCallId, kind, title }: ToolCallUpdate): ShownCall {
    const call = {
      callId: this.#newCallId(),
      tool: kind ?? 'other',
      title: title ?? '',
      content: [],
      rawInput: undefined,
      isEnded: false,
    };
    this.#calls.set(toolCallId, call);
    return call;
  }

  #begin({ callId, tool, title, rawInput }: ShownCall): AgentEvent[] {
    this.#open = undefined;
    const text = JSON.stringify({ title, ...(rawInput === undefined ? {} : { input: rawInput }) });
    return [{ type: 'call_delta', part: this.#nextPart(), callId, tool, text }];
  }

  #result(call: ShownCall, failure: string | null): AgentEvent[] {
    call.isEnded = true;
    this.#open = undefined;
    const output = call.content.map(inWords).join('\n');
    call.content = [];
    const result: ToolResult =
      failure === null
        ? { success: true, output, metadata: {} }
        : { success: false, output, error: { code: 'NON_ZERO_EXIT', message: `It ${failure}.` }, metadata: {} };
    return [{ type: 'result', part: this.#nextPart(), callId: call.callId, tool: call.tool, result }];
  }

  #nextPart(): number {
    const part = this.#parts;
    this.#parts += 1;
    return part;
  }
}

const inWords = (content: ToolCallContent): string => {
  switch (content.type) {
    case 'content':
      return content.content.type === 'text' ? content.content.text : `[${content.content.type}]`;
    case 'diff':
      return diffInWords(content);
    case 'terminal':
      return `[terminal ${content.terminalId}]`;
    default:
      return '';
  }
};

/** As `filesystem` tells what it changed. */
const diffInWords = ({ path, oldText, newText }: Diff): string =>
  fileDiff({
    before: Buffer.from(oldText ?? ''),
    after: Buffer.from(newText),
    beforeName: path,
    afterName: path,
  }).text.trimEnd();

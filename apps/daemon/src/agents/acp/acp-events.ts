/** What an ACP agent tells while it works, as the events of a run (I19, N9). */
import type {
  Diff,
  PlanEntry as AcpPlanEntry,
  SessionUpdate,
  ToolCallContent,
  ToolCallStatus,
  ToolCallUpdate,
} from '@agentclientprotocol/sdk';
import type { AgentEvent } from '@navisai/agent';
import { fileDiff } from '@navisai/machine';
import { maxPlanEntries, maxPlanEntryCharacters, type PlanEntry, type ToolResult } from '@navisai/protocol';

type Kind = 'text' | 'thinking';

/** Whole each time. */
export interface ToldPlan {
  type: 'plan';
  entries: PlanEntry[];
}

interface ShownCall {
  callId: string;
  tool: string;
  title: string;
  content: ToolCallContent[];
  rawInput: unknown;
  status: ToolCallStatus;
  part: number;
  /** JSON of each value that was shown. */
  shown: Map<string, string>;
  /** How often something of it was shown. */
  pieces: number;
  /** What it was given is all shown, and its JSON has its end. */
  isWhole: boolean;
  isEnded: boolean;
}

/** Calls of one prompt that are remembered; further ones are not shown. */
const maxCalls = 2_000;
/** Changes of what one call is given that are shown as they come; what it was given in the end always is. */
const maxPieces = 16;
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

  take(update: SessionUpdate): (AgentEvent | ToldPlan)[] {
    switch (update.sessionUpdate) {
      case 'agent_message_chunk':
        return this.#piece('text', update.content.type === 'text' ? update.content.text : `[${update.content.type}]`);
      case 'agent_thought_chunk':
        return this.#piece('thinking', update.content.type === 'text' ? update.content.text : '');
      case 'tool_call':
      case 'tool_call_update':
        return this.#call(update);
      case 'plan':
        return [{ type: 'plan', entries: asPlan(update.entries) }];
      default:
        return [];
    }
  }

  /** What is still open when the prompt ends. */
  end(reason: string): AgentEvent[] {
    const open = [...this.#calls.values()].filter(({ isEnded }) => !isEnded);
    return open.flatMap((call) => [...this.#show(call, true), ...this.#result(call, reason)]);
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
    call.title = update.title ?? call.title;
    call.tool = update.kind ?? call.tool;
    call.status = update.status ?? call.status;
    const hasEnded = call.status === 'completed' || call.status === 'failed';
    const events = this.#show(call, hasEnded);
    if (hasEnded && !call.isEnded) events.push(...this.#result(call, call.status === 'failed' ? 'failed' : null));
    return events;
  }

  #learn({ toolCallId }: ToolCallUpdate): ShownCall {
    this.#open = undefined;
    const call: ShownCall = {
      callId: this.#newCallId(),
      tool: 'other',
      title: '',
      content: [],
      rawInput: undefined,
      status: 'pending',
      part: this.#nextPart(),
      shown: new Map(),
      pieces: 0,
      isWhole: false,
      isEnded: false,
    };
    this.#calls.set(toolCallId, call);
    return call;
  }

  /** An agent may tell a call before it knows what that is given. What was shown can only be added to: its JSON stays open until then. */
  #show(call: ShownCall, isLast: boolean): AgentEvent[] {
    if (call.isWhole || (call.pieces >= maxPieces && !isLast)) return [];
    const { callId, tool, part, shown } = call;
    let text = '';
    for (const [name, value] of Object.entries({ title: call.title, input: call.rawInput })) {
      const json = isNothing(value) ? undefined : JSON.stringify(value);
      if (json === undefined || shown.get(name) === json) continue;
      text += `${shown.size === 0 ? '{' : ','}${JSON.stringify(name)}:${json}`;
      shown.set(name, json);
    }
    call.isWhole = isLast || (shown.has('input') && call.status !== 'pending');
    if (call.isWhole) {
      text += '}';
      shown.clear();
    }
    if (text === '') return [];
    call.pieces += 1;
    return [{ type: 'call_delta', part, callId, tool, text }];
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

/** No larger than a plan may be. */
const asPlan = (entries: readonly AcpPlanEntry[]): PlanEntry[] =>
  entries.slice(0, maxPlanEntries).map(({ content, status, priority }) => ({
    content: shortened(content, maxPlanEntryCharacters),
    status,
    priority,
  }));

const isNothing = (value: unknown): boolean =>
  value === undefined || value === null || (typeof value === 'object' && Object.keys(value).length === 0);

const shortened = (text: string, max: number): string =>
  text.length > max ? `${text.slice(0, max - 1).toWellFormed()}…` : text;

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

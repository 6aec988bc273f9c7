/** Writes the events of a conversation as they come: what the agent says to stdout, what it does beside it. */
import type { EventData, HubEvent } from '@navisai/protocol';
import type { Output } from '../output/output.ts';
import { printable, printableLines, toJson } from '../output/printable.ts';

const maxSummaryLength = 160;
const maxShownResultLines = 6;

/** A call of a tool while it goes on. */
interface ShownCall {
  tool: string;
  argumentsText: string;
}

export class Transcript {
  readonly #output: Output;
  /** Characters of each part that were shown already: pieces come live and once more when they were kept. */
  readonly #shown = new Map<string, number>();
  readonly #calls = new Map<string, ShownCall>();
  /** Streams of sub-agents: what they say is their parent's business. */
  readonly #nested = new Set<string>();
  #isInText = false;

  constructor(output: Output) {
    this.#output = output;
  }

  show(event: HubEvent): void {
    if (this.#output.isJson) return this.#output.line(toJson(event));
    switch (event.type) {
      case 'stream_start':
        if (event.data.parent !== null) this.#nested.add(event.data.streamId);
        return;
      case 'stream_delta':
        return this.#showDelta(event.data);
      case 'stream_notice':
        return this.#showNotice(event.data);
      case 'plan':
        return this.#showPlan(event.data);
      case 'tool_started':
        return this.#aside(`● ${callTitle(event.data)}`);
      case 'tool_call':
        return this.#aside(`  ${callEnd(event.data)}`);
      case 'stream_end':
        return this.#showEnd(event.data);
      default:
    }
  }

  /** Ends a line of text that is still open. */
  breakLine(): void {
    if (!this.#isInText) return;
    this.#output.line();
    this.#isInText = false;
  }

  #showDelta(delta: EventData<'stream_delta'>): void {
    const fresh = this.#freshText(delta);
    if (fresh === '' && delta.kind !== 'tool_result') return;
    if (delta.kind === 'tool_call') return this.#learnCall(delta, fresh);
    if (delta.kind === 'tool_result') return this.#showResult(delta);
    if (this.#nested.has(delta.streamId)) return;
    if (delta.kind === 'thinking') return this.#showThinking(fresh);
    this.#output.raw(printableLines(fresh));
    this.#isInText = !fresh.endsWith('\n');
  }

  #freshText({ streamId, part, offset, text }: EventData<'stream_delta'>): string {
    const key = `${streamId}/${part}`;
    const shown = this.#shown.get(key) ?? 0;
    const end = offset + text.length;
    if (end <= shown) return '';
    this.#shown.set(key, end);
    return text.slice(Math.max(0, shown - offset));
  }

  /** Only for people: it is no answer. */
  #showThinking(text: string): void {
    if (!this.#output.isTerminal) return;
    this.#output.raw(this.#output.colors.dim(printableLines(text)));
    this.#isInText = !text.endsWith('\n');
  }

  #learnCall({ callId, tool }: EventData<'stream_delta'>, fresh: string): void {
    if (callId === undefined) return;
    const known = this.#calls.get(callId);
    const argumentsText = (known?.argumentsText ?? '') + fresh;
    this.#calls.set(callId, { tool: tool ?? known?.tool ?? '', argumentsText });
  }

  #showResult({ callId, success, text, offset }: EventData<'stream_delta'>): void {
    if (callId === undefined || offset > 0 || !this.#calls.delete(callId) || success !== false) return;
    const lines = printableLines(text).trim().split('\n');
    for (const line of lines.slice(0, maxShownResultLines)) this.#aside(`  │ ${line}`);
    if (lines.length > maxShownResultLines) this.#aside(`  │ … ${lines.length - maxShownResultLines} lines more`);
  }

  #showNotice({ kind, text, content }: EventData<'stream_notice'>): void {
    if (kind === 'command') {
      this.breakLine();
      return this.#output.line(printableLines(text).replace(/\n$/, ''));
    }
    this.#aside(content === undefined ? printable(text) : `📎 ${printable(content.name)} (${content.sizeBytes} bytes)`);
  }

  #showPlan({ entries }: EventData<'plan'>): void {
    const marks = { completed: '✓', in_progress: '▸', pending: '○' } as const;
    for (const { content, status } of entries) this.#aside(`  ${marks[status]} ${printable(content)}`);
  }

  #showEnd({ streamId, reason, error, usage }: EventData<'stream_end'>): void {
    this.breakLine();
    if (this.#nested.has(streamId)) return;
    if (error !== null) this.#output.remark(`navisai: ${printable(error.message)}`);
    else if (reason !== 'completed') this.#output.remark(`navisai: ${reason}`);
    if (this.#output.isTerminal && usage.turns > 0)
      this.#aside(`${usage.inputTokens + usage.outputTokens} tokens · ${Math.round(usage.durationMs / 100) / 10} s`);
  }

  /** Beside the answer: on stderr where stdout goes to a program. */
  #aside(text: string): void {
    this.breakLine();
    const { isTerminal, colors, errorColors } = this.#output;
    if (isTerminal) this.#output.line(colors.dim(text));
    else this.#output.remark(errorColors.dim(text));
  }
}

const callTitle = ({ tool, action, summary, nodeId }: EventData<'tool_started'>): string =>
  `${tool}${action === null ? '' : ` ${action}`}  ${printable(summary, maxSummaryLength)}  (${printable(nodeId)})`;

const callEnd = ({ success, error, exitCode, durationMs }: EventData<'tool_call'>): string => {
  const end = success ? '✓' : `✗ ${printable(error ?? 'failed')}`;
  const code = exitCode === null ? '' : ` exit ${exitCode}`;
  return `${end}${code} · ${Math.round(durationMs / 100) / 10} s`;
};

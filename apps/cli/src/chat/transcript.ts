/** Writes a conversation as it goes on: what the agent says to stdout, what it does beside it. */
import { type CallItem, ConversationChanges, type ItemChange } from '@navisai/client';
import type { HubEvent } from '@navisai/protocol';
import type { Output } from '../output/output.ts';
import { printable, printableLines, toJson } from '../output/printable.ts';
import type { ChatScreen } from './chat-screen.ts';
import { EachOnce } from './each-once.ts';
import { howItEnded } from './how-it-ended.ts';
import { MarkdownColors } from './markdown-colors.ts';

const maxSummaryLength = 160;
const maxShownResultLines = 6;

type Change<Kind extends ItemChange['kind']> = Extract<ItemChange, { kind: Kind }>;

export interface TranscriptOptions {
  output: Output;
  screen: ChatScreen;
  sessionId: string;
  nodeNames: ReadonlyMap<string, string>;
}

export class Transcript {
  readonly #output: Output;
  readonly #screen: ChatScreen;
  readonly #sessionId: string;
  readonly #nodeNames: ReadonlyMap<string, string>;
  readonly #changes = new ConversationChanges();
  readonly #once = new EachOnce();
  readonly #markdown: MarkdownColors;
  /** Of the text that was written last. */
  #open: string | null = null;
  /** The call whose title was written last: another one is named where it ends. */
  #lastCall: string | null = null;
  /** Calls that were answered, and whose end the machine has not told yet. */
  readonly #unended = new Map<string, () => void>();
  /** Streams of what the person did: their notice tells how it ended. */
  readonly #commands = new Set<string>();

  /** `nodeNames` by id; it may be filled later. */
  constructor({ output, screen, sessionId, nodeNames }: TranscriptOptions) {
    this.#output = output;
    this.#screen = screen;
    this.#sessionId = sessionId;
    this.#nodeNames = nodeNames;
    this.#markdown = new MarkdownColors(output.colors);
  }

  show(event: HubEvent): void {
    if (this.#output.isJson) return this.#showJson(event);
    const change = this.#changes.take(event);
    if (change === undefined) return;
    switch (change.kind) {
      case 'text':
      case 'thinking':
        return this.#showText(change);
      case 'call':
        return this.#showCall(change);
      case 'notice':
        return this.#showNotice(change);
      case 'plan':
        return this.#showPlan(change);
      case 'end':
        return this.#showEnd(change);
      default:
    }
  }

  #showJson(event: HubEvent): void {
    const fresh = this.#once.take(event);
    if (fresh !== undefined) this.#output.line(toJson(fresh));
  }

  /** Ends a text that is still open. */
  breakLine(): void {
    if (this.#open === null) return;
    this.#open = null;
    this.#screen.answer(this.#markdown.end());
    this.#screen.breakLine();
  }

  /** What a sub-agent says is its parent's business; what a model thinks is no answer. */
  #showText({ kind, before, item, isNested }: Change<'text'> | Change<'thinking'>): void {
    const fresh = printableLines(item.body.text.slice(before?.body.text.length ?? 0));
    if (isNested || fresh === '' || (kind === 'thinking' && !this.#output.isTerminal)) return;
    this.#tellEnds();
    if (this.#open !== item.key) this.breakLine();
    this.#open = item.key;
    const { isTerminal, colors } = this.#output;
    if (kind === 'thinking') this.#screen.answer(colors.dim(fresh));
    else this.#screen.answer(isTerminal ? this.#markdown.take(fresh) : fresh);
  }

  #showCall({ before, item, isNested }: Change<'call'>): void {
    const { started, result, success } = item;
    const indent = isNested ? '  ' : '';
    if (started !== null && (before?.started ?? null) === null) this.#showTitle(item, indent);
    if (result !== null && (before?.result ?? null) === null && success === false) {
      if (this.#lastCall !== item.callId) this.#showTitle(item, indent);
      this.#showFailure(result.text, indent);
    }
    if (item.ended !== null && (before?.ended ?? null) === null) return this.#showCallEnd(item, indent);
    // Why it failed was just told; how long the others took comes soon.
    if (result !== null && (before?.result ?? null) === null && item.ended === null && success !== false)
      this.#unended.set(item.callId, () => this.#showCallEnd(item, indent));
  }

  /** Once for each call. */
  #showCallEnd(item: CallItem, indent: string): void {
    const isTold = item.result !== null && !this.#unended.delete(item.callId) && item.success !== false;
    if (isTold) return;
    const named = this.#lastCall === item.callId ? '' : ` ${nameOf(item)}`;
    this.#aside(`${indent}  ${callEnd(item, named)}`);
  }

  /** What the machine has not told the end of, before something else is told. */
  #tellEnds(): void {
    for (const tell of Array.from(this.#unended.values())) tell();
  }

  #showTitle(item: CallItem, indent: string): void {
    this.#lastCall = item.callId;
    const { started } = item;
    const summary = started === null || started.summary === '' ? [] : [printable(started.summary, maxSummaryLength)];
    const node = started === null ? [] : [`(${printable(this.#nodeNames.get(started.nodeId) ?? started.nodeId)})`];
    this.#aside(`${indent}● ${[nameOf(item), ...summary, ...node].join('  ')}`);
  }

  #showFailure(text: string, indent: string): void {
    const lines = printableLines(text).trim().split('\n');
    for (const line of lines.slice(0, maxShownResultLines)) this.#aside(`${indent}  │ ${line}`);
    if (lines.length > maxShownResultLines)
      this.#aside(`${indent}  │ … ${lines.length - maxShownResultLines} lines more`);
  }

  #showNotice({ item: { streamId, notice, text, content } }: Change<'notice'>): void {
    if (notice === 'command') {
      this.#commands.add(streamId);
      this.breakLine();
      this.#screen.answer(`${printableLines(text).replace(/\n$/, '')}\n`);
      return;
    }
    this.#aside(content === null ? printable(text) : `📎 ${printable(content.name)} (${content.sizeBytes} bytes)`);
  }

  #showPlan({ item: { entries } }: Change<'plan'>): void {
    const marks = { completed: '✓', in_progress: '▸', pending: '○' } as const;
    for (const { content, status } of entries) this.#aside(`  ${marks[status]} ${printable(content)}`);
  }

  #showEnd({ item, isNested }: Change<'end'>): void {
    const { streamId, reason, error, usage, canContinue } = item;
    if (isNested || reason === null) return;
    this.#tellEnds();
    this.breakLine();
    if (this.#commands.delete(streamId)) return;
    if (reason !== 'completed') this.#screen.remark(`navisai: ${printableLines(howItEnded({ reason, error }))}`);
    if (canContinue && reason !== 'stopped')
      this.#screen.remark(this.#output.errorColors.dim(howToContinue(this.#sessionId)));
    if (this.#output.isTerminal && usage !== null && usage.turns > 0)
      this.#aside(`${usage.inputTokens + usage.outputTokens} tokens · ${Math.round(usage.durationMs / 100) / 10} s`);
  }

  #aside(text: string): void {
    this.breakLine();
    this.#screen.aside(text);
  }
}

const howToContinue = (sessionId: string): string =>
  `Nothing is lost: /continue goes on with it, or later: navisai chat --session ${sessionId} /continue`;

const nameOf = ({ tool, started }: Pick<CallItem, 'tool' | 'started'>): string => {
  const action = started?.action ?? null;
  return printable(`${tool}${action === null ? '' : ` ${action}`}`, maxSummaryLength);
};

const callEnd = ({ ended }: CallItem, named: string): string => {
  if (ended === null) return `✓${named}`;
  const end = ended.success ? `✓${named}` : `✗${named} ${printable(ended.error ?? 'failed')}`;
  const code = ended.exitCode === null ? '' : ` exit ${ended.exitCode}`;
  return `${end}${code} · ${Math.round(ended.durationMs / 100) / 10} s`;
};

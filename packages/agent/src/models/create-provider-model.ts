/** A model of a provider behind our seam: one request, one stream, and every failure is the last event. */
import type { LanguageModelV4, LanguageModelV4StreamPart } from '@ai-sdk/provider';
import type { AgentModel, ModelError, ModelEvent, ModelRequest, ModelUsage } from '../agent.types.ts';
import { cancelled, type FailedModel, interrupted, missingKey, refused, toModelError } from './model-errors.ts';
import { Patience } from '../resilience/patience.ts';
import { modelDeadlines, type ProviderModelOptions } from './models.types.ts';
import { openLanguageModel } from './open-language-model.ts';
import { StreamTranslator, type Translated } from './to-events.ts';
import { toCallOptions } from './to-prompt.ts';

/** Characters of one answer, thinking and arguments together; what is longer ends as if the model had stopped there. */
const maxAnswerLength = 4 * 1024 * 1024;

export const createProviderModel = (options: ProviderModelOptions): AgentModel => {
  const reference = `${options.provider.id}/${options.model}`;
  const opened: OpenedModel = { ...options, reference, learned: { hasSummaries: true }, language: undefined };
  return {
    reference,
    contextTokens: options.contextTokens,
    stream: (request) => streamOf(opened, request),
  };
};

/** What was found out about the account, for the turns to come. */
interface Learned {
  hasSummaries: boolean;
}

interface OpenedModel extends ProviderModelOptions {
  reference: string;
  learned: Learned;
  /** Made for the first request; making it costs more than all else that is done for one. */
  language: LanguageModelV4 | undefined;
}

async function* streamOf(options: OpenedModel, request: ModelRequest): AsyncGenerator<ModelEvent, void, void> {
  const { provider } = options;
  if (request.signal.aborted) return yield { type: 'error', error: cancelled };
  if (provider.key === null && provider.baseUrl === null && provider.kind !== 'openai-compatible') {
    return yield { type: 'error', error: missingKey(options) };
  }
  await using exchange = new Exchange(options, request);
  try {
    await exchange.begin();
    yield* exchange.events(new StreamTranslator(options.reference));
  } catch (failure) {
    yield { type: 'error', error: exchange.judge(failure) };
  }
}

type Reader = ReadableStreamDefaultReader<LanguageModelV4StreamPart>;

/** One request with its deadlines. */
class Exchange implements AsyncDisposable {
  readonly #options: OpenedModel;
  readonly #request: ModelRequest;
  readonly #patience: Patience;
  #reader: Reader | undefined;
  /** The provider has said its last word. */
  #isOver = false;

  constructor(options: OpenedModel, request: ModelRequest) {
    this.#options = options;
    this.#request = request;
    this.#patience = new Patience(request.signal);
  }

  async begin(): Promise<void> {
    const { learned } = this.#options;
    try {
      await this.#open();
    } catch (failure) {
      if (!learned.hasSummaries || !isAboutSummaries(failure)) throw failure;
      learned.hasSummaries = false;
      await this.#open();
    }
  }

  async #open(): Promise<void> {
    const { provider, model, reference, learned } = this.#options;
    const language = (this.#options.language ??= await openLanguageModel(this.#options));
    const abortSignal = this.#patience.signal;
    const call = toCallOptions(this.#request, { kind: provider.kind, reference, model, ...learned });
    const { stream } = await this.#patience.within(this.#firstPieceMs, language.doStream({ ...call, abortSignal }));
    this.#reader = stream.getReader();
  }

  /** Everything up to the last event. */
  async *events(translator: StreamTranslator): AsyncGenerator<ModelEvent, void, void> {
    let length = 0;
    let hasPiece = false;
    let hasCall = false;
    for (;;) {
      const next = await this.#next(hasPiece);
      if (next.done) return yield { type: 'error', error: interrupted(this.#options) };
      const translated = translator.translate(next.value);
      this.#isOver = !('events' in translated);
      if (!('events' in translated)) return yield withCalls(lastEvent(translated, this.#options), hasCall);
      hasPiece ||= translated.events.length > 0;
      hasCall ||= translated.events.some(({ type }) => type === 'tool_call');
      for (const event of translated.events) length += lengthOf(event);
      if (length > maxAnswerLength) return yield { type: 'end', reason: 'length', usage: noUsage };
      yield* translated.events;
    }
  }

  judge(failure: unknown): ModelError {
    const { silence } = this.#patience;
    if (silence !== undefined) return toModelError(silence, this.#options);
    return this.#request.signal.aborted ? cancelled : toModelError(failure, this.#options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#patience[Symbol.dispose]();
    if (!this.#isOver) this.#patience.abort();
    // What is left of the answer is of no use any more, also how its connection ended.
    await this.#reader?.cancel().catch(() => undefined);
  }

  get #firstPieceMs(): number {
    return (this.#options.deadlines ?? modelDeadlines).firstPieceMs;
  }

  #next(hasPiece: boolean): ReturnType<Reader['read']> {
    const { nextPieceMs } = this.#options.deadlines ?? modelDeadlines;
    if (this.#reader === undefined) throw new Error('not begun');
    return this.#patience.within(hasPiece ? nextPieceMs : this.#firstPieceMs, this.#reader.read());
  }
}

/** OpenAI gives them to organisations that it has verified. */
const isAboutSummaries = (failure: unknown): boolean =>
  failure instanceof Error && /reasoning[_. ]summar/i.test(failure.message);

const noUsage: ModelUsage = { inputTokens: 0, outputTokens: 0, cachedInputTokens: 0 };

const reasons = { stop: 'stop', 'tool-calls': 'tool_calls', length: 'length', other: 'other' } as const;

const lastEvent = (last: Exclude<Translated, { events: ModelEvent[] }>, failed: FailedModel): ModelEvent => {
  if ('failure' in last) return { type: 'error', error: toModelError(last.failure, failed) };
  switch (last.finish) {
    case 'content-filter':
      return { type: 'error', error: refused(failed) };
    case 'interrupted':
    case 'error':
      return { type: 'error', error: interrupted(failed) };
    default:
      return { type: 'end', reason: reasons[last.finish], usage: last.usage };
  }
};

/** Some servers say that they stopped where they wait for the results of calls. */
const withCalls = (event: ModelEvent, hasCall: boolean): ModelEvent =>
  hasCall && event.type === 'end' && event.reason !== 'length' ? { ...event, reason: 'tool_calls' } : event;

const lengthOf = (event: ModelEvent): number => ('text' in event ? event.text.length : 0);

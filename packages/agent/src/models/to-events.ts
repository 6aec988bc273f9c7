/** Turns the stream of a provider into events of ours. */
import type {
  LanguageModelV4FinishReason,
  LanguageModelV4StreamPart,
  LanguageModelV4Usage,
  SharedV4ProviderMetadata,
} from '@ai-sdk/provider';
import type { ModelEvent, ModelUsage } from '../agent.types.ts';
import type { GivenBack } from './to-prompt.ts';

/** What a part of the stream means; `failure` is judged where the provider is known. */
export type Translated =
  | { events: ModelEvent[] }
  | { failure: unknown }
  | { finish: LanguageModelV4FinishReason['unified']; usage: ModelUsage };

/** Keeps what belongs to a call or a thought until it is whole. */
export class StreamTranslator {
  readonly #reference: string;
  readonly #tools = new Map<string, string>();
  readonly #thoughts = new Map<string, SharedV4ProviderMetadata>();

  constructor(reference: string) {
    this.#reference = reference;
  }

  translate(part: LanguageModelV4StreamPart): Translated {
    switch (part.type) {
      case 'text-delta':
        return { events: part.delta === '' ? [] : [{ type: 'text', text: part.delta }] };
      case 'reasoning-start':
      case 'reasoning-delta':
      case 'reasoning-end':
        return { events: this.#think(part) };
      case 'tool-input-start':
        this.#tools.set(part.id, part.toolName);
        return { events: [piece(part.id, part.toolName, '')] };
      case 'tool-input-delta':
        return { events: [piece(part.id, this.#tools.get(part.id) ?? '', part.delta)] };
      case 'tool-call':
        return { events: [this.#call(part)] };
      case 'finish':
        return { finish: part.finishReason.unified, usage: toUsage(part.usage) };
      case 'error':
        return { failure: part.error };
      default:
        return { events: [] };
    }
  }

  /** The last piece of a thought brings what the provider wants back, without text. */
  #think(part: Extract<LanguageModelV4StreamPart, { type: `reasoning-${string}` }>): ModelEvent[] {
    if (part.type === 'reasoning-file') return [];
    const kept = merge(this.#thoughts.get(part.id), part.providerMetadata);
    this.#thoughts.set(part.id, kept);
    if (part.type === 'reasoning-delta') return part.delta === '' ? [] : [{ type: 'thinking', text: part.delta }];
    if (part.type === 'reasoning-start') return [];
    this.#thoughts.delete(part.id);
    return [{ type: 'thinking', text: '', provider: this.#givenBack(kept) }];
  }

  #call(part: Extract<LanguageModelV4StreamPart, { type: 'tool-call' }>): ModelEvent {
    const { toolCallId, toolName, input, providerMetadata } = part;
    // The id of an item belongs to the id of the call, which is ours when it is given back.
    const isKept = providerMetadata?.['openai'] === undefined && providerMetadata !== undefined;
    return {
      type: 'tool_call',
      key: toolCallId,
      tool: toolName,
      arguments: parsed(input),
      ...(isKept ? { provider: this.#givenBack(providerMetadata) } : {}),
    };
  }

  #givenBack(options: SharedV4ProviderMetadata): GivenBack {
    return { from: this.#reference, options };
  }
}

const piece = (key: string, tool: string, text: string): ModelEvent => ({ type: 'tool_call_piece', key, tool, text });

const merge = (kept: SharedV4ProviderMetadata = {}, added: SharedV4ProviderMetadata = {}): SharedV4ProviderMetadata => {
  const names = Object.keys({ ...kept, ...added });
  return Object.fromEntries(names.map((name) => [name, { ...kept[name], ...added[name] }]));
};

/** What is no JSON stays text: the tool's schema refuses it, and the model is told. */
const parsed = (input: string): unknown => {
  if (input.trim() === '') return {};
  try {
    return JSON.parse(input);
  } catch {
    return input;
  }
};

const toUsage = ({ inputTokens, outputTokens }: LanguageModelV4Usage): ModelUsage => ({
  inputTokens: inputTokens.total ?? 0,
  outputTokens: outputTokens.total ?? 0,
  cachedInputTokens: inputTokens.cacheRead ?? 0,
});

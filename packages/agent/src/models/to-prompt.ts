/** Turns a request of ours into one of a provider: messages, attachments, thinking given back, tools. */
import type {
  LanguageModelV4CallOptions,
  LanguageModelV4Message,
  SharedV4ProviderMetadata,
  SharedV4ProviderOptions,
} from '@ai-sdk/provider';
import type { ModelProviderKind } from '@navisai/protocol';
import type { AgentMessage, AssistantPart, ModelAttachment, ModelRequest, ToolAnswer } from '../agent.types.ts';

/** Who is asked: only what came from this very model is given back to it. */
export interface AskedModel {
  kind: ModelProviderKind;
  reference: string;
  model: string;
  /** Words of OpenAI's models about what they think; not every account may have them. */
  hasSummaries: boolean;
}

/** What is kept of a part for its provider, such as a signature. */
export interface GivenBack {
  from: string;
  options: SharedV4ProviderMetadata;
}

export const toCallOptions = (request: ModelRequest, asked: AskedModel): LanguageModelV4CallOptions => {
  const { system, messages, tools, temperature, maxOutputTokens } = request;
  const prompt: LanguageModelV4Message[] = messages.flatMap((message) => toMessages(message, asked));
  if (system !== '') prompt.unshift({ role: 'system', content: system });
  return {
    prompt: asked.kind === 'anthropic' ? withCachePoints(prompt) : prompt,
    temperature,
    maxOutputTokens,
    ...(tools.length === 0 ? {} : { tools: tools.map((tool) => toTool(tool, asked.kind)) }),
    providerOptions: optionsOf(asked),
  };
};

/** Nothing is kept at the provider: what it wants to see again is sent again. */
const optionsOf = ({ kind, model, hasSummaries }: AskedModel): SharedV4ProviderOptions => {
  if (kind === 'openai') return { openai: { store: false, ...(hasSummaries ? { reasoningSummary: 'auto' } : {}) } };
  const thinks = kind === 'google' && /gemini-(2\.5|[3-9])/.test(model);
  return thinks ? { google: { thinkingConfig: { includeThoughts: true } } } : {};
};

/** The start of a conversation is the same in each turn, and cheap where it is cached. */
const withCachePoints = (prompt: LanguageModelV4Message[]): LanguageModelV4Message[] => {
  const providerOptions = { anthropic: { cacheControl: { type: 'ephemeral' } } };
  return prompt.map((message, index) =>
    message.role === 'system' || index === prompt.length - 1 ? { ...message, providerOptions } : message,
  );
};

const toTool = ({ name, description, schema }: ModelRequest['tools'][number], kind: ModelProviderKind) => ({
  type: 'function' as const,
  name,
  description,
  inputSchema: schema,
  // Our schemas have optional fields; what is no object there would be made strict unasked.
  ...(kind === 'openai' ? { strict: false } : {}),
});

const toMessages = (message: AgentMessage, asked: AskedModel): LanguageModelV4Message[] => {
  switch (message.role) {
    case 'user': {
      const attached = (message.attachments ?? []).map(toAttachment);
      const content = message.text === '' ? attached : [...attached, { type: 'text' as const, text: message.text }];
      return content.length === 0 ? [] : [{ role: 'user', content }];
    }
    case 'assistant': {
      const content = message.parts.flatMap((part) => toAssistantPart(part, asked));
      return content.length === 0 ? [] : [{ role: 'assistant', content }];
    }
    case 'tool':
      return message.results.length === 0 ? [] : [{ role: 'tool', content: message.results.map(toResult) }];
  }
};

type AssistantContent = Extract<LanguageModelV4Message, { role: 'assistant' }>['content'][number];

const toAssistantPart = (part: AssistantPart, asked: AskedModel): AssistantContent[] => {
  if (part.type === 'text') return part.text === '' ? [] : [{ type: 'text', text: part.text }];
  const providerOptions = givenBackTo(asked, part.provider);
  if (part.type === 'thinking') {
    return providerOptions === undefined ? [] : [{ type: 'reasoning', text: part.text, providerOptions }];
  }
  const { callId, tool, arguments: given } = part;
  return [{ type: 'tool-call', toolCallId: callId, toolName: tool, input: toInput(given), providerOptions }];
};

const givenBackTo = ({ reference }: AskedModel, provider: unknown): SharedV4ProviderOptions | undefined => {
  const { from, options } = (provider ?? {}) as Partial<GivenBack>;
  return from === reference ? options : undefined;
};

/** What was no JSON is shown to the model as what it was. */
const toInput = (given: unknown): unknown => {
  if (typeof given === 'object' && given !== null && !Array.isArray(given)) return given;
  return given === undefined ? {} : { unreadable: given };
};

const toResult = ({ callId, tool, output, success }: ToolAnswer) => ({
  type: 'tool-result' as const,
  toolCallId: callId,
  toolName: tool,
  // Some providers refuse an answer without a character.
  output: { type: success ? ('text' as const) : ('error-text' as const), value: output === '' ? '(empty)' : output },
});

const readableTypes = /^(text\/|application\/(json|xml|yaml|toml|javascript|x-sh|x-yaml|sql)|.*\+(json|xml)$)/;
const shownTypes = /^(image\/(png|jpeg|gif|webp)|application\/pdf)$/;

const toAttachment = ({ name, mediaType, data }: ModelAttachment) => {
  if (shownTypes.test(mediaType)) {
    return { type: 'file' as const, filename: name, mediaType, data: { type: 'data' as const, data } };
  }
  const text = readableTypes.test(mediaType)
    ? `Attached file ${name}:\n${Buffer.from(data, 'base64').toString('utf8')}`
    : `Attached file ${name} (${mediaType}), whose content cannot be shown here.`;
  return { type: 'text' as const, text };
};

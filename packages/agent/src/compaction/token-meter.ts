/** Estimates tokens by the length of texts, corrected by what the model told about its last answer. */
import { Buffer } from 'node:buffer';
import type { AgentMessage, AssistantPart, ModelAttachment, ModelRequest } from '../agent.types.ts';

export type Measured = Pick<ModelRequest, 'system' | 'messages' | 'tools'>;
type FixedParts = Pick<Measured, 'system' | 'tools'>;

export interface TokenMeter {
  /** A cautious estimate. */
  tokens(messages: readonly AgentMessage[]): number;
  /** System prompt and tools. */
  fixedTokens(request: FixedParts): number;
  /** Of so many bytes that a model said. */
  spokenTokens(bytes: number): number;
  /** How long a text of so many tokens may be. */
  charactersFor(tokens: number): number;
  /** Corrects what follows; `told` is what the model says it has read of `asked`. */
  learn(lesson: { asked: Measured; told: number }): void;
}

/** Bytes of UTF-8, which for prose, code and other scripts alike is nearer than characters. */
const bytesPerToken = 3.6;
const tokensPerMessage = 6;
const tokensPerImage = 1600;
/** A provider's figures may be missing or leave out what it had cached: nobody is believed beyond these. */
const [leastCorrection, mostCorrection] = [0.5, 2.5];
/** Below this the figures say more about the provider's own overhead than about our texts. */
const minLesson = 500;

export const createTokenMeter = (): TokenMeter => {
  let correction = 1;
  // A context grows at its end: what was counted of it before is not counted again.
  let counted: { messages: readonly AgentMessage[]; length: number; tokens: number } | undefined;
  let fixed: { request: FixedParts; tokens: number } | undefined;

  const raw = (messages: readonly AgentMessage[]): number => {
    const before = counted?.messages === messages && counted.length <= messages.length ? counted : undefined;
    let tokens = before?.tokens ?? 0;
    for (let index = before?.length ?? 0; index < messages.length; index += 1) {
      const message = messages[index];
      if (message !== undefined) tokens += tokensPerMessage + messageTokens(message);
    }
    counted = { messages, length: messages.length, tokens };
    return tokens;
  };
  const rawFixed = (request: FixedParts): number => {
    if (fixed?.request.system !== request.system || fixed.request.tools !== request.tools)
      fixed = { request, tokens: fixedTokens(request) };
    return fixed.tokens;
  };

  return {
    tokens: (messages) => Math.ceil(raw(messages) * correction),
    fixedTokens: (request) => Math.ceil(rawFixed(request) * correction),
    spokenTokens: (bytes) => Math.ceil((bytes / bytesPerToken) * correction),
    charactersFor: (tokens) => Math.max(0, Math.floor((tokens / correction) * bytesPerToken)),
    learn({ asked, told }) {
      const estimated = raw(asked.messages) + rawFixed(asked);
      if (told < minLesson || estimated < minLesson) return;
      correction = Math.min(mostCorrection, Math.max(leastCorrection, told / estimated));
    },
  };
};

const fixedTokens = ({ system, tools }: FixedParts): number =>
  tools.reduce(
    (sum, tool) => sum + textTokens(tool.name) + textTokens(tool.description) + schemaTokens(tool.schema),
    textTokens(system),
  );

/** Schemas are the same objects for every run. */
const schemaTokens = (
  (known: WeakMap<object, number>) =>
  (schema: object): number => {
    const tokens = known.get(schema) ?? textTokens(json(schema));
    known.set(schema, tokens);
    return tokens;
  }
)(new WeakMap());

const messageTokens = (message: AgentMessage): number => {
  switch (message.role) {
    case 'user':
      return (message.attachments ?? []).reduce((sum, one) => sum + attachmentTokens(one), textTokens(message.text));
    case 'assistant':
      return message.parts.reduce((sum, part) => sum + partTokens(part), 0);
    case 'tool':
      return message.results.reduce((sum, { output }) => sum + tokensPerMessage + textTokens(output), 0);
  }
};

const partTokens = (part: AssistantPart): number =>
  part.type === 'tool_call'
    ? tokensPerMessage + textTokens(part.tool) + textTokens(json(part.arguments))
    : textTokens(part.text);

const attachmentTokens = ({ mediaType, data }: ModelAttachment): number =>
  mediaType.startsWith('image/') ? tokensPerImage : Math.ceil((data.length * 3) / 4 / bytesPerToken);

const textTokens = (text: string): number => Math.ceil(utf8Length(text) / bytesPerToken);

/** Of a short text without leaving JavaScript, of which a context has thousands. */
const utf8Length = (text: string): number => {
  if (text.length > shortText) return Buffer.byteLength(text);
  let bytes = text.length;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    if (unit > 0x7f) bytes += unit > 0x7ff ? 2 : 1;
  }
  return bytes;
};
const shortText = 100;
const json = (value: unknown): string => (typeof value === 'string' ? value : (JSON.stringify(value) ?? ''));

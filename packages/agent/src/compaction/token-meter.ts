/** Estimates tokens by the length of texts, corrected by what the model told about its last answer. */
import { Buffer } from 'node:buffer';
import type { AgentMessage, AssistantPart, ModelAttachment, ModelRequest } from '../agent.types.ts';

export type Measured = Pick<ModelRequest, 'system' | 'messages' | 'tools'>;

export interface TokenMeter {
  /** A cautious estimate. */
  tokens(messages: readonly AgentMessage[]): number;
  /** System prompt and tools. */
  fixedTokens(request: Pick<Measured, 'system' | 'tools'>): number;
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
  const known = new WeakMap<AgentMessage, number>();
  let correction = 1;

  const rawOf = (message: AgentMessage): number => {
    const before = known.get(message);
    if (before !== undefined) return before;
    const tokens = tokensPerMessage + messageTokens(message);
    known.set(message, tokens);
    return tokens;
  };
  const raw = (messages: readonly AgentMessage[]): number => messages.reduce((sum, one) => sum + rawOf(one), 0);
  const fixed = ({ system, tools }: Pick<Measured, 'system' | 'tools'>): number =>
    tools.reduce(
      (sum, tool) => sum + textTokens(tool.name) + textTokens(tool.description) + textTokens(json(tool.schema)),
      textTokens(system),
    );

  return {
    tokens: (messages) => Math.ceil(raw(messages) * correction),
    fixedTokens: (request) => Math.ceil(fixed(request) * correction),
    charactersFor: (tokens) => Math.max(0, Math.floor((tokens / correction) * bytesPerToken)),
    learn({ asked, told }) {
      const estimated = raw(asked.messages) + fixed(asked);
      if (told < minLesson || estimated < minLesson) return;
      correction = Math.min(mostCorrection, Math.max(leastCorrection, told / estimated));
    },
  };
};

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

const textTokens = (text: string): number => Math.ceil(Buffer.byteLength(text) / bytesPerToken);
const json = (value: unknown): string => (typeof value === 'string' ? value : (JSON.stringify(value) ?? ''));

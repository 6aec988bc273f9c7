/** Turns of the scripted model server as one answer, for those who do not ask for a stream. */
import type { ModelProviderKind } from '@navisai/protocol';
import { callsOf, finishReasonOf, type ShapedTurn, textOf, usageOf } from './model-server-shapes.ts';

export const shapeWhole = (kind: ModelProviderKind, shaped: ShapedTurn): unknown => wholes[kind](shaped);

const chatCompletion = ({ turn, model, count }: ShapedTurn): unknown => {
  const { inputTokens, outputTokens, cachedInputTokens } = usageOf(turn);
  const calls = callsOf(turn).map(({ tool, text }, index) => ({
    id: `call_${count}_${index}`,
    type: 'function',
    function: { name: tool, arguments: text },
  }));
  const message = { role: 'assistant', content: textOf(turn), reasoning_content: turn.thinking };
  return {
    id: `chatcmpl-${count}`,
    object: 'chat.completion',
    created: 1,
    model,
    choices: [
      {
        index: 0,
        message: calls.length === 0 ? message : { ...message, tool_calls: calls },
        finish_reason: finishReasonOf('openai-compatible', turn),
      },
    ],
    usage: {
      prompt_tokens: inputTokens,
      completion_tokens: outputTokens,
      total_tokens: inputTokens + outputTokens,
      prompt_tokens_details: { cached_tokens: cachedInputTokens },
    },
  };
};

const responses = ({ turn, model, count }: ShapedTurn): unknown => {
  const { inputTokens, outputTokens, cachedInputTokens } = usageOf(turn);
  const content = [{ type: 'output_text', text: textOf(turn), annotations: [] }];
  const calls = callsOf(turn).map(({ tool, text }, index) => {
    const ids = { id: `fc_${count}_${index}`, call_id: `call_${count}_${index}` };
    return { type: 'function_call', ...ids, name: tool, arguments: text, status: 'completed' };
  });
  const message = { type: 'message', id: `msg_${count}`, role: 'assistant', status: 'completed', content };
  return {
    id: `resp_${count}`,
    object: 'response',
    created_at: 1,
    model,
    status: 'completed',
    output: [...(turn.text === undefined ? [] : [message]), ...calls],
    usage: {
      input_tokens: inputTokens,
      input_tokens_details: { cached_tokens: cachedInputTokens },
      output_tokens: outputTokens,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: inputTokens + outputTokens,
    },
  };
};

const anthropic = ({ turn, model, count }: ShapedTurn): unknown => {
  const { inputTokens, outputTokens, cachedInputTokens } = usageOf(turn);
  const text = turn.text === undefined ? [] : [{ type: 'text', text: textOf(turn) }];
  const calls = callsOf(turn).map(({ tool, given }, index) => ({
    type: 'tool_use',
    id: `toolu_${count}_${index}`,
    name: tool,
    input: given,
  }));
  return {
    id: `msg_${count}`,
    type: 'message',
    role: 'assistant',
    model,
    content: [...text, ...calls],
    stop_reason: finishReasonOf('anthropic', turn),
    stop_sequence: null,
    usage: {
      input_tokens: inputTokens - cachedInputTokens,
      cache_read_input_tokens: cachedInputTokens,
      cache_creation_input_tokens: 0,
      output_tokens: outputTokens,
    },
  };
};

const google = ({ turn, model, count }: ShapedTurn): unknown => {
  const { inputTokens, outputTokens, cachedInputTokens } = usageOf(turn);
  const text = turn.text === undefined ? [] : [{ text: textOf(turn) }];
  const calls = callsOf(turn).map(({ tool, given }) => ({ functionCall: { name: tool, args: given } }));
  const content = { role: 'model', parts: [...text, ...calls] };
  return {
    candidates: [{ content, index: 0, finishReason: finishReasonOf('google', turn) }],
    usageMetadata: {
      promptTokenCount: inputTokens,
      candidatesTokenCount: outputTokens,
      cachedContentTokenCount: cachedInputTokens,
      totalTokenCount: inputTokens + outputTokens,
    },
    modelVersion: model,
    responseId: `response-${count}`,
  };
};

const wholes: Record<ModelProviderKind, (shaped: ShapedTurn) => unknown> = {
  'openai-compatible': chatCompletion,
  openai: responses,
  anthropic,
  google,
};

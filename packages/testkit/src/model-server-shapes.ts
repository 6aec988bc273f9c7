/** Turns of the scripted model server in the shape of each provider: the pieces of its event stream, its errors, its lists. */
import type { ModelProviderKind } from '@navisai/protocol';
import type { ModelServer, ModelTurn } from './model-server.types.ts';

/** One server-sent event; `isContent`: it brings thinking, text or arguments. */
export interface ShapedPiece {
  data: unknown;
  isContent: boolean;
}

export interface ShapedTurn {
  turn: ModelTurn;
  model: string;
  /** Differs between answers, for the ids in them. */
  count: number;
}

export const shapeTurn = (kind: ModelProviderKind, shaped: ShapedTurn): ShapedPiece[] => shapes[kind](shaped);

export const shapeError = (kind: ModelProviderKind, { status = 500, error }: ModelTurn): unknown => {
  const message = error ?? `scripted error ${status}`;
  const type = errorTypes[status] ?? 'api_error';
  if (kind === 'anthropic') return { type: 'error', error: { type, message } };
  if (kind === 'google') return { error: { code: status, message, status: type.toUpperCase() } };
  return { error: { message, type, code: null, param: null } };
};

export const shapeModels = (kind: ModelProviderKind, models: ModelServer['models']): unknown => {
  if (kind === 'google') {
    const shape = ({ id, contextTokens }: ModelServer['models'][number]) => ({
      name: `models/${id}`,
      inputTokenLimit: contextTokens,
      supportedGenerationMethods: ['generateContent'],
    });
    return { models: models.map(shape) };
  }
  const windowName = kind === 'anthropic' ? 'max_input_tokens' : 'max_model_len';
  return {
    object: 'list',
    data: models.map(({ id, contextTokens }) => ({ id, object: 'model', [windowName]: contextTokens })),
    has_more: false,
  };
};

const errorTypes: Record<number, string> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  429: 'rate_limit_error',
  529: 'overloaded_error',
};

const frame = (data: unknown): ShapedPiece => ({ data, isContent: false });
const content = (data: unknown): ShapedPiece => ({ data, isContent: true });

const wordsOf = (text: ModelTurn['text'] = ''): string[] =>
  typeof text === 'string' ? (text.match(/\s*\S+\s*$|\s*\S+/g) ?? []) : [...text];

/** JSON of arguments in pieces of a few characters, as models send them. */
const argumentPieces = (given: unknown): string[] => JSON.stringify(given ?? {}).match(/[^]{1,12}/gu) ?? [];

export const usageOf = ({ usage = {} }: ModelTurn) => ({
  inputTokens: 10,
  outputTokens: 5,
  cachedInputTokens: 0,
  ...usage,
});

const finishOf = ({ finish, calls = [] }: ModelTurn) => finish ?? (calls.length > 0 ? 'tool_calls' : 'stop');

export const textOf = ({ text = '' }: ModelTurn): string => (typeof text === 'string' ? text : text.join(''));

export const callsOf = ({ calls = [] }: ModelTurn): { tool: string; given: unknown; text: string }[] =>
  calls.map(({ tool, arguments: given }) => ({ tool, given: given ?? {}, text: JSON.stringify(given ?? {}) }));

const finishReasons = {
  'openai-compatible': { stop: 'stop', tool_calls: 'tool_calls', length: 'length', refused: 'content_filter' },
  openai: { stop: undefined, tool_calls: undefined, length: 'max_output_tokens', refused: 'content_filter' },
  anthropic: { stop: 'end_turn', tool_calls: 'tool_use', length: 'max_tokens', refused: 'refusal' },
  google: { stop: 'STOP', tool_calls: 'STOP', length: 'MAX_TOKENS', refused: 'SAFETY' },
} as const;

/** As the provider names it; of OpenAI's, why the answer is not complete. */
export const finishReasonOf = (kind: ModelProviderKind, turn: ModelTurn): string | undefined =>
  finishReasons[kind][finishOf(turn)];

const chatCompletion = ({ turn, model, count }: ShapedTurn): ShapedPiece[] => {
  const base = { id: `chatcmpl-${count}`, object: 'chat.completion.chunk', created: 1, model };
  const chunk = (delta: unknown, finish: string | null = null) => ({
    ...base,
    choices: [{ index: 0, delta, finish_reason: finish }],
  });
  const call = ({ tool, arguments: given }: { tool: string; arguments: unknown }, index: number) => [
    frame(
      chunk({
        tool_calls: [
          { index, id: `call_${count}_${index}`, type: 'function', function: { name: tool, arguments: '' } },
        ],
      }),
    ),
    ...argumentPieces(given).map((piece) =>
      content(chunk({ tool_calls: [{ index, function: { arguments: piece } }] })),
    ),
  ];
  const { inputTokens, outputTokens, cachedInputTokens } = usageOf(turn);
  return [
    frame(chunk({ role: 'assistant', content: '' })),
    ...wordsOf(turn.thinking).map((piece) => content(chunk({ reasoning_content: piece }))),
    ...wordsOf(turn.text).map((piece) => content(chunk({ content: piece }))),
    ...(turn.calls ?? []).flatMap(call),
    frame(chunk({}, finishReasonOf('openai-compatible', turn) ?? null)),
    frame({
      ...base,
      choices: [],
      usage: {
        prompt_tokens: inputTokens,
        completion_tokens: outputTokens,
        total_tokens: inputTokens + outputTokens,
        prompt_tokens_details: { cached_tokens: cachedInputTokens },
      },
    }),
    frame('[DONE]'),
  ];
};

const responsesItem = (item: Record<string, unknown>, index: number, pieces: unknown[]): ShapedPiece[] => [
  frame({ type: 'response.output_item.added', output_index: index, item: { ...item, arguments: '', content: [] } }),
  ...pieces.map(content),
  frame({ type: 'response.output_item.done', output_index: index, item: { ...item, status: 'completed' } }),
];

const responses = ({ turn, model, count }: ShapedTurn): ShapedPiece[] => {
  let index = 0;
  const pieces: ShapedPiece[] = [];
  const add = (item: Record<string, unknown>, words: readonly string[], event: Record<string, unknown>) => {
    const at = { item_id: item['id'], output_index: index };
    pieces.push(
      ...responsesItem(
        item,
        index++,
        words.map((delta) => ({ ...event, ...at, delta })),
      ),
    );
  };
  if (turn.thinking !== undefined) {
    const item = { type: 'reasoning', id: `rs_${count}`, encrypted_content: `sealed-${count}`, summary: [] };
    add(item, wordsOf(turn.thinking), { type: 'response.reasoning_summary_text.delta', summary_index: 0 });
  }
  if (turn.text !== undefined) {
    const item = { type: 'message', id: `msg_${count}`, role: 'assistant' };
    add(item, wordsOf(turn.text), { type: 'response.output_text.delta', content_index: 0 });
  }
  for (const [position, { tool, arguments: given }] of (turn.calls ?? []).entries()) {
    const ids = { id: `fc_${count}_${position}`, call_id: `call_${count}_${position}` };
    const item = { type: 'function_call', ...ids, name: tool, arguments: JSON.stringify(given ?? {}) };
    add(item, argumentPieces(given), { type: 'response.function_call_arguments.delta' });
  }
  const { inputTokens, outputTokens, cachedInputTokens } = usageOf(turn);
  const usage = {
    input_tokens: inputTokens,
    input_tokens_details: { cached_tokens: cachedInputTokens },
    output_tokens: outputTokens,
    output_tokens_details: { reasoning_tokens: 0 },
  };
  const cut = finishReasonOf('openai', turn);
  const end = cut === undefined ? 'response.completed' : 'response.incomplete';
  const response = { id: `resp_${count}`, created_at: 1, model };
  return [
    frame({ type: 'response.created', response }),
    ...pieces,
    frame({
      type: end,
      response: { ...response, incomplete_details: cut === undefined ? null : { reason: cut }, usage },
    }),
  ];
};

const anthropicBlock = (index: number, block: unknown, deltas: ShapedPiece['data'][]): ShapedPiece[] => [
  frame({ type: 'content_block_start', index, content_block: block }),
  ...deltas.map((delta) => content({ type: 'content_block_delta', index, delta })),
  frame({ type: 'content_block_stop', index }),
];

const anthropic = ({ turn, model, count }: ShapedTurn): ShapedPiece[] => {
  const blocks: [unknown, unknown[]][] = [];
  if (turn.thinking !== undefined) {
    const deltas = wordsOf(turn.thinking).map((thinking) => ({ type: 'thinking_delta', thinking }));
    const signature = { type: 'signature_delta', signature: `signed-${count}` };
    blocks.push([{ type: 'thinking', thinking: '', signature: '' }, [...deltas, signature]]);
  }
  if (turn.text !== undefined) {
    blocks.push([{ type: 'text', text: '' }, wordsOf(turn.text).map((text) => ({ type: 'text_delta', text }))]);
  }
  for (const [position, { tool, arguments: given }] of (turn.calls ?? []).entries()) {
    const deltas = argumentPieces(given).map((piece) => ({ type: 'input_json_delta', partial_json: piece }));
    blocks.push([{ type: 'tool_use', id: `toolu_${count}_${position}`, name: tool, input: {} }, deltas]);
  }
  const { inputTokens, outputTokens, cachedInputTokens } = usageOf(turn);
  // What was read from the cache is counted beside the input there.
  const usage = {
    input_tokens: inputTokens - cachedInputTokens,
    cache_read_input_tokens: cachedInputTokens,
    cache_creation_input_tokens: 0,
    output_tokens: 0,
  };
  const message = {
    id: `msg_${count}`,
    type: 'message',
    role: 'assistant',
    model,
    content: [],
    stop_reason: null,
    usage,
  };
  const delta = { stop_reason: finishReasonOf('anthropic', turn), stop_sequence: null };
  return [
    frame({ type: 'message_start', message }),
    ...blocks.flatMap(([block, deltas], index) => anthropicBlock(index, block, deltas)),
    frame({ type: 'message_delta', delta, usage: { output_tokens: outputTokens } }),
    frame({ type: 'message_stop' }),
  ];
};

const google = ({ turn, model, count }: ShapedTurn): ShapedPiece[] => {
  const candidate = (parts: unknown[], finishReason?: string) => ({
    candidates: [{ content: { role: 'model', parts }, index: 0, finishReason }],
    modelVersion: model,
    responseId: `response-${count}`,
  });
  const part = (given: unknown) => content(candidate([given]));
  const { inputTokens, outputTokens, cachedInputTokens } = usageOf(turn);
  const usageMetadata = {
    promptTokenCount: inputTokens,
    candidatesTokenCount: outputTokens,
    cachedContentTokenCount: cachedInputTokens,
    totalTokenCount: inputTokens + outputTokens,
  };
  return [
    ...wordsOf(turn.thinking).map((text) => part({ text, thought: true })),
    ...wordsOf(turn.text).map((text) => part({ text })),
    ...(turn.calls ?? []).map(({ tool, arguments: args }) =>
      part({ functionCall: { name: tool, args: args ?? {} }, thoughtSignature: `signed-${count}` }),
    ),
    frame({ ...candidate([], finishReasonOf('google', turn)), usageMetadata }),
  ];
};

const shapes: Record<ModelProviderKind, (shaped: ShapedTurn) => ShapedPiece[]> = {
  'openai-compatible': chatCompletion,
  openai: responses,
  anthropic,
  google,
};

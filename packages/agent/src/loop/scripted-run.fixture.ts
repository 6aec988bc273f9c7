/** Runs of the loop in tests: a model that answers by script, tools that do as told, and a consumer that keeps what is told. */
import type { ToolResult } from '@navisai/protocol';
import type {
  AgentEvent,
  AgentMessage,
  AgentModel,
  AgentRunRequest,
  AgentTool,
  ModelEvent,
  ModelRequest,
} from '../agent.types.ts';
import { runAgent } from './run-agent.ts';

type Answer = ModelEvent[] | ((request: ModelRequest) => AsyncIterable<ModelEvent> | ModelEvent[]);

export interface ScriptedModel extends AgentModel {
  readonly requests: ModelRequest[];
}

export const usage = { inputTokens: 10, outputTokens: 5, cachedInputTokens: 0 };
export const end = (reason: 'stop' | 'tool_calls' | 'length' = 'stop'): ModelEvent => ({ type: 'end', reason, usage });
export const say = (text: string): ModelEvent[] => [{ type: 'text', text }, end()];
export const call = (key: string, tool: string, given: unknown = {}): ModelEvent => ({
  type: 'tool_call',
  key,
  tool,
  arguments: given,
});
export const fail = (code: 'OVERLOADED' | 'AUTHENTICATION' | 'CONTEXT_TOO_LONG' | 'UNREACHABLE'): ModelEvent => ({
  type: 'error',
  error: { code, message: `${code} it is.`, isRetryable: code === 'OVERLOADED' || code === 'UNREACHABLE' },
});

/** Gives one answer after the other; the last one again and again. */
export const scripted = (answers: Answer[], contextTokens = 100_000, reference = 'test/model'): ScriptedModel => {
  const requests: ModelRequest[] = [];
  return {
    reference,
    contextTokens,
    requests,
    async *stream(request) {
      const answer = answers[Math.min(requests.length, answers.length - 1)] ?? [];
      requests.push(request);
      yield* typeof answer === 'function' ? answer(request) : answer;
    },
  };
};

export const ok = (output: string): ToolResult => ({ success: true, output, metadata: {} });

export const tool = (name: string, execute: AgentTool['execute']): AgentTool => ({
  name,
  description: `Does ${name}.`,
  schema: { type: 'object' },
  execute,
});

/** Says something, and never ends by itself; does not look at its signal. */
export async function* endless(...events: ModelEvent[]): AsyncGenerator<ModelEvent> {
  yield* events;
  await new Promise<never>(() => undefined);
}

export interface Collected {
  events: AgentEvent[];
  /** The context as a consumer has kept it. */
  kept: AgentMessage[];
  end: Extract<AgentEvent, { type: 'end' }>;
}

export interface RunOptions extends Partial<AgentRunRequest> {
  model: AgentModel;
  /** Told of each event before the next one is asked for. */
  onEvent?: (event: AgentEvent) => void;
}

export const collect = async ({ onEvent, ...given }: RunOptions): Promise<Collected> => {
  let ids = 0;
  const request: AgentRunRequest = {
    system: 'You are a test.',
    messages: [{ role: 'user', text: 'Do it.' }],
    tools: [],
    limits: { maxTurns: 20 },
    takeSteering: async () => [],
    newCallId: () => `c_call${(ids += 1)}`,
    now: () => performance.now(),
    signal: new AbortController().signal,
    ...given,
  };
  const events: AgentEvent[] = [];
  let kept = [...request.messages];
  for await (const event of runAgent(request)) {
    events.push(event);
    if (event.type === 'message') kept.push(event.message);
    if (event.type === 'compacted') kept = [...event.messages];
    onEvent?.(event);
  }
  const last = events.at(-1);
  if (last?.type !== 'end') throw new Error('the last event was no end');
  return { events, kept, end: last };
};

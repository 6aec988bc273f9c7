/** A small loop, and a hub's sink that keeps what it hears: for tests of the link between them. */
import type { NavisError, NodeAgentEvent, NodeAgentSpec, NodeModelEvent, ToolResult, Usage } from '@navisai/protocol';
import { nodeId } from './remote-pair.fixture.ts';
import type { AgentLoop, NodeAgentCall, NodeAgentSink } from './remote.types.ts';

export const runId = 'r_0123456789abcdef';

export const specOf = (task = 'Do it.'): NodeAgentSpec => ({
  nodeId,
  system: 'You are a test.',
  messages: [{ role: 'user', text: task }],
  tools: [{ name: 'terminal', description: 'runs', schema: {} }],
  model: 'test/model',
  contextTokens: 100_000,
  limits: { maxTurns: 10 },
});

export const usage: Usage = {
  inputTokens: 1,
  outputTokens: 1,
  cachedInputTokens: 0,
  modelMs: 0,
  durationMs: 0,
  turns: 1,
};

export const endOf = (reason: 'completed' | 'stopped' = 'completed'): NodeAgentEvent => ({
  type: 'end',
  reason,
  usage,
  error: null,
});

/** Asks the model once, makes every call that it wants, and ends. */
export const smallLoop: AgentLoop = async function* ({ spec, model, call, signal }) {
  const { system, messages, tools } = spec;
  const wanted: { callId: string; tool: string; arguments: unknown }[] = [];
  for await (const event of model({ system, messages, tools }, signal)) {
    if (event.type === 'text') yield { type: 'delta', part: 0, kind: 'text', text: event.text };
    if (event.type === 'tool_call') wanted.push({ callId: event.key, tool: event.tool, arguments: event.arguments });
  }
  yield {
    type: 'message',
    message: { role: 'assistant', parts: wanted.map((one) => ({ type: 'tool_call', ...one })) },
  };
  for (const [part, one] of wanted.entries())
    yield { type: 'result', part, callId: one.callId, tool: one.tool, result: await call({ ...one, signal }) };
  yield endOf(signal.aborted ? 'stopped' : 'completed');
};

export interface HeardRun extends NodeAgentSink {
  events: NodeAgentEvent[];
  calls: NodeAgentCall[];
  /** Signals of the model's requests. */
  asked: AbortSignal[];
  lost: NavisError | undefined;
  readonly text: string;
  readonly isOver: boolean;
}

export const hearRun = (answers: {
  model?: (signal: AbortSignal) => AsyncIterable<NodeModelEvent>;
  call?: (call: NodeAgentCall) => Promise<ToolResult>;
}): HeardRun => {
  const run: HeardRun = {
    events: [],
    calls: [],
    asked: [],
    lost: undefined,
    async onEvent(event) {
      run.events.push(event);
    },
    model(_request, signal) {
      run.asked.push(signal);
      return answers.model?.(signal) ?? says([]);
    },
    async call(one) {
      run.calls.push(one);
      return answers.call?.(one) ?? { success: true, output: 'done', metadata: {} };
    },
    onLost: (error) => void (run.lost = error),
    get text() {
      return run.events.map((event) => (event.type === 'delta' ? event.text : '')).join('');
    },
    get isOver() {
      return run.lost !== undefined || run.events.at(-1)?.type === 'end';
    },
  };
  return run;
};

export const modelEnd: NodeModelEvent = {
  type: 'end',
  reason: 'stop',
  usage: { inputTokens: 1, outputTokens: 1, cachedInputTokens: 0 },
};

export async function* says(events: readonly NodeModelEvent[]): AsyncGenerator<NodeModelEvent> {
  yield* events;
  yield modelEnd;
}

export const wants = (callId: string, given: unknown): NodeModelEvent => ({
  type: 'tool_call',
  key: callId,
  tool: 'terminal',
  arguments: given,
});

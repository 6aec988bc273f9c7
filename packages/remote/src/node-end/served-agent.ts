/** One loop that runs here for the hub: its events are kept until the hub has them, its calls made when the hub allows them (N8). */
import { setTimeout as delay } from 'node:timers/promises';
import { agentEventWindow, errorTable } from '@navisai/protocol';
import type {
  HubFrameOf,
  NodeAgentEvent,
  NodeFrame,
  NodeModelEvent,
  NodeModelRequest,
  ToolResult,
} from '@navisai/protocol';
import type { Machine } from '@navisai/machine';
import type { AgentLoop, NodeAgentCall, ServedRun } from '../remote.types.ts';
import { type AgentAsk, AgentAsks, AskRefused } from './agent-asks.ts';

/** Characters of events that the hub has not taken; beyond them the loop waits. */
const maxKeptCharacters = 16 * 1024 * 1024;
/** A call that was told to end answers within this. */
const cancelDeadlineMs = 10_000;

export interface ServedAgentParts {
  start: HubFrameOf<'agent_start'>;
  loop: AgentLoop;
  machine: Machine;
  /** Reaches the hub when there is a connection. */
  tell(encoded: string): void;
  /** Everything it told was taken. */
  onOver(): void;
}

export interface EndedCall {
  sessionId: string;
  callId: string;
  tool: string;
}

interface KeptEvent {
  number: number;
  encoded: string;
}

export class ServedAgent {
  readonly #parts: ServedAgentParts;
  readonly #asks: AgentAsks;
  readonly #stopping = new AbortController();
  /** Calls that this machine may be executing for the loop, by id. */
  readonly #calls = new Map<string, { tool: string; end(result: ToolResult): void }>();
  readonly #events: KeptEvent[] = [];
  #characters = 0;
  #last = 0;
  #isForgotten = false;
  #onKept: (() => void) | undefined;

  constructor(parts: ServedAgentParts) {
    this.#parts = parts;
    const { runId, token } = parts.start;
    this.#asks = new AgentAsks({ runId, token, tell: (encoded) => this.#tell(encoded) });
  }

  /** Never rejects. */
  async run(): Promise<void> {
    const { loop, start } = this.#parts;
    const run: ServedRun = {
      spec: start.spec,
      signal: this.#stopping.signal,
      model: (request, signal) => this.#model(request, signal),
      call: (call) => this.#call(call),
    };
    let hasEnded = false;
    void this.#tellEvent({ type: 'begun' });
    try {
      // Awaited by the loop: what follows a message is done only when the hub has kept it.
      for await (const event of loop(run)) {
        hasEnded = event.type === 'end';
        await this.#tellEvent(event);
        if (hasEnded || this.#isForgotten) break;
      }
    } catch (error) {
      const message = `The sub-agent failed on its node: ${error instanceof Error ? error.message : String(error)}`;
      if (!hasEnded) await this.#tellEvent(failedEnd(message.slice(0, 1000)));
      return;
    }
    if (!hasEnded) await this.#tellEvent(failedEnd('The sub-agent ended on its node without saying how.'));
  }

  /** A new connection: the hub has every event up to this number. */
  resume(heard: number): void {
    for (const { number, encoded } of this.#events) if (number > heard) this.#tell(encoded);
    this.#asks.resume();
  }

  kept(number: number): void {
    while ((this.#events[0]?.number ?? Infinity) <= number)
      this.#characters -= this.#events.shift()?.encoded.length ?? 0;
    this.#onKept?.();
  }

  onAnswer(frame: HubFrameOf<'agent_answer'>): void {
    this.#asks.onAnswer(frame);
  }

  /** A call ended on this machine: the loop need not wait for the hub. */
  onResult({ sessionId, callId, tool }: EndedCall, result: ToolResult): void {
    const call = sessionId === this.#parts.start.sessionId ? this.#calls.get(callId) : undefined;
    if (call?.tool === tool) call.end(result);
  }

  /** What it is doing ends, then it tells its end. */
  stop(): void {
    this.#stopping.abort();
  }

  /** The hub does not know of it any more: the loop ends, and what its calls began is found by whoever asks for it. */
  forget(): void {
    if (this.#isForgotten) return;
    this.#isForgotten = true;
    this.#stopping.abort();
    this.#asks.close();
    this.#onKept?.();
    this.#parts.onOver();
  }

  async #tellEvent(event: NodeAgentEvent | { type: 'begun' }): Promise<void> {
    if (this.#isForgotten) return;
    const number = (this.#last += 1);
    const frame: NodeFrame = { type: 'agent_event', runId: this.#parts.start.runId, number, event };
    const encoded = JSON.stringify(frame);
    this.#events.push({ number, encoded });
    this.#characters += encoded.length;
    this.#tell(encoded);
    const isAwaited = event.type === 'message' || event.type === 'compacted' || event.type === 'end';
    while (!this.#isForgotten && (isAwaited ? this.#events.length > 0 : this.#isFull)) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#onKept = resolve;
      await promise;
    }
    if (event.type === 'end') this.forget();
  }

  get #isFull(): boolean {
    return this.#events.length >= agentEventWindow || this.#characters > maxKeptCharacters;
  }

  async *#model(request: NodeModelRequest, signal: AbortSignal): AsyncGenerator<NodeModelEvent> {
    try {
      using ask = this.#asks.open({ name: 'model', request });
      using _cancelling = onAbort(signal, () => {
        ask.cancel();
        ask[Symbol.dispose]();
      });
      for (let answer = await ask.next(); answer !== undefined; answer = await ask.next()) {
        if (answer.type !== 'model') continue;
        yield answer.event;
        if (answer.event.type === 'end' || answer.event.type === 'error') return;
      }
      yield modelError('CANCELLED', 'The run was stopped.');
    } catch (error) {
      if (!(error instanceof AskRefused)) throw error;
      yield modelError('CONTEXT_TOO_LONG', error.message);
    }
  }

  async #call(call: NodeAgentCall): Promise<ToolResult> {
    const { callId, tool, signal } = call;
    const { nodeId } = this.#parts.start.spec;
    const answered = Promise.withResolvers<ToolResult>();
    try {
      using ask = this.#asks.open({ name: 'call', callId, tool, arguments: call.arguments });
      const end = (result: ToolResult): void => {
        // Before the hub hears of the result, so that it does not send it back.
        ask[Symbol.dispose]();
        answered.resolve(result);
      };
      this.#calls.set(callId, { tool, end });
      using _cancelling = onAbort(signal, () => this.#cancel(callId, ask, end));
      void ask.next().then((answer) => end(answer?.type === 'result' ? answer.result : failure('CANCELLED', callId)));
      const result = await answered.promise;
      return { ...result, metadata: { call_id: callId, node_id: nodeId, ...result.metadata } };
    } catch (error) {
      if (!(error instanceof AskRefused)) throw error;
      return failure('PAYLOAD_TOO_LARGE', callId, error.message);
    } finally {
      this.#calls.delete(callId);
    }
  }

  /** Also without a connection: what this machine executes for the call ends. Left behind by its hub, it goes on (N7). */
  #cancel(callId: string, ask: AgentAsk, end: (result: ToolResult) => void): void {
    if (this.#isForgotten) return end(failure('CANCELLED', callId));
    const { sessionId } = this.#parts.start;
    ask.cancel();
    void this.#parts.machine.cancelCall({ sessionId, callId }).catch(() => undefined);
    void delay(cancelDeadlineMs, undefined, { ref: false }).then(() => end(failure('CANCELLED', callId)));
  }

  #tell(encoded: string): void {
    if (!this.#isForgotten) this.#parts.tell(encoded);
  }
}

const onAbort = (signal: AbortSignal, react: () => void): Disposable => {
  if (signal.aborted) react();
  else signal.addEventListener('abort', react, { once: true });
  return { [Symbol.dispose]: () => signal.removeEventListener('abort', react) };
};

const noUsage = { inputTokens: 0, outputTokens: 0, cachedInputTokens: 0, modelMs: 0, durationMs: 0, turns: 0 };

const failedEnd = (message: string): NodeAgentEvent => ({
  type: 'end',
  reason: 'failed',
  usage: noUsage,
  error: { code: 'INTERNAL', message },
});

const modelError = (code: 'CANCELLED' | 'CONTEXT_TOO_LONG', message: string): NodeModelEvent => ({
  type: 'error',
  error: { code, message, isRetryable: false },
});

const failure = (code: 'CANCELLED' | 'PAYLOAD_TOO_LARGE', callId: string, message?: string): ToolResult => ({
  success: false,
  output: '',
  error: { code, message: message ?? errorTable[code].message },
  metadata: { call_id: callId },
});

/** One question of a loop on a node: its answers are kept until the node has them, and no more are made than it takes. */
import { agentAnswerWindow, maxNodeFrameBytes, NavisError, toErrorBody } from '@navisai/protocol';
import type { HubFrame, NodeAgentAnswer, NodeAgentAsk, NodeModelEvent, ToolResult } from '@navisai/protocol';
import type { NodeAgentSink } from '../remote.types.ts';

export interface ServedAskParts {
  runId: string;
  id: number;
  ask: NodeAgentAsk;
  sink: NodeAgentSink;
  /** Reaches the node when there is a connection. */
  tell(encoded: string): void;
  /** The node wants no more of it. */
  onDone(): void;
}

export class ServedAsk {
  readonly #parts: ServedAskParts;
  readonly #stopping = new AbortController();
  /** Encoded answers that the node may not have, by number. */
  readonly #kept = new Map<number, string>();
  #last = 0;
  #isComplete = false;
  #isDone = false;
  #onRoom: (() => void) | undefined;

  constructor(parts: ServedAskParts) {
    this.#parts = parts;
  }

  /** Never rejects. */
  async serve(): Promise<void> {
    const { ask, sink } = this.#parts;
    const { signal } = this.#stopping;
    if (ask.name === 'model') return this.#stream(sink.model(ask.request, signal));
    const { callId, tool, arguments: given } = ask;
    const result = await sink.call({ callId, tool, arguments: given, signal });
    this.#answer({ type: 'result', result }, true);
  }

  /** A new connection: the node has everything up to this number. */
  resume(after: number): void {
    this.taken(after, false);
    for (const encoded of this.#kept.values()) this.#parts.tell(encoded);
  }

  taken(number: number, isDone: boolean): void {
    for (const one of this.#kept.keys()) if (one <= number) this.#kept.delete(one);
    this.#onRoom?.();
    if (isDone || (this.#isComplete && this.#kept.size === 0)) this.#finish();
  }

  /** What was begun for it ends. */
  stop(): void {
    this.#stopping.abort();
    this.#onRoom?.();
  }

  async #stream(events: AsyncIterable<NodeModelEvent>): Promise<void> {
    for await (const event of events) {
      const isLast = event.type === 'end' || event.type === 'error';
      this.#answer({ type: 'model', event }, isLast);
      if (isLast) return;
      await this.#room();
      if (this.#isDone || this.#stopping.signal.aborted) break;
    }
    const error = { code: 'CANCELLED', message: 'The run was stopped.', isRetryable: false } as const;
    this.#answer({ type: 'model', event: { type: 'error', error } }, true);
  }

  #answer(answer: NodeAgentAnswer, isLast: boolean): void {
    if (this.#isDone) return;
    const { runId, id, tell } = this.#parts;
    const number = (this.#last += 1);
    const encoded = encodeAnswer({ type: 'agent_answer', runId, id, number, answer, isLast });
    this.#isComplete ||= isLast;
    this.#kept.set(number, encoded);
    tell(encoded);
  }

  /** Resolves when the node has taken enough of what was sent. */
  async #room(): Promise<void> {
    while (this.#kept.size >= agentAnswerWindow && !this.#isDone && !this.#stopping.signal.aborted) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#onRoom = resolve;
      await promise;
    }
  }

  #finish(): void {
    if (this.#isDone) return;
    this.#isDone = true;
    // A call goes on: its result is known to the node already.
    if (this.#parts.ask.name === 'model') this.#stopping.abort();
    this.#kept.clear();
    this.#onRoom?.();
    this.#parts.onDone();
  }
}

type AnswerFrame = Extract<HubFrame, { type: 'agent_answer' }>;

const encodeAnswer = (frame: AnswerFrame): string => {
  const encoded = JSON.stringify(frame);
  if (encoded.length * 3 <= maxNodeFrameBytes || Buffer.byteLength(encoded) <= maxNodeFrameBytes) return encoded;
  const { message } = new NavisError('PAYLOAD_TOO_LARGE', 'The answer is larger than the link to the node carries.');
  const error = { code: 'REFUSED', message, isRetryable: false } as const;
  const answer: NodeAgentAnswer =
    frame.answer.type === 'model'
      ? { type: 'model', event: { type: 'error', error } }
      : { type: 'result', result: tooLarge(message) };
  return JSON.stringify({ ...frame, answer, isLast: true });
};

const tooLarge = (message: string): ToolResult => ({
  success: false,
  output: '',
  error: toErrorBody(new NavisError('PAYLOAD_TOO_LARGE', message)),
  metadata: {},
});

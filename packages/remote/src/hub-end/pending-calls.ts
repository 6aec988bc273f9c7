/** Calls that wait for their result, over as many connections as it takes, until their deadline (N6, N7). */
import { callIdSchema, maxNodeFrameBytes, NavisError, sessionIdSchema, toErrorBody } from '@navisai/protocol';
import type { ErrorCode, NodeFrameOf, ToolResult } from '@navisai/protocol';
import type { ToolCallRequest } from '@navisai/machine';
import { callDeadlineMs } from './call-deadline.ts';
import type { HubConnection } from './hub-connection.ts';

interface CallRef {
  sessionId: string;
  callId: string;
}

interface PendingCall extends CallRef {
  /** The frame, as it is sent on every connection. */
  encoded: string;
  promise: Promise<ToolResult>;
  settle(result: ToolResult): void;
  timer: NodeJS.Timeout;
}

const maxPending = 2000;
const maxToolLength = 64;
/** CANCEL_DROPPED: of cancellations for a node that is away the oldest go; the tool's own timeout ends such calls. */
const maxCancels = 1000;

export class PendingCalls {
  readonly #nodeId: string;
  readonly #connection: () => HubConnection | undefined;
  readonly #pending = new Map<string, PendingCall>();
  /** Until the node says that nothing of them is left. */
  readonly #cancels = new Map<string, CallRef>();

  constructor(nodeId: string, connection: () => HubConnection | undefined) {
    this.#nodeId = nodeId;
    this.#connection = connection;
  }

  /** Never rejects. */
  execute(request: ToolCallRequest): Promise<ToolResult> {
    const key = keyOf(request);
    const earlier = this.#pending.get(key);
    if (earlier !== undefined) return earlier.promise;
    const connection = this.#connection();
    if (connection === undefined) return Promise.resolve(this.#failure(request, new NavisError('NODE_OFFLINE')));
    const refusal = this.#refusal(request, connection);
    if (refusal !== undefined) return Promise.resolve(this.#failure(request, refusal));
    const deadlineMs = callDeadlineMs(request.arguments);
    const encoded = encodeCall(request, deadlineMs);
    if (encoded === undefined) return Promise.resolve(this.#failure(request, new NavisError('PAYLOAD_TOO_LARGE')));
    const { promise, resolve } = Promise.withResolvers<ToolResult>();
    const timer = setTimeout(() => this.#onDeadline(key), deadlineMs);
    const { sessionId, callId } = request;
    this.#pending.set(key, { sessionId, callId, encoded, promise, settle: resolve, timer });
    connection.sendEncoded(encoded);
    return promise;
  }

  /** Resolves when the call has answered; while the node is away it is told at its next connection. */
  async cancel(ref: CallRef): Promise<void> {
    if (!isCallRef(ref)) return;
    this.#remember(ref);
    this.#connection()?.send({ type: 'cancel', sessionId: ref.sessionId, callId: ref.callId });
    await this.#pending.get(keyOf(ref))?.promise;
  }

  /** Answers the calls of a session that is closed while its node is away. */
  cancelSession(sessionId: string): void {
    for (const call of this.#pending.values()) {
      if (call.sessionId !== sessionId) continue;
      this.#remember(call);
      this.#settle(call, this.#failure(call, new NavisError('CANCELLED')));
    }
  }

  /** A new connection: everything that has no answer is asked again, and the node answers from what it knows. */
  resume(connection: HubConnection): void {
    for (const { encoded } of this.#pending.values()) connection.sendEncoded(encoded);
    // Behind the calls: one that the node has never heard of is not begun after it was cancelled.
    for (const { sessionId, callId } of this.#cancels.values()) connection.send({ type: 'cancel', sessionId, callId });
  }

  onResult({ sessionId, callId, result }: NodeFrameOf<'result'>): void {
    const call = this.#pending.get(keyOf({ sessionId, callId }));
    const take = (): void => this.#connection()?.send({ type: 'taken', sessionId, callId });
    if (call === undefined) return take();
    const metadata = { ...result.metadata, call_id: callId, node_id: this.#nodeId };
    this.#settle(call, { ...result, metadata });
    // Behind those who wait for it.
    void call.promise.then(take);
  }

  onCancelled(ref: CallRef): void {
    this.#cancels.delete(keyOf(ref));
  }

  /** The hub leaves; the calls go on, and whoever asks again with the same id joins them. */
  close(): void {
    const left = new NavisError(
      'HUB_UNREACHABLE',
      'The hub is leaving, the call goes on. Ask again with the same call_id.',
    );
    for (const call of this.#pending.values()) this.#settle(call, this.#failure(call, left));
  }

  #refusal(request: ToolCallRequest, connection: HubConnection): NavisError | undefined {
    if (!isCallRef(request)) return new NavisError('INVALID_ARGUMENT', 'This is not the id of a call in a session.');
    if (request.tool.length > maxToolLength) return new NavisError('TOOL_UNKNOWN');
    if (this.#pending.size >= maxPending || !connection.takesWork)
      return new NavisError('RATE_LIMITED', 'Too many calls are under way on this node.');
    return undefined;
  }

  #onDeadline(key: string): void {
    const call = this.#pending.get(key);
    if (call === undefined) return;
    this.#remember(call);
    this.#connection()?.send({ type: 'cancel', sessionId: call.sessionId, callId: call.callId });
    this.#settle(call, this.#failure(call, new NavisError('DEADLINE')));
  }

  #remember({ sessionId, callId }: CallRef): void {
    this.#cancels.set(keyOf({ sessionId, callId }), { sessionId, callId });
    for (const oldest of this.#cancels.keys()) {
      if (this.#cancels.size <= maxCancels) break;
      this.#cancels.delete(oldest);
    }
  }

  #settle(call: PendingCall, result: ToolResult): void {
    clearTimeout(call.timer);
    this.#pending.delete(keyOf(call));
    call.settle(result);
  }

  #failure({ callId }: CallRef, error: NavisError): ToolResult {
    const { message, ...body } = toErrorBody(error) as { code: ErrorCode; message: string };
    const metadata = { call_id: callId, node_id: this.#nodeId };
    return { success: false, output: '', error: { ...body, message }, metadata };
  }
}

/** What is none would be an offence to the node. */
export const isCallRef = ({ sessionId, callId }: CallRef): boolean =>
  callIdSchema.safeParse(callId).success && sessionIdSchema.safeParse(sessionId).success;

const keyOf = ({ sessionId, callId }: CallRef): string => `${sessionId}/${callId}`;

/** `undefined` when it is larger than a frame may be. */
const encodeCall = (request: ToolCallRequest, deadlineMs: number): string | undefined => {
  const frame = { type: 'call', ...request, deadlineMs };
  const encoded = JSON.stringify(frame);
  const isSmall = encoded.length * 3 <= maxNodeFrameBytes || Buffer.byteLength(encoded) <= maxNodeFrameBytes;
  return isSmall ? encoded : undefined;
};

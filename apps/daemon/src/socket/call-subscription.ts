/** Output of one `run` on a socket while it goes on, then its end. */
import type { CallOutputSink } from '@navisai/machine';
import { ByteOutlet } from './byte-outlet.ts';
import type { RequestOf, Subscription, SubscriptionContext } from './subscription.types.ts';

type CallRequest = RequestOf<'call'>;

export const callKey = (callId: string): string => `call ${callId}`;

/** Rejects NOT_FOUND for a session that the device may not see. */
export const openCallSubscription = async (
  context: SubscriptionContext,
  request: CallRequest,
  signal: AbortSignal,
): Promise<Subscription> => {
  await context.hub.visibleSession(context.device, request.sessionId);
  const subscription = new CallSubscription(context, request);
  if (!signal.aborted) subscription.open();
  return subscription;
};

type StreamName = 'stdout' | 'stderr';

class CallSubscription implements Subscription, CallOutputSink {
  readonly key: string;
  readonly #context: SubscriptionContext;
  readonly #request: CallRequest;
  readonly #streams: Record<StreamName, ByteOutlet>;
  readonly #offsets: Record<StreamName, number>;
  #watch: { close(): void } | undefined;
  #isOver = false;

  constructor(context: SubscriptionContext, request: CallRequest) {
    this.#context = context;
    this.#request = request;
    this.key = callKey(request.callId);
    this.#offsets = { stdout: request.stdout ?? 0, stderr: request.stderr ?? 0 };
    this.#streams = { stdout: this.#outletOf('stdout'), stderr: this.#outletOf('stderr') };
  }

  open(): void {
    const { hub, outlet, id, channel } = this.#context;
    outlet.tell('subscribed', { id, generation: hub.events.generation, channel }, this.#request.sessionId);
    this.#resume();
  }

  close(): void {
    this.#isOver = true;
    this.#watch?.close();
    this.#streams.stdout.close();
    this.#streams.stderr.close();
  }

  onOutput(chunk: { stream: StreamName; offset: number; bytes: Uint8Array }): void {
    if (this.#isOver || this.#watch === undefined) return;
    this.#offsets[chunk.stream] = chunk.offset + chunk.bytes.length;
    this.#streams[chunk.stream].push({ offset: chunk.offset, bytes: chunk.bytes });
    if (this.#context.outlet.isBusy) this.#pause();
  }

  onEnd(end: { exitCode: number | null; signal: string | null }): void {
    if (this.#isOver) return;
    this.#streams.stdout.flush();
    this.#streams.stderr.flush();
    const { sessionId, callId } = this.#request;
    this.#context.outlet.tell('call.end', { callId, ...end }, sessionId);
  }

  /** A call's output has no credit: a reader that is slow leaves, and continues by offsets when the socket is free. */
  #pause(): void {
    this.#watch?.close();
    this.#watch = undefined;
    void this.#context.outlet.ready().then(() => {
      if (!this.#isOver) this.#resume();
    });
  }

  #resume(): void {
    const { sessionId, callId, nodeId } = this.#request;
    // Bytes may come before `watchCall` returns.
    this.#watch = { close: () => undefined };
    const watch = this.#context.hub.machine.watchCall({ sessionId, callId, nodeId, ...this.#offsets }, this);
    if (this.#isOver || this.#watch === undefined) watch.close();
    else this.#watch = watch;
  }

  #outletOf(stream: StreamName): ByteOutlet {
    const { outlet, channel } = this.#context;
    const kind = stream === 'stdout' ? 'output' : 'stderr';
    const { sessionId, callId } = this.#request;
    return new ByteOutlet(outlet, {
      frame: (chunk) => ({ kind, channel, ...chunk }),
      text: (piece) => outlet.tell('call.output', { callId, stream, ...piece }, sessionId),
    });
  }
}

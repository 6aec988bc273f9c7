/** The calls that a hub asked for: each is executed once, and its result is kept until the hub has it (N7). */
import { errorTable, maxNodeFrameBytes } from '@navisai/protocol';
import type { HubFrameOf, NodeFrame, ToolResult } from '@navisai/protocol';
import type { Machine } from '@navisai/machine';

type CallFrame = HubFrameOf<'call'>;
interface CallRef {
  sessionId: string;
  callId: string;
}

const maxUnderWay = 2000;
/** RESULT_DROPPED: of results that no hub fetched the oldest go; who asks again gets what the machine has recorded. */
const maxKept = { results: 2000, characters: 64 * 1024 * 1024 } as const;

export class ServedCalls {
  readonly #machine: Machine;
  readonly #tell: (frame: string) => void;
  readonly #onResult: (call: CallFrame, result: ToolResult) => void;
  readonly #underWay = new Set<string>();
  /** Encoded results without acknowledgement, oldest first. */
  readonly #results = new Map<string, string>();
  #characters = 0;
  #isClosed = false;

  /** `tell` reaches the hub when there is one; `onResult` hears of each result before it. */
  constructor(
    machine: Machine,
    tell: (frame: string) => void,
    onResult: (call: CallFrame, result: ToolResult) => void = () => undefined,
  ) {
    this.#machine = machine;
    this.#tell = tell;
    this.#onResult = onResult;
  }

  call(frame: CallFrame): void {
    const key = keyOf(frame);
    const known = this.#results.get(key);
    if (known !== undefined) this.#tell(known);
    if (known !== undefined || this.#underWay.has(key)) return;
    if (this.#underWay.size >= maxUnderWay) this.#finish(frame, refusal(frame));
    else void this.#execute(frame);
  }

  async cancel({ sessionId, callId }: CallRef): Promise<void> {
    await this.#machine.cancelCall({ sessionId, callId });
    const frame: NodeFrame = { type: 'cancelled', sessionId, callId };
    this.#tell(JSON.stringify(frame));
  }

  /** The hub has the result. */
  taken(ref: CallRef): void {
    this.#forget(keyOf(ref));
  }

  acknowledge({ sessionId, callId }: CallRef): void {
    this.taken({ sessionId, callId });
    this.#machine.acknowledgeCall({ sessionId, callId });
  }

  close(): void {
    this.#isClosed = true;
  }

  async #execute(frame: CallFrame): Promise<void> {
    const { type: _type, deadlineMs: _deadlineMs, ...request } = frame;
    this.#underWay.add(keyOf(frame));
    const result = await this.#machine.execute(request);
    this.#underWay.delete(keyOf(frame));
    // This program leaves and the call goes on: the next one will be asked and will know.
    if (result.error?.code !== 'HUB_UNREACHABLE') this.#finish(frame, result);
  }

  #finish(frame: CallFrame, result: ToolResult): void {
    if (this.#isClosed) return;
    this.#onResult(frame, result);
    const key = keyOf(frame);
    const encoded = encodeResult(frame, result);
    this.#results.set(key, encoded);
    this.#characters += encoded.length;
    for (const oldest of this.#results.keys()) {
      if (this.#results.size <= maxKept.results && this.#characters <= maxKept.characters) break;
      if (oldest !== key) this.#forget(oldest);
    }
    this.#tell(encoded);
  }

  #forget(key: string): void {
    this.#characters -= this.#results.get(key)?.length ?? 0;
    this.#results.delete(key);
  }
}

const keyOf = ({ sessionId, callId }: CallRef): string => `${sessionId}/${callId}`;

const failure = (code: 'RATE_LIMITED' | 'PAYLOAD_TOO_LARGE', message: string, frame: CallRef): ToolResult => ({
  success: false,
  output: '',
  error: { code, message },
  metadata: { call_id: frame.callId },
});

const refusal = (frame: CallRef): ToolResult => failure('RATE_LIMITED', errorTable.RATE_LIMITED.message, frame);

const encodeResult = ({ sessionId, callId }: CallFrame, result: ToolResult): string => {
  const encoded = JSON.stringify({ type: 'result', sessionId, callId, result });
  // UTF-8 takes up to three bytes for a character.
  if (encoded.length * 3 <= maxNodeFrameBytes || Buffer.byteLength(encoded) <= maxNodeFrameBytes) return encoded;
  const message = `The result has ${encoded.length} characters, more than the link to the hub carries. The call has ended.`;
  const cut = failure('PAYLOAD_TOO_LARGE', message, { sessionId, callId });
  return JSON.stringify({ type: 'result', sessionId, callId, result: cut });
};

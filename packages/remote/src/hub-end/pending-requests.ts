/** Questions that are asked once, on the connection there is: one that breaks leaves them without an answer, and says so. */
import {
  encodeFrameWithBytes,
  isErrorCode,
  maxNodeFrameBytes,
  NavisError,
  nodeAnswerSchemas,
  nodeAskSchema,
} from '@navisai/protocol';
import type { NodeAnswer, NodeAsk, NodeAskName, NodeFrameOf } from '@navisai/protocol';
import { Violation } from './hub-connection.ts';
import type { HubConnection } from './hub-connection.ts';

type AskOf<Name extends NodeAskName> = Extract<NodeAsk, { name: Name }>;

export interface Answered<Name extends NodeAskName> {
  value: NodeAnswer<Name>;
  bytes: Uint8Array;
}

interface PendingRequest {
  name: NodeAskName;
  timer: NodeJS.Timeout;
  resolve(answer: { value: unknown; bytes: Uint8Array }): void;
  reject(error: NavisError): void;
}

const maxPending = 1000;
/** With what is asked it stays below the largest frame. */
const maxBytes = maxNodeFrameBytes - 1024 * 1024;
const requestDeadlineMs = 30_000;
/** Ends every process tree of a session. */
const closeDeadlineMs = 60_000;

export class PendingRequests {
  readonly #connection: () => HubConnection | undefined;
  readonly #pending = new Map<number, PendingRequest>();
  #lastId = 0;

  constructor(connection: () => HubConnection | undefined) {
    this.#connection = connection;
  }

  /** Rejects LINK_DOWN (nothing was sent, or the answer was lost), DEADLINE, RATE_LIMITED, or what the node says. */
  ask<Name extends NodeAskName>(ask: AskOf<Name>, bytes?: Uint8Array): Promise<Answered<Name>> {
    const connection = this.#connection();
    if (connection === undefined) return Promise.reject(new NavisError('LINK_DOWN'));
    if (this.#pending.size >= maxPending || !connection.takesWork)
      return Promise.reject(new NavisError('RATE_LIMITED', 'Too many requests wait for this node.'));
    if (bytes !== undefined && bytes.length > maxBytes) return Promise.reject(new NavisError('PAYLOAD_TOO_LARGE'));
    // What names a known terminal and nothing else need not be judged once more for every key.
    if (ask.name !== 'input' && !nodeAskSchema.safeParse(ask).success)
      return Promise.reject(new NavisError('INVALID_ARGUMENT', 'An argument is out of range.'));
    const id = (this.#lastId += 1);
    const { promise, resolve, reject } = Promise.withResolvers<{ value: unknown; bytes: Uint8Array }>();
    const deadlineMs = ask.name === 'closeSession' ? closeDeadlineMs : requestDeadlineMs;
    const timer = setTimeout(() => this.#take(id)?.reject(new NavisError('DEADLINE', noAnswer)), deadlineMs);
    this.#pending.set(id, { name: ask.name, timer, resolve, reject });
    const frame = { type: 'request', id, ask } as const;
    if (bytes === undefined) connection.send(frame);
    else connection.sendEncoded(encodeFrameWithBytes(frame, bytes));
    return promise as Promise<Answered<Name>>;
  }

  /** Throws Violation for an answer that does not fit the question. */
  onResponse({ id, value, error }: NodeFrameOf<'response'>, bytes: Uint8Array | undefined): void {
    const request = this.#take(id);
    if (request === undefined) return;
    if (error !== undefined) return request.reject(asNavisError(error));
    const parsed = nodeAnswerSchemas[request.name].safeParse(value);
    if (parsed.success) return request.resolve({ value: parsed.data, bytes: bytes ?? new Uint8Array() });
    request.reject(new NavisError('LINK_DOWN', 'The node answered what could not be understood.'));
    throw new Violation(`an answer to ${request.name} is not valid`);
  }

  /** The connection broke: nothing is asked twice. */
  abandon(): void {
    for (const id of this.#pending.keys()) {
      const request = this.#take(id);
      const isInput = request?.name === 'input';
      request?.reject(new NavisError('LINK_DOWN', isInput ? inputUnknown : noAnswer));
    }
  }

  #take(id: number): PendingRequest | undefined {
    const request = this.#pending.get(id);
    clearTimeout(request?.timer);
    this.#pending.delete(id);
    return request;
  }
}

const noAnswer = 'The link to this node was lost before it answered.';
const inputUnknown =
  'The link to this node was lost before it answered. It is not known how much of this input the program got; it was not sent again.';

const asNavisError = ({ code, message, ...details }: { code: string; message: string }): NavisError => {
  const { field, ...rest } = details as Record<string, unknown>;
  const facts = { details: rest, ...(typeof field === 'string' ? { field } : {}) };
  return new NavisError(isErrorCode(code) ? code : 'INTERNAL', message, facts);
};

/** Requests, answers, events and output over one authenticated connection; both sides may ask. */
import type { ErrorCode } from '@navisai/protocol';
import type { FramedSocket } from './framed-socket.ts';
import type { DataFrame, Frame, MessageFrame } from './frames.ts';
import { HostError } from './host-error.ts';

/** What a peer offers: method → its parameters and result. A payload of bytes may travel beside either. */
export type Methods = Record<string, { params: unknown; result: unknown }>;
export type Events = Record<string, unknown>;
/** A side that serves, asks or tells nothing. */
export type Nothing = Record<never, never>;

export interface Reply<Result> {
  result: Result;
  payload?: Uint8Array;
  /** Nobody waits for it: it may come some milliseconds later, with others. */
  isLate?: boolean;
}

/** Throws HostError for what the caller should see; anything else is answered as INTERNAL. */
export type Handlers<Served extends Methods> = {
  [Method in keyof Served]: (
    params: Served[Method]['params'],
    payload: Buffer,
  ) => Reply<Served[Method]['result']> | Promise<Reply<Served[Method]['result']>>;
};

export type EventHandlers<Heard extends Events> = { [Type in keyof Heard]: (data: Heard[Type]) => void };

export interface ConnectionOptions<Served extends Methods, Heard extends Events> {
  handlers: Handlers<Served>;
  events: EventHandlers<Heard>;
  onData?(frame: DataFrame): void;
  onDrain?(): void;
  onClose(reason: string): void;
}

export interface RequestOptions {
  payload?: Uint8Array;
  deadlineMs?: number;
}

const requestDeadlineMs = 10_000;
/** Named overflow: further requests are refused with HOST_UNAVAILABLE. */
const maxPending = 4096;

interface Pending {
  resolve(reply: { result: unknown; payload: Buffer }): void;
  reject(error: Error): void;
  timer: NodeJS.Timeout;
}

type Message =
  | { id: number; method: string; params: unknown }
  | { id: number; result: unknown }
  | { id: number; error: { code: ErrorCode; message: string; details?: Record<string, unknown> } }
  | { event: string; data: unknown };

export class Connection<Asked extends Methods, Served extends Methods, Told extends Events, Heard extends Events> {
  readonly #socket: FramedSocket;
  readonly #options: ConnectionOptions<Served, Heard>;
  readonly #pending = new Map<number, Pending>();
  #lastId = 0;

  constructor(socket: FramedSocket, options: ConnectionOptions<Served, Heard>) {
    this.#socket = socket;
    this.#options = options;
    socket.listen({
      onFrame: (frame) => this.#read(frame),
      onClose: (reason) => this.#closed(reason),
      onDrain: () => options.onDrain?.(),
    });
  }

  get isCongested(): boolean {
    return this.#socket.isCongested;
  }

  get isClosed(): boolean {
    return this.#socket.isClosed;
  }

  /** Rejects with HostError: the peer's own, or HOST_UNAVAILABLE when it is gone or silent until the deadline. */
  request<Method extends keyof Asked & string>(
    method: Method,
    params: Asked[Method]['params'],
    options: RequestOptions = {},
  ): Promise<{ result: Asked[Method]['result']; payload: Buffer }> {
    if (this.isClosed || this.#pending.size >= maxPending) return Promise.reject(unavailable(method));
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#expire(id, method), options.deadlineMs ?? requestDeadlineMs);
      this.#pending.set(id, { resolve, reject, timer });
      this.#socket.sendMessage({ id, method, params }, options.payload);
    });
  }

  tell<Type extends keyof Told & string>(event: Type, data: Told[Type]): void {
    this.#socket.sendMessage({ event, data });
  }

  sendData(frame: { channel: number; offset: number; bytes: Uint8Array }): void {
    this.#socket.sendData(frame);
  }

  close(reason: string): void {
    this.#socket.close(reason);
  }

  /** Closes after everything sent is out. */
  end(reason: string): void {
    this.#socket.end(reason);
  }

  #expire(id: number, method: string): void {
    this.#pending.get(id)?.reject(unavailable(method));
    this.#pending.delete(id);
  }

  #closed(reason: string): void {
    for (const { reject, timer } of this.#pending.values()) {
      clearTimeout(timer);
      reject(unavailable(reason));
    }
    this.#pending.clear();
    this.#options.onClose(reason);
  }

  #read(frame: Frame): void {
    if (frame.kind === 'data') return this.#options.onData?.(frame);
    const message = frame.message as Message;
    if ('event' in message) return this.#hear(message.event, message.data);
    if ('method' in message) return void this.#serve(message, frame);
    this.#settle(message, frame.payload);
  }

  #hear(type: string, data: unknown): void {
    // An unknown event comes from a newer peer and means nothing here.
    if (Object.hasOwn(this.#options.events, type)) this.#options.events[type]?.(data as Heard[string]);
  }

  #settle(message: Extract<Message, { result: unknown } | { error: unknown }>, payload: Buffer): void {
    const pending = this.#pending.get(message.id);
    if (pending === undefined) return;
    this.#pending.delete(message.id);
    clearTimeout(pending.timer);
    if ('error' in message) {
      pending.reject(new HostError(message.error.code, message.error.message, message.error.details));
    } else pending.resolve({ result: message.result, payload });
  }

  async #serve({ id, method, params }: Extract<Message, { method: string }>, frame: MessageFrame): Promise<void> {
    try {
      const handler = Object.hasOwn(this.#options.handlers, method) ? this.#options.handlers[method] : undefined;
      if (handler === undefined) throw new HostError('INVALID_REQUEST', `The host knows no ${method}.`);
      const { result, payload, isLate } = await handler(params as Served[string]['params'], frame.payload);
      if (isLate === true) this.#socket.sendMessageLate({ id, result });
      else this.#socket.sendMessage({ id, result: result ?? null }, payload);
    } catch (error) {
      const { code, message, details } = error instanceof HostError ? error : internal(error);
      this.#socket.sendMessage({ id, error: { code, message, details } });
    }
  }
}

const unavailable = (what: string): HostError =>
  new HostError('HOST_UNAVAILABLE', `The terminal host did not answer (${what}).`);

const internal = (error: unknown): HostError =>
  new HostError('INTERNAL', error instanceof Error ? error.message : String(error));

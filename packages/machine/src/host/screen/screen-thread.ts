/** The host's side of its screen worker: starts it, starts it again when it dies, and matches answers to questions. */
import { Worker } from 'node:worker_threads';
import { HostError } from '../host-error.ts';
import type { FromScreenWorker, ScreenAnswer, ScreenQuestion, ToScreenWorker } from './screen-messages.types.ts';

export interface ScreenClient {
  onPosition(offset: number): void;
  onReply(text: string): void;
  onTitle(title: string): void;
  onClosed(): void;
}

export interface GivenAnswer {
  answer: ScreenAnswer;
  parsedOffset: number;
}

interface Pending {
  id: string;
  resolve(answer: GivenAnswer): void;
  reject(error: Error): void;
  timer: NodeJS.Timeout;
}

/** Beyond the question's own patience: the worker itself does not answer. */
const answerDeadlineMs = 10_000;
/** A worker that dies again and again is started at most this often. */
const restartPauseMs = 1000;

export class ScreenThread {
  readonly #clients = new Map<string, ScreenClient>();
  readonly #pending = new Map<number, Pending>();
  #worker: Worker;
  #lastRequest = 0;
  #startedAt = 0;
  #isStopped = false;
  readonly #onFault: (reason: string) => void;
  readonly #createWorker: () => Worker;

  constructor(onFault: (reason: string) => void, createWorker = createScreenWorker) {
    this.#onFault = onFault;
    this.#createWorker = createWorker;
    this.#worker = this.#start();
  }

  attach(id: string, client: ScreenClient): void {
    this.#clients.set(id, client);
  }

  /** Questions about it that are still open are rejected: nobody will answer them. */
  detach(id: string): void {
    if (this.#clients.delete(id)) this.post({ type: 'forget', id });
    this.#failAll(id);
  }

  post(message: ToScreenWorker): void {
    this.#worker.postMessage(message, message.type === 'bytes' ? [message.bytes.buffer] : []);
  }

  /** Rejects with HOST_UNAVAILABLE when the screen or its worker goes away meanwhile. */
  ask(id: string, question: Omit<ScreenQuestion, 'request'>): Promise<GivenAnswer> {
    this.#lastRequest += 1;
    const request = this.#lastRequest;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#fail(request), question.patienceMs + answerDeadlineMs);
      this.#pending.set(request, { id, resolve, reject, timer });
      this.post({ type: 'question', id, request, ...question });
    });
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#worker.terminate();
  }

  #start(): Worker {
    this.#startedAt = performance.now();
    const worker = this.#createWorker();
    worker.on('message', (message: FromScreenWorker) => this.#hear(message));
    worker.on('error', (error) => this.#onFault(error instanceof Error ? error.message : String(error)));
    worker.on('exit', () => this.#restart());
    // The host lives as long as it has terminals or a hub, not because of this thread.
    worker.unref();
    return worker;
  }

  #restart(): void {
    if (this.#isStopped) return;
    const pauseMs = Math.max(0, this.#startedAt + restartPauseMs - performance.now());
    setTimeout(() => {
      if (this.#isStopped) return;
      this.#worker = this.#start();
      for (const id of this.#clients.keys()) this.#closed(id);
    }, pauseMs).unref();
  }

  #hear(message: FromScreenWorker): void {
    switch (message.type) {
      case 'answer':
        return this.#answered(message);
      case 'position':
        return this.#clients.get(message.id)?.onPosition(message.offset);
      case 'reply':
        return this.#clients.get(message.id)?.onReply(message.text);
      case 'title':
        return this.#clients.get(message.id)?.onTitle(message.title);
      case 'closed':
        return this.#closed(message.id);
    }
  }

  #answered({ request, answer, parsedOffset }: Extract<FromScreenWorker, { type: 'answer' }>): void {
    const pending = this.#pending.get(request);
    if (pending === undefined) return;
    clearTimeout(pending.timer);
    this.#pending.delete(request);
    pending.resolve({ answer, parsedOffset });
  }

  #closed(id: string): void {
    this.#failAll(id);
    this.#clients.get(id)?.onClosed();
  }

  #failAll(id: string): void {
    for (const [request, pending] of this.#pending) if (pending.id === id) this.#fail(request);
  }

  #fail(request: number): void {
    const pending = this.#pending.get(request);
    if (pending === undefined) return;
    clearTimeout(pending.timer);
    this.#pending.delete(request);
    pending.reject(new HostError('HOST_UNAVAILABLE', 'The screen of this terminal is not available now.'));
  }
}

const maxHeapMb = 512;

const program = new URL('./screen-worker.ts', import.meta.url);

export const createScreenWorker = (): Worker =>
  new Worker(program, { resourceLimits: { maxOldGenerationSizeMb: maxHeapMb } });

/** Outside of a worker it does nothing: its code is only loaded, to be compiled. */
export const loadScreenWorker = (): Promise<unknown> => import(program.href);

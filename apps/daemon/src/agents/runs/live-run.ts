/** One run from its beginning to its end: what the loop tells is kept and shown, and every end is told (A3, N9). */
import type { AgentEvent, AgentMessage } from '@navisai/agent';
import { type RunEndReason, toErrorBody, type Usage } from '@navisai/protocol';
import type { RunOutcome } from '../agents.types.ts';
import { isLeaving, leave } from '../leaving.ts';
import type { LiveRunParts, RunPlan } from './live-run.types.ts';
import { prepareRun, type PreparedRun, type RunContext, withContext } from './prepare-run.ts';
import { noUsage, RunRows } from './run-rows.ts';
import { hasCalls, inOne, textOf } from './said.ts';
import { toPiece } from './to-piece.ts';

interface End {
  reason: RunEndReason;
  error: { code: string; message: string } | null;
}

/** The loop ends calls within 10 s of a stop; then the run is ended without it. */
const stopDeadlineMs = 15_000;
const endRetryMs = 1000;
const maxEndAttempts = 120;

export class LiveRun {
  readonly plan: RunPlan;
  readonly ended: Promise<RunOutcome>;
  readonly #started = Promise.withResolvers<void>();
  readonly #parts: LiveRunParts;
  readonly #rows: RunRows;
  readonly #abort = new AbortController();
  /** Calls that wait for a person, of this run and of those that it started. */
  readonly #waiting = new Set<string>();
  /** Steering that the loop was given and tells again. */
  readonly #steered: AgentMessage[] = [];
  /** It is on disk that there is this run: before, nothing of it is shown. */
  #isKept = false;
  /** The person said something since it was last looked for. */
  #hasWaiting = false;
  #answer = '';
  #usage: Usage = noUsage;
  #model: string | null = null;

  constructor(plan: RunPlan, parts: LiveRunParts) {
    this.plan = plan;
    this.#parts = parts;
    this.#rows = new RunRows(plan, parts);
    // Not everybody who begins a run waits for it.
    this.#started.promise.catch(() => undefined);
    this.ended = this.#run();
  }

  get id(): string {
    return this.plan.id;
  }

  /** Resolves when it is on disk that there is this run; rejects NavisError DEGRADED when that cannot be. */
  get started(): Promise<void> {
    return this.#started.promise;
  }

  get isStopping(): boolean {
    return this.#abort.signal.aborted;
  }

  get isWaiting(): boolean {
    return this.#waiting.size > 0;
  }

  /** The person said something that waits for this run, and it is kept. */
  noticeWaiting(): void {
    this.#hasWaiting = true;
  }

  /** With everything that it started but background terminals; `ended` resolves soon. */
  stop(): void {
    this.#abort.abort();
  }

  /** Leaves what it started to whoever goes on with it. */
  leave(): void {
    leave(this.#abort);
  }

  setWaiting(key: string, isWaiting: boolean): void {
    const before = this.isWaiting;
    if (isWaiting) this.#waiting.add(key);
    else this.#waiting.delete(key);
    if (before === this.isWaiting) return;
    this.#parts.onChange(this.plan.session.id);
    this.#rows.change({ state: this.isWaiting ? 'waiting' : 'running' });
  }

  /** Never rejects. */
  async #run(): Promise<RunOutcome> {
    const end = await this.#untilTheEnd();
    await this.#keepEnd(end);
    this.#rows.stream[Symbol.dispose]();
    return { runId: this.id, answer: this.#answer, ...end };
  }

  /** A store that cannot be written now is tried again for a while: without its end a run would seem to go on. */
  async #keepEnd(end: End): Promise<void> {
    for (let attempt = 1; ; attempt += 1)
      try {
        return await this.#rows.end({ ...end, usage: this.#usage, model: this.#model });
      } catch (error) {
        if (attempt >= maxEndAttempts || isLeaving(this.#abort.signal)) {
          this.#parts.log.error({ err: error, runId: this.id }, 'the end of a run could not be kept');
          return;
        }
        await new Promise((resolve) => setTimeout(resolve, endRetryMs));
      }
  }

  async #untilTheEnd(): Promise<End> {
    try {
      const prepared = await prepareRun(this.plan, this.#parts);
      const { kept, hasWaiting, durable } = await this.#rows.start(prepared);
      durable.then(this.#started.resolve, this.#started.reject);
      if (hasWaiting) this.noticeWaiting();
      if ('problem' in prepared) return failed(prepared.problem);
      return await this.#consume(prepared, await withContext(prepared, { kept, parts: this.#parts }));
    } catch (error) {
      this.#parts.log.error({ err: error, runId: this.id }, 'a run broke');
      this.#abort.abort();
      this.#started.reject(error);
      return failed(error);
    }
  }

  /** The model is asked while the disk is waited for. */
  async #consume(prepared: PreparedRun, { messages, tools }: RunContext): Promise<End> {
    const { signal } = this.#abort;
    using ending = endingOf(signal);
    const foreign = this.#parts.loopFor?.(prepared.actor);
    const loop = this.plan.loop ?? foreign ?? this.#parts.runAgent;
    const events = loop({
      system: prepared.system,
      messages,
      model: prepared.model,
      tools,
      temperature: prepared.actor.profile.temperature,
      limits: prepared.limits,
      signal,
      newCallId: prepared.newCallId,
      now: () => this.#parts.now(),
      takeSteering: () => this.#takeSteering(foreign !== undefined),
    });
    try {
      for (;;) {
        const step = await ending.before(events.next());
        if (step === 'over') return { reason: isLeaving(signal) ? 'interrupted' : 'stopped', error: null };
        if (step.done === true) return failed(new Error('The loop ended without an end.'));
        // What the loop says about being cut short is not true: somebody goes on with it.
        if (isLeaving(signal)) return { reason: 'interrupted', error: null };
        if (step.value.type === 'end') return await this.#takeEnd(step.value);
        await this.#take(step.value);
      }
    } finally {
      void events.return().catch(() => undefined);
    }
  }

  async #takeEnd({ reason, error, usage }: Extract<AgentEvent, { type: 'end' }>): Promise<End> {
    this.#usage = usage;
    await this.#rows.written();
    return { reason, error };
  }

  async #take(event: AgentEvent): Promise<void> {
    switch (event.type) {
      case 'delta':
      case 'call_delta':
      case 'result':
        if (!this.#isKept) await this.#untilKept();
        return this.#rows.stream.say(toPiece(event));
      case 'model':
        this.#model = event.reference;
        return this.#rows.keepModel(event.reference);
      case 'usage':
        this.#usage = event.usage;
        return;
      case 'notice':
        if (!this.#isKept) await this.#untilKept();
        return this.#rows.notice(event);
      case 'compacted':
        return this.#rows.keepContext(event.messages);
      case 'message':
        return this.#takeMessage(event.message);
      case 'end':
        return;
    }
  }

  async #untilKept(): Promise<void> {
    await this.#started.promise;
    this.#isKept = true;
  }

  /** Calls are made when the message that asks for them is on disk; nothing else waits for that. */
  async #takeMessage(message: AgentMessage): Promise<void> {
    if (message.role === 'user' && this.#steered.shift() !== undefined) return;
    const keeping = this.#rows.keepMessage(message, this.#usage);
    if (message.role === 'tool') keeping.then(() => this.#acknowledge(message)).catch(() => undefined);
    else if (message.role !== 'assistant' || hasCalls(message)) await keeping;
    // A failure is found by whatever is written next.
    else keeping.catch(() => undefined);
    const said = message.role === 'assistant' ? textOf(message) : '';
    if (said !== '') this.#answer = said;
  }

  #acknowledge({ results }: Extract<AgentMessage, { role: 'tool' }>): void {
    const sessionId = this.plan.session.id;
    for (const { callId } of results) this.#parts.acknowledgeCall({ sessionId, callId });
  }

  /** An agent of others is prompted with one message at a time. */
  async #takeSteering(asOne: boolean): Promise<AgentMessage[]> {
    if (this.plan.parent !== null || !this.#hasWaiting) return [];
    this.#hasWaiting = false;
    const taken = await this.#rows.takeWaiting();
    const given = asOne ? inOne(taken) : taken;
    this.#steered.push(...given);
    return given;
  }
}

const failed = (error: unknown): End => {
  const { code, message } = toErrorBody(error);
  return { reason: 'failed', error: { code, message } };
};

interface Ending extends Disposable {
  /** What `work` resolves with, or that the run is over before. */
  before<T>(work: Promise<T>): Promise<T | 'over'>;
}

/** `over` at once when the hub leaves, and some time after a stop that the loop does not follow. */
const endingOf = (signal: AbortSignal): Ending => {
  let isOver = false;
  let tell = (_over: 'over'): void => undefined;
  let timer: NodeJS.Timeout | undefined;
  const end = (): void => {
    isOver = true;
    tell('over');
  };
  const onAbort = (): void => {
    if (isLeaving(signal)) end();
    else timer = setTimeout(end, stopDeadlineMs);
  };
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  return {
    before: <T>(work: Promise<T>) =>
      new Promise<T | 'over'>((resolve, reject) => {
        tell = resolve;
        if (isOver) resolve('over');
        work.then(resolve, reject);
      }),
    [Symbol.dispose]: () => {
      signal.removeEventListener('abort', onAbort);
      clearTimeout(timer);
    },
  };
};

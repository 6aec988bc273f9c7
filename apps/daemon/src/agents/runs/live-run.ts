/** One run from its beginning to its end: what the loop tells is kept and shown, and every end is told (A3, N9). */
import type { AgentEvent, AgentMessage } from '@navisai/agent';
import { type RunEndReason, toErrorBody, type Usage } from '@navisai/protocol';
import type { RunOutcome } from '../agents.types.ts';
import { isLeaving, leave } from '../leaving.ts';
import type { LiveRunParts, RunPlan } from './live-run.types.ts';
import { prepareRun, type PreparedRun } from './prepare-run.ts';
import { noUsage, RunRows } from './run-rows.ts';
import { inOne, textOf } from './said.ts';
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
    this.#started.resolve();
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
      await this.#rows.start(prepared);
      this.#started.resolve();
      if ('problem' in prepared) return failed(prepared.problem);
      return await this.#consume(prepared);
    } catch (error) {
      this.#parts.log.error({ err: error, runId: this.id }, 'a run broke');
      this.#abort.abort();
      this.#started.reject(error);
      return failed(error);
    }
  }

  async #consume(prepared: PreparedRun): Promise<End> {
    const { signal } = this.#abort;
    using ending = endingOf(signal);
    const foreign = this.#parts.loopFor?.(prepared.actor);
    const loop = this.plan.loop ?? foreign ?? this.#parts.runAgent;
    const events = loop({
      system: prepared.system,
      messages: prepared.messages,
      model: prepared.model,
      tools: prepared.tools,
      temperature: prepared.actor.profile.temperature,
      limits: prepared.limits,
      signal,
      newCallId: prepared.newCallId,
      now: () => this.#parts.now(),
      takeSteering: () => this.#takeSteering(foreign !== undefined),
    });
    try {
      for (;;) {
        const step = await Promise.race([events.next(), ending.over]);
        if (step === 'over') return { reason: isLeaving(signal) ? 'interrupted' : 'stopped', error: null };
        if (step.done === true) return failed(new Error('The loop ended without an end.'));
        // What the loop says about being cut short is not true: somebody goes on with it.
        if (isLeaving(signal)) return { reason: 'interrupted', error: null };
        if (step.value.type === 'end') return this.#takeEnd(step.value);
        await this.#take(step.value);
      }
    } finally {
      void events.return().catch(() => undefined);
    }
  }

  #takeEnd({ reason, error, usage }: Extract<AgentEvent, { type: 'end' }>): End {
    this.#usage = usage;
    return { reason, error };
  }

  async #take(event: AgentEvent): Promise<void> {
    switch (event.type) {
      case 'delta':
      case 'call_delta':
      case 'result':
        return this.#rows.stream.say(toPiece(event));
      case 'model':
        this.#model = event.reference;
        return this.#rows.change({ model: event.reference });
      case 'usage':
        this.#usage = event.usage;
        return;
      case 'notice':
        return this.#rows.notice(event);
      case 'compacted':
        return this.#rows.keepContext(event.messages);
      case 'message':
        return this.#takeMessage(event.message);
      case 'end':
        return;
    }
  }

  async #takeMessage(message: AgentMessage): Promise<void> {
    if (message.role === 'user' && this.#steered.shift() !== undefined) return;
    await this.#rows.keepMessage(message, this.#usage);
    const sessionId = this.plan.session.id;
    if (message.role === 'tool')
      for (const { callId } of message.results) this.#parts.acknowledgeCall({ sessionId, callId });
    if (message.role !== 'assistant') return;
    const said = textOf(message);
    if (said !== '') this.#answer = said;
  }

  /** An agent of others is prompted with one message at a time. */
  async #takeSteering(asOne: boolean): Promise<AgentMessage[]> {
    if (this.plan.parent !== null) return [];
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

/** `over` at once when the hub leaves, and some time after a stop that the loop does not follow. */
const endingOf = (signal: AbortSignal): Disposable & { over: Promise<'over'> } => {
  const { promise: over, resolve } = Promise.withResolvers<'over'>();
  let timer: NodeJS.Timeout | undefined;
  const onAbort = (): void => {
    if (isLeaving(signal)) resolve('over');
    else timer = setTimeout(() => resolve('over'), stopDeadlineMs);
  };
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  return {
    over,
    [Symbol.dispose]: () => {
      signal.removeEventListener('abort', onAbort);
      clearTimeout(timer);
    },
  };
};

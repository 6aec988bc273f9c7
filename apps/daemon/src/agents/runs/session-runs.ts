/** All runs of the hub: at most one of each conversation, and those that other services order (A3). */
import { type Activity, NavisError, newId, type Session } from '@navisai/protocol';
import type { RunRecord } from '@navisai/store';
import type { RunOrder, RunOutcome, Runs } from '../agents.types.ts';
import { LiveRun } from './live-run.ts';
import type { LiveRunParts, RunPlan } from './live-run.types.ts';
import { followsSettings, type KeptOrder, orderOf, orderOfSession, type SettingsParts } from './run-order.ts';
import { addTask, outcomeOf } from './ordered-runs.ts';

export type SessionRunsParts = Omit<LiveRunParts, 'onChange'> &
  SettingsParts & {
    /** What the sessions show of their agents changed. */
    onActivity(sessionId: string): void;
  };

/** Runs that go on at once in the whole hub. */
const maxRuns = 1000;

export class SessionRuns implements Runs {
  readonly #parts: LiveRunParts & SettingsParts;
  /** Runs under way, by their id. */
  readonly #live = new Map<string, LiveRun>();
  /** The one of each conversation. */
  readonly #roots = new Map<string, LiveRun>();
  #isLeaving = false;

  constructor({ onActivity, ...parts }: SessionRunsParts) {
    this.#parts = { ...parts, onChange: onActivity };
  }

  /** The run of the conversation itself. */
  current(sessionId: string): LiveRun | undefined {
    return this.#roots.get(sessionId);
  }

  isUnderWay(runId: string): boolean {
    return this.#live.has(runId);
  }

  activityOf(sessionId: string): Activity {
    const root = this.current(sessionId);
    if (root === undefined) return null;
    return root.isWaiting ? 'waiting' : 'running';
  }

  /** Begins a run with what the conversation holds. Throws CONFLICT while one goes on. */
  begin(session: Session, continues: RunRecord | null = null): LiveRun {
    const kept = continues === null || followsSettings(continues) ? null : orderOf(continues);
    const order = async (): Promise<KeptOrder> => kept ?? orderOfSession(session, this.#parts);
    return this.#begin({ id: newId('run'), session, order, parent: null, continues });
  }

  async run(order: RunOrder): Promise<RunOutcome> {
    try {
      return await (order.parent === null ? this.#runTask(order) : this.#runChild(order, order.parent));
    } catch (error) {
      this.#parts.log.error({ err: error, sessionId: order.session.id }, 'an ordered run broke');
      const failure = { code: 'INTERNAL', message: 'The run could not be started.' };
      const known = error instanceof NavisError ? { code: error.code, message: error.message } : failure;
      return { runId: newId('run'), reason: 'failed', answer: '', error: known };
    }
  }

  /** A call of this run, or of one that it started, begins or ends to wait for a person. */
  setWaiting(runId: string | null, callId: string, isWaiting: boolean): void {
    for (let run = this.#live.get(runId ?? ''); run !== undefined; run = this.#live.get(run.plan.parent?.runId ?? ''))
      run.setWaiting(`${runId}/${callId}`, isWaiting);
  }

  /** Ends what the conversation's agent does; answers whether it did anything. */
  async stop(sessionId: string): Promise<boolean> {
    const runs = Array.from(this.#live.values()).filter(({ plan }) => plan.session.id === sessionId);
    for (const run of runs) run.stop();
    await Promise.all(runs.map(({ ended }) => ended));
    return runs.length > 0;
  }

  /** The hub leaves: every run is marked as interrupted, and what it started goes on. */
  async leave(): Promise<void> {
    this.#isLeaving = true;
    const runs = Array.from(this.#live.values());
    for (const run of runs) run.leave();
    await Promise.all(runs.map(({ ended }) => ended));
  }

  #begin(plan: RunPlan): LiveRun {
    if (this.#isLeaving) throw new NavisError('DEGRADED', 'The hub is stopping.');
    const sessionId = plan.session.id;
    if (this.#live.size >= maxRuns) throw new NavisError('RATE_LIMITED', `${maxRuns} agents are at work already.`);
    if (plan.parent === null && this.#roots.has(sessionId))
      throw new NavisError('CONFLICT', 'The agent of this conversation is at work. Stop it first.');
    const run = new LiveRun(plan, this.#parts);
    this.#live.set(run.id, run);
    if (plan.parent === null) this.#roots.set(sessionId, run);
    void run.ended.then(() => {
      this.#live.delete(run.id);
      if (plan.parent === null) this.#roots.delete(sessionId);
      this.#parts.onChange(sessionId);
      if (plan.parent === null && !run.isStopping) void this.#goOn(plan.session);
    });
    return run;
  }

  /** What was said too late for the run that ended begins another. */
  async #goOn({ id }: Session): Promise<void> {
    try {
      const { conversations, sessions } = this.#parts.keeper.store.read;
      const waiting = await conversations.waiting(id);
      const session = await sessions.get(id);
      if (session === undefined || this.#roots.has(id) || this.#isLeaving) return;
      if (waiting.some(({ kind }) => kind === 'message')) this.begin(session);
      else if (waiting.length > 0)
        await this.#parts.feed.transaction((writer) => writer.conversations.takeWaiting(id, null));
    } catch (error) {
      this.#parts.log.error({ err: error, sessionId: id }, 'a conversation could not go on');
    }
  }

  /** In the conversation itself, after what its agent does now. */
  async #runTask({ session, actor, task, model, signal, loop }: RunOrder): Promise<RunOutcome> {
    for (let root = this.current(session.id); root !== undefined; root = this.current(session.id)) await root.ended;
    const { session: _session, onUnanswerable, ...kept } = actor;
    const id = newId('run');
    const order = async (): Promise<KeptOrder> => {
      await addTask(this.#parts, { session, actor, task, thread: '', runId: id });
      return { thread: '', actor: kept, model };
    };
    return this.#following(
      { id, session, order, parent: null, continues: null, loop: loop?.(id), onUnanswerable },
      signal,
    );
  }

  /** In a thread of its own; asked again after a crash, the same call finds what became of its run. */
  async #runChild(
    { session, actor, task, model, signal, loop }: RunOrder,
    parent: { runId: string; callId: string },
  ): Promise<RunOutcome> {
    const { conversations } = this.#parts.keeper.store.read;
    const earlier = (await conversations.runOfCall(session.id, parent.callId)) ?? null;
    if (earlier !== null && earlier.state !== 'interrupted') return outcomeOf(this.#parts, earlier);
    const id = newId('run');
    const thread = (earlier === null ? undefined : orderOf(earlier)?.thread) ?? id;
    const { session: _session, onUnanswerable, ...kept } = actor;
    const order = async (): Promise<KeptOrder> => {
      if (thread === id) await addTask(this.#parts, { session, actor, task, thread, runId: id });
      return { thread, actor: kept, model };
    };
    return this.#following(
      { id, session, order, parent, continues: earlier, loop: loop?.(id), onUnanswerable },
      signal,
    );
  }

  async #following(plan: RunPlan, signal: AbortSignal): Promise<RunOutcome> {
    const run = this.#begin(plan);
    const onAbort = (): void => (this.#isLeaving ? run.leave() : run.stop());
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    try {
      return await run.ended;
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }
}

/** Carries a recall out: its conversation, its permissions, the run, and what ends it early (A5). */
import { NavisError, type Recall, type RecallRun, type Session, toErrorBody } from '@navisai/protocol';
import type { StoreFeed, StoreKeeper } from '@navisai/store';
import type { Profiles, RunOutcome, Runs } from '../agents.types.ts';
import { actorOf } from './permissions.ts';
import type { CarryOut, Clock, RecallOutcome, RecallWork } from './recalls.types.ts';

export interface CarryOutParts {
  keeper: StoreKeeper;
  feed: StoreFeed;
  clock: Clock;
  profiles: Profiles;
  runs: Runs;
  findNode(idOrName: string): { id: string } | undefined;
  /** A conversation with an agent of the recall's profile. */
  openSession(recall: Recall): Promise<Session>;
  /** The run of an earlier attempt that goes on in this conversation, such as one that waited for an answer. */
  adopt?(session: Session, signal: AbortSignal): Promise<RunOutcome> | undefined;
}

/** Of what the agent said last. */
const maxAnswerLength = 4000;
/** A run that was told to stop is waited for so long. */
const stopPatienceMs = 15_000;

export const createCarryOut =
  (parts: CarryOutParts): CarryOut =>
  async (work) => {
    try {
      return await carryOut(parts, work);
    } catch (error) {
      const { code, message } = toErrorBody(error);
      return { state: 'failed', runId: null, answer: null, error: { code, message } };
    }
  };

const carryOut = async (parts: CarryOutParts, { recall, run, signal }: RecallWork): Promise<RecallOutcome> => {
  const { profile } = await parts.profiles.get(recall.profile);
  const session = await placeOf(parts, { recall, run });
  const early = new AbortController();
  let reason: RecallOutcome['error'] = null;
  const end = (code: string, message: string): void => {
    reason ??= { code, message };
    early.abort();
  };
  const cancel = parts.clock.setTimer(
    () => end('DEADLINE', `It took longer than ${recall.limitMinutes} minutes and was stopped.`),
    recall.limitMinutes * 60_000,
  );
  const onUnanswerable = (question: string): void =>
    end('APPROVAL_REQUIRED', `It would have needed to ask, and nobody may answer: ${question}`.slice(0, 1000));
  const both = AbortSignal.any([signal, early.signal]);
  try {
    const order = {
      session,
      actor: actorOf({ recall, profile, session, findNode: parts.findNode, onUnanswerable }),
      task: taskOf(recall, run),
      parent: null,
      model: recall.model ?? (profile.model === undefined ? null : [profile.model].flat()),
      signal: both,
    };
    const adopted = run.attempt > 1 ? parts.adopt?.(session, both) : undefined;
    const running = adopted ?? parts.runs.run(order);
    return outcomeOf(await endsSoonAfter(parts, { running, signal: both }), reason);
  } finally {
    cancel();
  }
};

/** Its conversation; one of its own is made when it has none, or when that was closed. */
const placeOf = async (parts: CarryOutParts, { recall, run }: Omit<RecallWork, 'signal'>): Promise<Session> => {
  const known = recall.sessionId === null ? undefined : await parts.keeper.store.read.sessions.get(recall.sessionId);
  if (known !== undefined) return known;
  if (!recall.ownsSession) throw new NavisError('NOT_FOUND', 'The conversation that it works in was closed.');
  const session = await parts.openSession(recall);
  const place = { recallId: recall.id, id: run.id, sessionId: session.id };
  await parts.feed.transaction(({ recalls }) => recalls.placeRun(place));
  return session;
};

const taskOf = ({ title, task, permissions }: Recall, { dueAt, attempt, missed, cause }: RecallRun): string => {
  const notes = [
    cause === 'asked' ? `This is the recall "${title}", started now.` : `This is the recall "${title}", due ${dueAt}.`,
    ...(missed > 0 ? [`It was due ${missed} times before and did not run; this run stands for them.`] : []),
    ...(attempt > 1 ? ['It was begun before and interrupted: look first at what is already done.'] : []),
    ...(permissions.mayAsk ? [] : ['Nobody can be asked for approval: what would need it ends this run.']),
  ];
  return `${task}\n\n[${notes.join(' ')}]`;
};

/** Runs end with their signal; one that does not is left behind, so that its recall can go on. */
const endsSoonAfter = async (
  { clock }: CarryOutParts,
  { running, signal }: { running: Promise<RunOutcome>; signal: AbortSignal },
): Promise<RunOutcome | undefined> => {
  const patience = Promise.withResolvers<undefined>();
  let cancel = (): void => undefined;
  const onAbort = (): void => {
    cancel = clock.setTimer(() => patience.resolve(undefined), stopPatienceMs);
  };
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([running, patience.promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
    cancel();
  }
};

const states = {
  completed: 'completed',
  stopped: 'stopped',
  failed: 'failed',
  budget: 'failed',
  interrupted: 'interrupted',
} as const satisfies Record<RunOutcome['reason'], RecallOutcome['state']>;

const outcomeOf = (outcome: RunOutcome | undefined, early: RecallOutcome['error']): RecallOutcome => {
  const runId = outcome?.runId ?? null;
  const answer = outcome === undefined || outcome.answer === '' ? null : outcome.answer.slice(-maxAnswerLength);
  if (early !== null) return { state: 'failed', runId, answer, error: early };
  if (outcome === undefined) return { state: 'stopped', runId, answer, error: null };
  return { state: states[outcome.reason], runId, answer, error: outcome.error };
};

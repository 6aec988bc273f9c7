/** The seams of recalls: the clock, what carries a task out, and what others may do with recalls. */
import type { Recall, RecallRun } from '@navisai/protocol';
import type { Actor } from '../agents.types.ts';

/** Time as a computer knows it: the wall clock may jump, the monotonic one never does. */
export interface Clock {
  now(): number;
  monotonic(): number;
  /** Answers what calls it off. */
  setTimer(work: () => void, ms: number): () => void;
}

export interface RecallWork {
  recall: Recall;
  run: RecallRun;
  signal: AbortSignal;
}

export interface RecallOutcome {
  state: 'completed' | 'failed' | 'stopped' | 'interrupted';
  runId: string | null;
  answer: string | null;
  error: { code: string; message: string } | null;
}

/** Does the task of a claimed recall. Never rejects; ends soon after `signal`. */
export type CarryOut = (work: RecallWork) => Promise<RecallOutcome>;

/** Something that the person who made the recall wants to be told. */
export interface RecallAlarm {
  recall: Recall;
  run: RecallRun;
}

/** Who wants a recall. */
export interface RecallMaker {
  userId: string;
  name: string;
  /** Whose rights bound those of the recall; absent: a person. */
  actor?: Actor | undefined;
}

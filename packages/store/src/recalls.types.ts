/** The port of recalls: kept, claimed by one atomic update with a lease, and fenced by a token (A5, N11). */
import type { Recall, RecallRun } from '@navisai/protocol';

/** What the store keeps of a recall; who carries it out, and how it went, stands beside it. */
export type RecallFacts = Omit<Recall, 'isRunning' | 'lastRun'>;

export interface RecallClaim {
  /** Names one process. */
  by: string;
  leaseUntil: string;
  token: number;
}

export interface StoredRecall {
  recall: Recall;
  /** Somebody wants it now, since then. */
  askedAt: string | null;
  claim: RecallClaim | null;
}

export interface RecallReader {
  get(id: string): Promise<StoredRecall | undefined>;
  /** Newest first. */
  list(request: { userId: string; limit: number }): Promise<StoredRecall[]>;
  /** Nobody carries them out and their time has come, or somebody wants them now; the longest due first. */
  due(request: { now: string; limit: number }): Promise<StoredRecall[]>;
  /** Those that somebody carries out, or died while doing so. */
  claimed(): Promise<StoredRecall[]>;
  /** Those with a time to come. */
  scheduled(): Promise<StoredRecall[]>;
  /** When the next one is due that nobody carries out. */
  nextDueAt(): Promise<string | null>;
  /** Newest first. */
  runs(request: { recallId: string; limit: number }): Promise<RecallRun[]>;
  /** Of a user, that run now or will. */
  countActive(userId: string): Promise<number>;
}

/** A claim of what `due` answered: it counts only if nothing of it changed since. */
export interface NewClaim {
  seen: StoredRecall;
  by: string;
  leaseUntil: string;
  /** When it is due again. */
  nextAt: string | null;
}

/** The claim of somebody who is no longer there. */
export interface Takeover {
  id: string;
  seen: RecallClaim;
  by: string;
  leaseUntil: string;
}

export interface RunEnd {
  id: string;
  token: number;
  state: Exclude<RecallRun['state'], 'running' | 'missed'>;
  at: string;
  runId: string | null;
  answer: string | null;
  error: RecallRun['error'];
}

export interface RecallWriter extends RecallReader {
  create(recall: RecallFacts, askedAt: string | null): Promise<void>;
  /** Its time is set anew with `nextAt`. */
  change(id: string, change: Partial<RecallFacts>): Promise<boolean>;
  remove(id: string): Promise<boolean>;
  /** Answers false when somebody asked before and it has not begun. */
  ask(id: string, at: string): Promise<boolean>;
  /** One atomic update; answers the fencing token, or `undefined` when somebody was faster. */
  claim(claim: NewClaim): Promise<number | undefined>;
  /** Likewise, where the lease did not move since it was seen. */
  takeOver(takeover: Takeover): Promise<number | undefined>;
  /** Answers false when the claim is no longer this one's. */
  renew(renewal: { id: string; token: number; leaseUntil: string }): Promise<boolean>;
  /** Gives the recall free; answers false when the claim is no longer this one's. */
  release(claim: { id: string; token: number }): Promise<boolean>;
  /** Moves the time of what nobody carries out; answers a token of its own, or `undefined` when it changed meanwhile. */
  move(request: { id: string; from: string; to: string | null }): Promise<number | undefined>;
  /** Becomes the recall's newest; the oldest of a long history go. */
  addRun(run: RecallRun): Promise<void>;
  /** Tells the conversation that a run takes place in; it becomes the recall's. */
  placeRun(place: { recallId: string; id: string; sessionId: string }): Promise<void>;
  endRun(end: RunEnd): Promise<RecallRun | undefined>;
  /** Forgets the oldest of the user's recalls that will not run again, beyond `keep`. */
  prune(request: { userId: string; keep: number }): Promise<void>;
}

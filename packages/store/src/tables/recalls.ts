/** Tables of scheduled tasks and their history (A5). */
export interface RecallTables {
  recalls: {
    id: string;
    user_id: string;
    instance_id: string;
    /** Everything that nobody searches for: JSON. */
    data: string;
    session_id: string | null;
    paused: number;
    next_at: string | null;
    /** Somebody wants it now. */
    asked_at: string | null;
    claimed_by: string | null;
    lease_until: string | null;
    /** Counts the claims; only the newest may write (N11). */
    token: number;
    /** The newest attempt. */
    run_id: string | null;
    created_at: string;
  };
  recall_runs: {
    id: string;
    recall_id: string;
    due_at: string;
    cause: string;
    state: string;
    attempt: number;
    missed: number;
    claimed_by: string;
    token: number;
    started_at: string;
    ended_at: string | null;
    session_id: string | null;
    run_id: string | null;
    answer: string | null;
    error: string | null;
  };
}

export const recallTables: readonly string[] = [
  `create table recalls (id text primary key, user_id text not null, instance_id text not null, data text not null,
     session_id text, paused integer not null, next_at text, asked_at text, claimed_by text, lease_until text,
     token bigint not null, run_id text, created_at text not null)`,
  `create index recalls_by_age on recalls (user_id, created_at, id)`,
  `create index recalls_due on recalls (next_at) where claimed_by is null and paused = 0 and next_at is not null`,
  `create index recalls_asked on recalls (asked_at) where claimed_by is null and asked_at is not null`,
  `create index recalls_claimed on recalls (lease_until) where claimed_by is not null`,
  `create table recall_runs (id text primary key, recall_id text not null, due_at text not null, cause text not null,
     state text not null, attempt integer not null, missed integer not null, claimed_by text not null,
     token bigint not null, started_at text not null, ended_at text, session_id text, run_id text, answer text,
     error text)`,
  `create index recall_runs_by_age on recall_runs (recall_id, started_at, id)`,
];

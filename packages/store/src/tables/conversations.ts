/** Tables of conversations: messages as a model reads them, runs, attached and published files (A3). */
import type { ColumnType } from 'kysely';

/** Written once. */
type Fixed<T> = ColumnType<T, T, never>;

export interface ConversationTables {
  agent_sessions: { session_id: Fixed<string>; settings: string; remembered: string | null };
  message_counters: { session_id: Fixed<string>; last: number };
  messages: {
    id: Fixed<string>;
    session_id: Fixed<string>;
    /** Empty for the conversation itself, else the run of a sub-agent. */
    thread: Fixed<string>;
    position: number;
    /** 1: said while a run went on, and not taken by it yet. */
    is_waiting: number;
    /** 1: edited, tried again or otherwise out of the context; still readable. */
    is_aside: number;
    run_id: string | null;
    kind: Fixed<string>;
    body: Fixed<string>;
    text: Fixed<string | null>;
    seq: Fixed<number | null>;
    at: Fixed<string>;
  };
  runs: {
    id: Fixed<string>;
    session_id: Fixed<string>;
    kind: Fixed<string>;
    parent_run: Fixed<string | null>;
    parent_call: Fixed<string | null>;
    state: string;
    profile: Fixed<string>;
    model: string | null;
    node_id: Fixed<string>;
    instance_id: Fixed<string>;
    order: Fixed<string>;
    start_seq: number;
    started_at: Fixed<string>;
    ended_at: string | null;
    usage: string;
    error: string | null;
  };
  prompts: { session_id: Fixed<string>; run_id: string; prompt: string };
  hub_calls: { session_id: Fixed<string>; call_id: Fixed<string>; result: string | null; at: Fixed<string> };
  contents: {
    id: Fixed<string>;
    session_id: Fixed<string>;
    name: Fixed<string>;
    media_type: Fixed<string>;
    size_bytes: Fixed<number>;
    instance_id: Fixed<string>;
    created_at: Fixed<string>;
  };
}

export const conversationTables: readonly string[] = [
  `create table agent_sessions (session_id text primary key, settings text not null)`,
  `create table message_counters (session_id text primary key, last bigint not null)`,
  `create table messages (id text primary key, session_id text not null, thread text not null,
     position bigint not null, is_waiting integer not null, is_aside integer not null, run_id text, kind text not null,
     body text not null, text text, seq bigint, at text not null)`,
  `create unique index messages_by_position on messages (session_id, thread, position)`,
  `create index messages_waiting on messages (session_id) where is_waiting = 1`,
  `create index messages_with_text on messages (at) where text is not null`,
  `create table runs (id text primary key, session_id text not null, kind text not null, parent_run text,
     parent_call text, state text not null, profile text not null, model text, node_id text not null,
     instance_id text not null, "order" text not null, start_seq bigint not null, started_at text not null,
     ended_at text, usage text not null, error text)`,
  `create index runs_by_age on runs (session_id, started_at, id)`,
  `create index runs_by_call on runs (session_id, parent_call) where parent_call is not null`,
  `create index runs_unfinished on runs (started_at) where ended_at is null`,
  `create table prompts (session_id text primary key, run_id text not null, prompt text not null)`,
  `create table contents (id text not null, session_id text not null, name text not null, media_type text not null,
     size_bytes bigint not null, instance_id text not null, created_at text not null, primary key (session_id, id))`,
];

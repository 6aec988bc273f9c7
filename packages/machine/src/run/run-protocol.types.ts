/** What the hub asks a run-host over the supervisor protocol. Append-only within a protocol version. */
import type { RunEnd, RunRequest } from '../machine.types.ts';

export interface StreamLengths {
  totalBytes: number;
  /** In the payload: the head of stdout, its tail, then those of stderr. */
  headBytes: number;
  tailBytes: number;
}

export interface RunAnswer {
  end: RunEnd;
  startedAt: string;
  endedAt: string;
  stdout: StreamLengths;
  stderr: StreamLengths;
  warnings: string[];
}

export interface ReadRequest {
  callId: string;
  stdout: number;
  stderr: number;
  maxBytes: number;
  /** How long to wait when nothing is there. */
  waitMs: number;
}

export interface ReadAnswer {
  /** In the payload: bytes of stdout, then those of stderr. */
  stdout: { offset: number; bytes: number; totalBytes: number };
  stderr: { offset: number; bytes: number; totalBytes: number };
  /** Set once the call has ended; more bytes may still follow. */
  end: RunEnd | null;
}

/** A type alias, so that it fits the index signature of `Methods`. */
export type RunHostMethods = {
  /** Starts the call and answers at its end; an id that is taken answers CONFLICT. */
  run: { params: RunRequest; result: RunAnswer };
  /** Answers at the end of a call under way here; NOT_FOUND else. */
  join: { params: { callId: string }; result: RunAnswer };
  read: { params: ReadRequest; result: ReadAnswer };
  signal: { params: { callId: string; signal: NodeJS.Signals }; result: null };
  cancel: { params: { callId: string }; result: null };
  /** Takes no more calls and exits after the last. */
  retire: { params: null; result: null };
  /** Ends every call with its tree, then exits. */
  stop: { params: null; result: null };
};

/** Keeps the whole output of a call that ran in a terminal, so that it stays readable after the terminal is closed (T3). */

export interface KeepRequest {
  callId: string;
  sessionId: string;
  command: string;
  /** Bytes of the terminal from `from` on, at most `maxBytes`; empty at the end. */
  read(from: number, maxBytes: number): Promise<Uint8Array>;
  totalBytes: number;
  end: { exitCode: number | null; signal: string | null };
}

export interface OutputKeeper {
  /** Resolves with a warning when it could not be kept. */
  keep(request: KeepRequest): Promise<string | null>;
}

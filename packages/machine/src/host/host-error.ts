/** An error of a host as it crosses the supervisor protocol; the hub's side turns it into a NavisError of the same code. */
import type { ErrorCode } from '@navisai/protocol';

/** Hosts do not load the whole contract (memory, start), so this is not a NavisError itself. */
export class HostError extends Error {
  readonly code: ErrorCode;
  readonly details: Record<string, unknown> | undefined;

  constructor(code: ErrorCode, message: string, details?: Record<string, unknown>) {
    super(message);
    this.code = code;
    this.details = details;
  }
}

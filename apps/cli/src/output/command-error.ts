/** A failure of a command as the person reads it: what happened, what is affected, what to do. */

/** The same as INVALID_ARGUMENT in the error table of the protocol. */
const usageExitCode = 2;

export interface FailureFacts {
  /** Short and stable, for scripts. */
  code: string;
  exitCode: number;
  /** What was or was not done because of it. */
  affects?: string | undefined;
  /** A sentence or a command. */
  remedy?: string | undefined;
}

export class CommandError extends Error {
  readonly facts: FailureFacts;

  constructor(message: string, facts: FailureFacts) {
    super(message);
    this.name = 'CommandError';
    this.facts = facts;
  }
}

/** A mistake in how a command was called: exit code 2, and a word on what would be right. */
export const usageError = (message: string, remedy?: string): CommandError =>
  new CommandError(message, { code: 'USAGE', exitCode: usageExitCode, affects: 'Nothing was done.', remedy });

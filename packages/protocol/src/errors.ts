/** Every error of the product: its code, its HTTP status and the CLI's exit code, in one table. */

interface ErrorRow {
  readonly http: number;
  readonly exit: number;
  /** What is said when the thrower has nothing better to say. */
  readonly message: string;
}

const row = (http: number, exit: number, message: string): ErrorRow => ({ http, exit, message });

/** Exit codes: 1 the command or call failed, 2 wrong usage, 3 not reachable, 4 not allowed, 5 not found, 6 conflict, 7 degraded or overloaded, 124 timeout. */
export const errorTable = {
  INVALID_REQUEST: row(400, 2, 'The request is not valid.'),
  INVALID_ARGUMENT: row(400, 2, 'An argument is not valid.'),
  UNAUTHORIZED: row(401, 4, 'This device is not known to the hub, or its signature is not valid.'),
  CLOCK_SKEW: row(401, 4, "This device's clock differs too much from the hub's."),
  FORBIDDEN: row(403, 4, 'This device may not do that.'),
  NOT_FOUND: row(404, 5, 'There is no such thing here.'),
  CONFLICT: row(409, 6, 'That is not possible in the present state.'),
  PAYLOAD_TOO_LARGE: row(413, 2, 'The request is too large.'),
  RATE_LIMITED: row(429, 7, 'Too many requests. Wait a little and try again.'),
  INTERNAL: row(500, 1, 'Something went wrong inside Navis. The log has the details: navisai logs.'),
  DEGRADED: row(
    503,
    7,
    'The hub runs in degraded mode and refuses this until its store works again. See: navisai doctor.',
  ),
  HUB_UNREACHABLE: row(503, 3, 'The hub does not answer. Start it with: navisai up.'),

  timeout: row(200, 124, 'The command ran longer than its timeout; it was ended with everything it started.'),
  NON_ZERO_EXIT: row(200, 1, 'The command ended with a non-zero exit code.'),
  KILLED_BY_SIGNAL: row(200, 1, 'The command was ended by a signal.'),
  CANCELLED: row(200, 130, 'The call was cancelled; what it started was ended.'),
  INTERRUPTED: row(200, 1, 'The machine stopped before this call ended. It was not run again.'),
  SPAWN_FAILED: row(200, 1, 'The command could not be started.'),
  WORKING_DIR: row(200, 2, 'The working directory cannot be used.'),
  COMMAND_NOT_ALLOWED: row(200, 4, 'This program is not among the allowed commands.'),
  POLICY_DENIED: row(200, 4, 'The policy of this machine does not allow that.'),
  SANDBOX_UNAVAILABLE: row(
    200,
    7,
    'This machine has a ceiling, and nothing here can enforce it. Install bubblewrap. Nothing was started.',
  ),
  TERMINAL_EXISTS: row(200, 6, 'A terminal of this name is already open in this session.'),
  TERMINAL_LIMIT: row(200, 6, 'This session has its full number of terminals.'),
  TERMINAL_NOT_FOUND: row(200, 5, 'There is no terminal of this name in this session.'),
  TERMINAL_EXITED: row(200, 6, 'The program in this terminal has ended.'),
  TERMINAL_FOREGROUND: row(200, 6, 'This terminal runs a foreground command and takes no input.'),
  TERMINAL_BUSY: row(200, 6, 'The shell in this terminal is running something.'),
  NOT_A_SHELL: row(200, 6, 'This terminal is not at the prompt of bash, zsh, fish or sh.'),
  BACK_PRESSURE: row(200, 1, 'The program in this terminal does not read its input.'),
  HOST_UNAVAILABLE: row(200, 7, 'The process that keeps the terminals could not be started or does not answer.'),
  TOOL_UNKNOWN: row(404, 5, 'There is no such tool.'),
  NODE_UNKNOWN: row(200, 5, 'There is no node of this id.'),
  NODE_OFFLINE: row(200, 3, 'This node is not connected.'),
  NODE_DRAINING: row(200, 6, 'This node is being drained and takes no new work.'),
  NODE_KEY: row(401, 4, 'This node key is wrong, used, revoked or too old. Make another: navisai nodes rekey.'),
  NODE_REPLACED: row(409, 6, 'Another process took the place of this node. It stays down until it is started again.'),
  NODE_REVOKED: row(403, 4, 'This node was revoked at the hub.'),
  VERSION_MISMATCH: row(409, 6, 'Hub and node share no version of their protocol. Upgrade the older one.'),
  LINK_DOWN: row(200, 3, 'The link to this node is down. Nothing was sent.'),
  DEADLINE: row(200, 124, 'There was no answer before the deadline of this call; it was told to stop.'),
  FILE_CONFLICT: row(200, 6, 'The file is not as expected.'),
  FILE_NOT_FOUND: row(200, 5, 'There is no such file or directory.'),
  FILE_REFUSED: row(200, 1, 'The file system refused that.'),
  HOST_KEY: row(200, 4, 'The host key is unknown or has changed. Nothing was sent.'),
  CONTROL_REQUIRED: row(409, 6, 'Another viewer controls this terminal. Take control first.'),
  VIEWER_OVERFLOW: row(409, 7, 'This viewer read too slowly and was closed. Resume from its last offset.'),
} as const satisfies Record<string, ErrorRow>;

export type ErrorCode = keyof typeof errorTable;

export interface ErrorFacts {
  /** The argument, body or query field at fault. */
  field?: string;
  /** Further facts for the answer's body, such as `serverTime` or `accepted_bytes`. */
  details?: Record<string, unknown>;
  cause?: unknown;
}

/** An error whose code and message may be shown to the person as they are. */
export class NavisError extends Error {
  readonly code: ErrorCode;
  readonly field: string | undefined;
  readonly details: Record<string, unknown> | undefined;

  constructor(code: ErrorCode, message?: string, facts: ErrorFacts = {}) {
    super(message ?? errorTable[code].message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.name = 'NavisError';
    this.code = code;
    this.field = facts.field;
    this.details = facts.details;
  }

  get httpStatus(): number {
    const status = errorTable[this.code].http;
    return status === 200 ? 409 : status;
  }
}

export const isErrorCode = (value: unknown): value is ErrorCode =>
  typeof value === 'string' && Object.hasOwn(errorTable, value);

/** The body of every HTTP error (I10). */
export interface ErrorBody {
  code: ErrorCode;
  message: string;
  field?: string;
  [detail: string]: unknown;
}

/** Converts anything thrown to what may be shown: a NavisError as it is, the rest as INTERNAL without stack or path. */
export const toErrorBody = (error: unknown): ErrorBody => {
  if (!(error instanceof NavisError)) return { code: 'INTERNAL', message: errorTable.INTERNAL.message };
  return {
    ...error.details,
    code: error.code,
    message: error.message,
    ...(error.field === undefined ? {} : { field: error.field }),
  };
};

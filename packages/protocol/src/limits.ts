/** The numbers of the product that more than one room must agree on; each names the requirement it comes from. */

/** T6: seconds. */
export const timeoutSeconds = { default: 20, min: 1, max: 300 } as const;
/** T30: seconds that `wait_for` may wait. */
export const waitForSeconds = { default: 60, min: 1, max: 300 } as const;
/** T30. */
export const maxPatternLength = 512;
/** T16: per session, exited-but-not-closed ones included. */
export const maxTerminalsPerSession = 10;
/** T3: output beyond this is answered as head + tail with a marker. */
export const maxInlineOutputBytes = 256 * 1024;
/** T3: how much of one whole output stays readable. */
export const maxStoredOutputBytes = 64 * 1024 * 1024;
/** T3: all stored outputs together. */
export const maxStoredOutputsBytes = 5 * 1024 * 1024 * 1024;
/** T3. */
export const storedOutputDays = 7;
/** Terminal bytes kept on disk each (architecture, idea 1). */
export const retainedTerminalBytes = 64 * 1024 * 1024;
/** T1: until someone in control resizes. */
export const defaultTerminalSize = { columns: 120, rows: 40 } as const;
/** Larger screens than these are refused. */
export const maxTerminalSize = { columns: 1000, rows: 500 } as const;
/** T25. */
export const idleTerminal = { limitMinutes: 30, warningMinutes: 5, sweepSeconds: 60 } as const;
/** T21, T30. */
export const statusLines = { default: 20, min: 1, max: 1000 } as const;
/** T10. */
export const terminalNamePattern = /^(?!\.{1,2}$)[A-Za-z0-9._-]{1,64}$/;
/** Of nodes. */
export const nodeNamePattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;
/** A4: ids of providers of models. */
export const modelProviderIdPattern = /^[a-z0-9][a-z0-9-]{0,31}$/;
/** T4: below Linux's limit for one argument (128 KiB). */
export const maxCommandBytes = 100 * 1024;
/** T22. */
export const maxInputBytes = 1024 * 1024;
export const maxDescriptionLength = 500;
export const maxPathLength = 4096;
/** I10: a larger body answers 413. */
export const maxBodyBytes = 8 * 1024 * 1024;
/** Largest WebSocket message that the hub reads. */
export const maxFrameBytes = 2 * 1024 * 1024;
/** I13. */
export const clockToleranceMs = 5 * 60 * 1000;
/** I14. */
export const pairingTokenMinutes = 10;
/** I3, I5. */
export const defaultPort = 47621;
/** N9: stored stream deltas are batched at most this long. */
export const deltaBatchMs = 250;
/** A viewer's default credit: bytes that may be under way to it unacknowledged. */
export const viewerWindowBytes = 256 * 1024;
/** One read of terminal history over HTTP. */
export const maxHistoryReadBytes = 4 * 1024 * 1024;
/** One page of any list. */
export const pageSize = { default: 100, max: 500 } as const;
/** Bytes of a file that one `read` answers with. */
export const maxFileReadBytes = 256 * 1024;
/** Content of one `write`, and each side of a `diff`. */
export const maxFileWriteBytes = 1024 * 1024;
/** A file that `edit` changes. */
export const maxFileEditBytes = 4 * 1024 * 1024;
/** Replacements in one `edit`. */
export const maxFileEdits = 100;
/** The unified diff in a result. */
export const maxDiffBytes = 32 * 1024;
/** Entries of one page of `list`, and results of one `find` or `grep`. */
export const fileResults = { default: 200, max: 2000 } as const;
/** Entries that one `find` or `grep` looks at. */
export const maxVisitedEntries = 200_000;
/** Entries that one `copy` or `delete` of a directory takes; more are refused before anything is done. */
export const maxTreeEntries = 100_000;
/** Of a file that `grep` searches; larger ones are skipped and counted. */
export const maxSearchedFileBytes = 64 * 1024 * 1024;
/** Directories that `find` and `grep` leave out unless `exclude` says otherwise. */
export const excludedNames = ['.git', 'node_modules'] as const;
/** One piece of a file on its way between two machines. */
export const maxFilePieceBytes = 1024 * 1024;
/** Code of one `code_exec`. */
export const maxCodeBytes = 100 * 1024;
/** Text on standard input of one `code_exec`. */
export const maxStdinBytes = 64 * 1024;
/** Characters of one message of a person. */
export const maxMessageLength = 256 * 1024;
/** Of one message. */
export const maxAttachments = 20;

/** What a program gives a machine; programs read their environment and configuration, packages do not. */
import type { Owner } from '@navisai/policy';

export interface MachineOptions {
  /** Where records, logs and outputs are kept (`$NAVIS_HOME`); one machine at a time uses it. */
  stateDirectory: string;
  /** `$XDG_RUNTIME_DIR`, for sockets. */
  runtimeDirectory?: string | undefined;
  /** The person's home directory and language (`HOME`, `LANG`). */
  home: string;
  language?: string | undefined;
  nodeId: string;
  /** `TERMINAL_ALLOWED_COMMANDS`, `undefined` when it is unset (T27). */
  allowedCommands?: string | undefined;
  /** The node's own `policy.json` (N12); undefined: this machine has no ceiling. */
  ceilingFile?: string | undefined;
  /** What no agent's command may see, and no command at all when a ceiling is set, besides `stateDirectory`: keys, configuration. */
  hiddenPaths?: readonly string[] | undefined;
  /** Code of the program: read only for agents, hidden when a ceiling is set; default: where this code lies, for agents only. */
  programPaths?: readonly string[] | undefined;
  /** Where projects are looked for; default: the home directory (I18). */
  projectRoots?: readonly string[] | undefined;
  /** Whose approvals count here (N12): pinned at join; undefined or null: nobody's, so that what asks is refused. */
  owner?: (() => Owner | null) | undefined;
  /** T25; default 30 minutes. */
  idleLimitMs?: number | undefined;
  /** Told of failures that are not a caller's fault, to be logged. */
  onUnexpected?: ((error: unknown) => void) | undefined;
}
